/*
 * courier_switch.c - IMAPDSTART and its kin close ports that master.cf lists,
 * MAXDAEMONS limits sessions
 *
 * Courier keeps the switches for TLS in files of their own (imapd-ssl), which
 * lie beside the others; what neither file says is yes.
 */

#include "master/courier_switch.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/courier.h"
#include "config/master_cf.h"
#include "config/places.h"

static const char *
option(const struct master_row *row, const char *name)
{
	for (size_t i = 0; i < row->n_options; i++)
		if (strcmp(row->options[i].name, name) == 0)
			return row->options[i].value;
	return NULL;
}

/* The file's word on name; yes when it is silent. */
static bool
says_no(const char *path, const char *name, struct why *why)
{
	struct courier *c = courier_load(path, true, why);
	bool on = true;

	if (c == NULL)
		return false;
	if (!courier_yes(c, name, true, &on, why))
		on = true;
	courier_free(&c);
	return !on;
}

static bool
is_sieve(const char *service)
{
	const char *colon = strrchr(service, ':');
	const char *name = colon == NULL ? service : colon + 1;

	return strcmp(name, "sieve") == 0 || strcmp(name, "managesieve") == 0 ||
	    strcmp(name, "4190") == 0;
}

bool
courier_switched_off(
    const char *config_dir, const struct master_row *row, struct why *why)
{
	const char *protocol = option(row, "login_protocol");
	const char *wrapped = option(row, "tls_wrappermode");
	bool tls = wrapped != NULL && strcmp(wrapped, "yes") == 0;
	const char *service = row->column[MASTER_SERVICE];
	struct buf path = BUF_EMPTY;
	bool pop3, off;

	if (row->type != MASTER_INET ||
	    strcmp(row->column[MASTER_COMMAND], "login") != 0)
		return false;
	if (protocol == NULL && is_sieve(service))
		protocol = "sieve";
	if (protocol != NULL && strcmp(protocol, "sieve") == 0)
		return false; /* Courier has none */
	if (protocol == NULL)
		protocol = strncmp(service, "pop3", 4) == 0 ? "pop3" : "imap";
	pop3 = strcmp(protocol, "pop3") == 0;
	(void)places_find(config_dir, pop3 ? PLACE_POP3D : PLACE_IMAPD, &path);
	if (!tls) {
		off = says_no(
		    buf_str(&path), pop3 ? "POP3DSTART" : "IMAPDSTART", why);
	} else {
		const char *name = pop3 ? "POP3DSSLSTART" : "IMAPDSSLSTART";

		off = says_no(buf_str(&path), name, why);
		buf_add_str(&path, "-ssl");
		off = off || says_no(buf_str(&path), name, why);
	}
	buf_free(&path);
	return off;
}

int
courier_sessions(const char *config_dir, const struct master_row *row,
    int otherwise, struct why *why)
{
	const struct courier_range range = { 1, 1000000, otherwise };
	const char *program = row->column[MASTER_COMMAND];
	bool pop3 = strcmp(program, "pop3d") == 0;
	struct buf path = BUF_EMPTY;
	int64_t most = otherwise;
	struct courier *c;

	if (!pop3 && strcmp(program, "imapd") != 0)
		return otherwise;
	(void)places_find(config_dir, pop3 ? PLACE_POP3D : PLACE_IMAPD, &path);
	c = courier_load(buf_str(&path), true, why);
	if (c == NULL || !courier_number(c, "MAXDAEMONS", &range, &most, why))
		most = otherwise;
	courier_free(&c);
	buf_free(&path);
	return (int)most;
}
