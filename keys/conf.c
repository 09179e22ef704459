/*
 * conf.c - which keys there are, and who may have things signed with them
 *
 * The same parameters that tell a server its certificate tell us the key. A row
 * of master.cf may override them for its service, so that each row is asked
 * with its own -o options in force.
 */

#include "keys/conf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "config/courier.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "config/places.h"
#include "maps/sni_map.h"
#include "mauth/key_table.h"

static const struct {
	const char *program; /* of a row of master.cf */
	const char *parameter; /* a file, or several */
	unsigned roles;
} parameters[] = {
	/* login takes the mail server's certificate where it has none */
	{ "smtpd", "smtpd_tls_key_file", ROLE_SMTPD | ROLE_LOGIN },
	{ "smtpd", "smtpd_tls_eckey_file", ROLE_SMTPD | ROLE_LOGIN },
	{ "smtpd", "smtpd_tls_chain_files", ROLE_SMTPD | ROLE_LOGIN },
	{ "smtp", "smtp_tls_key_file", ROLE_SMTP },
	{ "smtp", "lmtp_tls_key_file", ROLE_SMTP },
};

unsigned
role_of_label(const char *label)
{
	static const struct {
		const char *label;
		unsigned role;
	} roles[] = {
		{ "smtpd", ROLE_SMTPD },
		{ "smtp", ROLE_SMTP },
		{ "login", ROLE_LOGIN },
		{ "pickup", ROLE_PICKUP },
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(label, roles[i].label) == 0)
			return roles[i].role;
	return 0;
}

struct walk {
	const char *folder;
	conf_key_fn *each;
	void *arg;
	struct why *why;
};

static bool
parameters_walk(
    const struct walk *w, const struct main_cf *m, const char *program)
{
	struct buf value = BUF_EMPTY;
	bool good = true;

	for (size_t i = 0;
	     good && i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		struct span rest, path;

		if (program != NULL &&
		    strcmp(program, parameters[i].program) != 0)
			continue;
		buf_clear(&value);
		good =
		    main_cf_value(m, parameters[i].parameter, &value, w->why);
		rest = buf_span(&value);
		while (good && param_list_next(&rest, &path))
			w->each(w->arg, path, parameters[i].roles);
	}
	buf_free(&value);
	return good;
}

/* The keys that dkim_key_table names. */
static bool
dkim_walk(const struct walk *w, const struct main_cf *m)
{
	struct arena *a = arena_new();
	struct buf path = BUF_EMPTY;
	struct key_table *t = NULL;
	bool good = main_cf_value(m, "dkim_key_table", &path, w->why);

	if (good && path.n > 0) {
		t = key_table_read(buf_str(&path), a, w->why);
		good = t != NULL;
	}
	for (size_t i = 0; t != NULL && i < t->count; i++)
		w->each(w->arg, t->rows[i].file, ROLE_SMTPD | ROLE_PICKUP);
	buf_free(&path);
	arena_free(&a);
	return good;
}

/* The files that tls_server_sni_maps names. A table that cannot be read is told
 * by those who show its certificates. */
static bool
sni_walk(const struct walk *w, const struct main_cf *m)
{
	struct arena *a = arena_new();
	struct buf tables = BUF_EMPTY;
	struct sni_row *rows = NULL;
	size_t count = 0;
	bool good = main_cf_value(m, "tls_server_sni_maps", &tables, w->why);
	struct why why;

	why_init(&why);
	if (good && !sni_map_read(buf_str(&tables), a, &rows, &count, &why))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		struct span rest = span_str(rows[i].files), path;

		while (param_list_next(&rest, &path))
			w->each(w->arg, path, ROLE_SMTPD | ROLE_LOGIN);
	}
	why_free(&why);
	buf_free(&tables);
	arena_free(&a);
	return good;
}

/* A row of master.cf with its overrides. */
static bool
row_walk(const struct walk *w, const struct master_row *row)
{
	struct main_cf *m = master_row_main_cf(row, w->folder, true, w->why);
	bool good;

	if (m == NULL)
		return false;
	good = parameters_walk(w, m, master_row_program(row)) &&
	    dkim_walk(w, m) && sni_walk(w, m);
	main_cf_free(&m);
	return good;
}

static bool
master_walk(const struct walk *w)
{
	struct master_cf *m = master_cf_load(w->folder, w->why);
	const struct master_row *rows;
	size_t n;
	bool good = m != NULL;

	if (m == NULL)
		return false;
	rows = master_cf_rows(m, &n);
	for (size_t i = 0; good && i < n; i++)
		if (rows[i].n_options > 0)
			good = row_walk(w, &rows[i]);
	master_cf_free(&m);
	return good;
}

/* Courier: the key lies in TLS_PRIVATE_KEYFILE, else with the certificate. */
static bool
courier_walk(const struct walk *w, enum place which)
{
	struct buf path = BUF_EMPTY;
	struct courier *c;
	const char *file;

	(void)places_find(w->folder, which, &path);
	c = courier_load(buf_str(&path), true, w->why);
	buf_free(&path);
	if (c == NULL)
		return false;
	file = courier_get(c, "TLS_PRIVATE_KEYFILE");
	if (file == NULL || file[0] == '\0')
		file = courier_get(c, "TLS_CERTFILE");
	if (file != NULL && file[0] != '\0')
		w->each(w->arg, span_str(file), ROLE_LOGIN);
	courier_free(&c);
	return true;
}

bool
conf_keys(const char *folder, conf_key_fn *each, void *arg, struct why *why)
{
	static const enum place places[] = { PLACE_IMAPD, PLACE_IMAPD_SSL,
		PLACE_POP3D, PLACE_POP3D_SSL };
	struct walk w = { folder, each, arg, why };
	struct main_cf *m = main_cf_load(folder, true, why);
	bool good = m != NULL && parameters_walk(&w, m, NULL) &&
	    dkim_walk(&w, m) && sni_walk(&w, m) && master_walk(&w);

	main_cf_free(&m);
	for (size_t i = 0; good && i < sizeof(places) / sizeof(places[0]); i++)
		good = courier_walk(&w, places[i]);
	return good;
}
