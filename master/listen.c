/*
 * listen.c - the sockets of a row
 *
 * inet rows listen on the addresses of inet_interfaces, or on the one they
 * name. unix rows get one socket for each caller, in that caller's jail: the
 * folder a socket lies in says who can reach it, and its label tells the
 * service who calls. A row that is not private has one in public/ too.
 */

#include "master/listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "master/conf.h"
#include "master/master.h"
#include "master/roles.h"
#include "master/row.h"
#include "os/sock.h"

enum { BACKLOG = 1024 };

static int
take_over(struct row *old, const char *key)
{
	for (size_t i = 0; old != NULL && i < old->listener_count; i++) {
		struct row_listener *l = &old->listeners[i];
		int fd = l->fd;

		if (fd != -1 && strcmp(l->key, key) == 0) {
			l->fd = -1;
			return fd;
		}
	}
	return -1;
}

static struct row_listener *
listener_add(struct row *r, const char *label, char *key, struct why *why)
{
	struct row_listener *l;

	if (r->listener_count == ROW_LISTENERS_MAX) {
		why_set(why, "4.3.5", "%s: more than %d sockets", row_label(r),
		    ROW_LISTENERS_MAX);
		free(key);
		return NULL;
	}
	l = &r->listeners[r->listener_count++];
	l->fd = -1;
	l->label = mem_str(label);
	l->key = key;
	return l;
}

static int
inet_one(
    struct row *r, const struct address *a, struct row *old, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct row_listener *l;

	if (address_family(a) == AF_INET6) {
		buf_add_byte(&text, '[');
		address_print(&text, a);
		buf_add_byte(&text, ']');
	} else {
		address_print(&text, a);
	}
	buf_printf(&text, ":%u", address_port(a));
	l = listener_add(r, buf_str(&text), mem_str(buf_str(&text)), why);
	buf_free(&text);
	if (l == NULL)
		return -1;
	l->inet = true;
	l->fd = take_over(old, l->key);
	if (l->fd == -1)
		l->fd = sock_listen_inet(a, BACKLOG);
	if (l->fd != -1)
		return 0;
	why_set(why, "4.3.0", "%s: listen on %s: %s", row_label(r), l->label,
	    strerror(errno));
	return -1;
}

static bool
family_wanted(const struct master_conf *conf, int family)
{
	struct span rest = span_str(conf->inet_protocols), item;
	const char *name = family == AF_INET ? "ipv4" : "ipv6";

	while (param_list_next(&rest, &item))
		if (span_iis(item, "all") || span_iis(item, name))
			return true;
	return false;
}

/* One item: all, loopback-only, or an address. IPv6 that the machine has not
 * is no error where it was not asked for by address. */
static int
inet_item(struct row *r, struct span item, uint16_t port, struct row *old,
    struct why *why)
{
	const struct master_conf *conf = r->master->conf;
	bool all = span_iis(item, "all");
	struct address a;

	if (!all && !span_iis(item, "loopback-only")) {
		if (!address_parse(item, port, &a)) {
			why_set(why, "4.3.5",
			    "%s: \"%.*s\" is not an IP address, all or "
			    "loopback-only",
			    row_label(r), (int)item.n, item.p);
			return -1;
		}
		return inet_one(r, &a, old, why);
	}
	if (family_wanted(conf, AF_INET)) {
		if (!address_parse(
			all ? SPAN("0.0.0.0") : SPAN("127.0.0.1"), port, &a) ||
		    inet_one(r, &a, old, why) == -1)
			return -1;
	}
	if (!family_wanted(conf, AF_INET6) ||
	    !address_parse(all ? SPAN("::") : SPAN("::1"), port, &a))
		return 0;
	if (inet_one(r, &a, old, why) == -1) {
		struct row_listener *l = &r->listeners[--r->listener_count];

		mem_free(&l->label);
		mem_free(&l->key);
		if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
			return -1;
	}
	return 0;
}

static int
inet_open(struct row *r, const struct master_row *spec, struct row *old,
    struct why *why)
{
	struct span rest = span_str(
	    spec->host != NULL ? spec->host : r->master->conf->inet_interfaces);
	struct span item;

	while (param_list_next(&rest, &item))
		if (inet_item(r, item, (uint16_t)spec->port, old, why) == -1)
			return -1;
	return 0;
}

/* A socket file is made anew at each start, but kept over a reload. */
static int
unix_one(struct row *r, const char *folder, const char *label, struct row *old,
    struct why *why)
{
	bool public = strcmp(folder, "public") == 0;
	const char *name =
	    public && strcmp(label, "public") != 0 ? label : r->name;
	char *path = mem_printf(
	    "%s/%s/%s", r->master->conf->queue_directory, folder, name);
	struct row_listener *l = listener_add(r, label, path, why);

	if (l == NULL)
		return -1;
	l->stream = public && (r->role->flags & ROLE_STREAM) != 0;
	l->fd = take_over(old, path);
	if (l->fd == -1)
		l->fd = sock_listen_unix(path,
		    l->stream ? SOCK_STREAM : SOCK_SEQPACKET, 0666, BACKLOG);
	if (l->fd != -1)
		return 0;
	why_set(why, "4.3.0", "%s: listen on %s: %s", row_label(r), path,
	    strerror(errno));
	return -1;
}

static int
unix_open(struct row *r, const struct master_row *spec, struct row *old,
    struct why *why)
{
	const struct role *role = r->role;

	for (size_t i = 0; role->callers[i] != NULL; i++) {
		char *folder = mem_printf("jail/%s", role->callers[i]);
		int got = unix_one(r, folder, role->callers[i], old, why);

		free(folder);
		if (got == -1)
			return -1;
	}
	for (size_t i = 0; role->publics[i] != NULL; i++)
		if (unix_one(r, "public", role->publics[i], old, why) == -1)
			return -1;
	return spec->private_socket ? 0
				    : unix_one(r, "public", "public", old, why);
}

int
listen_open(struct row *r, const struct master_row *spec, struct row *old,
    struct why *why)
{
	return spec->type == MASTER_INET ? inet_open(r, spec, old, why)
					 : unix_open(r, spec, old, why);
}
