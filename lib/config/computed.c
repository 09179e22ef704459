/*
 * computed.c - parameters whose default this machine decides
 *
 * myhostname from gethostname(), mydomain from myhostname, mynetworks from the
 * interfaces, and Debian's way of keeping myorigin in a file. They are found
 * when first asked for: many programs never do.
 */

#include "config/computed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/networks.h"
#include "config/param.h"
#include "os/file.h"

#define LOCAL_DOMAIN "localdomain"
/* Interfaces' addresses that are looked at. */
#define NETWORKS_MAX 256
/* Most bytes read of the file that myorigin names. */
#define ORIGIN_MAX 4096

enum which { OWN_HOST, OWN_DOMAIN, OWN_NETWORKS, KINDS };

static const char *const names[KINDS] = { "myhostname", "mydomain",
	"mynetworks" };

struct computed {
	bool live;
	bool busy[KINDS]; /* being found: asked again, it goes in a circle */
	struct arena *arena;
	const char *value[KINDS];
	const char *origin; /* first line of the file */
};

struct computed *
computed_new(bool live)
{
	struct computed *c = mem_new(sizeof(*c));

	c->live = live;
	c->arena = arena_new();
	return c;
}

void
computed_forget(struct computed *c)
{
	for (size_t i = 0; i < KINDS; i++)
		c->value[i] = NULL;
	c->origin = NULL;
}

void
computed_free(struct computed **c)
{
	if (*c == NULL)
		return;
	arena_free(&(*c)->arena);
	mem_free(c);
}

static bool
is_host_name(struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		int c = (unsigned char)name.p[i];

		if (!ascii_alnum(c) && c != '-' && c != '.' && c != '_' &&
		    c < 0x80)
			return false;
	}
	return name.n > 0 && name.n <= 255 && name.p[0] != '.';
}

bool
computed_host_name(struct span name, const char *domain, struct buf *out)
{
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (!is_host_name(name))
		return false;
	buf_add_span(out, name);
	if (span_find(name, '.') == name.n)
		buf_printf(out, ".%s", domain == NULL ? LOCAL_DOMAIN : domain);
	return true;
}

static bool
find_host(struct computed *c, const struct main_cf *m, struct buf *out,
    struct why *why)
{
	char name[257] = "localhost";
	const char *domain = main_cf_is_set(m, "mydomain") ? "$mydomain" : NULL;

	if (c->live && gethostname(name, sizeof(name) - 1) == -1) {
		why_set(why, "4.3.5", "this machine's name is not known: %s",
		    strerror(errno));
		return false;
	}
	name[sizeof(name) - 1] = '\0';
	if (computed_host_name(span_str(name), domain, out))
		return true;
	why_set(why, "4.3.5",
	    "this machine's name \"%s\" is none that mail can use; set "
	    "myhostname in main.cf",
	    name);
	return false;
}

/* mydomain is myhostname less its first label. */
static bool
find_domain(const struct main_cf *m, struct buf *out, struct why *why)
{
	struct buf host = BUF_EMPTY;
	bool ok = main_cf_value(m, "myhostname", &host, why);
	size_t dot = span_find(buf_span(&host), '.');

	if (ok && dot < host.n)
		buf_add_span(out, span_skip(buf_span(&host), dot + 1));
	else if (ok)
		buf_add_str(out, LOCAL_DOMAIN);
	buf_free(&host);
	return ok;
}

static bool
networks_style_wanted(
    const struct main_cf *m, enum networks_style *style, struct why *why)
{
	struct buf word = BUF_EMPTY;
	bool ok = main_cf_value(m, "mynetworks_style", &word, why);
	const char *where = main_cf_where(m, "mynetworks_style");

	if (ok && !networks_style(span_trim(buf_span(&word)), style)) {
		why_set(why, "4.3.5",
		    "%s: mynetworks_style = %s: wanted host, subnet or class",
		    where == NULL ? "default" : where, buf_str(&word));
		ok = false;
	}
	buf_free(&word);
	return ok;
}

static void
add_networks(const struct buf *interfaces, const struct buf *protocols,
    enum networks_style style, struct buf *out)
{
	struct network *rows = mem_array(NETWORKS_MAX, sizeof(*rows));
	size_t n = networks_of_machine(rows, NETWORKS_MAX);

	n = networks_select(rows, n, buf_span(interfaces), buf_span(protocols));
	networks_text(rows, n, style, out);
	mem_free(&rows);
}

static bool
find_networks(struct computed *c, const struct main_cf *m, struct buf *out,
    struct why *why)
{
	struct buf interfaces = BUF_EMPTY, protocols = BUF_EMPTY;
	enum networks_style style = NETWORKS_HOST;
	bool ok = networks_style_wanted(m, &style, why) &&
	    main_cf_value(m, "inet_interfaces", &interfaces, why) &&
	    main_cf_value(m, "inet_protocols", &protocols, why);

	if (ok && c->live)
		add_networks(&interfaces, &protocols, style, out);
	else if (ok)
		buf_add_str(out, "127.0.0.1/32 [::1]/128");
	buf_free(&interfaces);
	buf_free(&protocols);
	return ok;
}

static bool
find(struct computed *c, const struct main_cf *m, enum which which,
    struct buf *out, struct why *why)
{
	switch (which) {
	case OWN_HOST:
		return find_host(c, m, out, why);
	case OWN_DOMAIN:
		return find_domain(m, out, why);
	case OWN_NETWORKS:
		return find_networks(c, m, out, why);
	case KINDS:
		break;
	}
	return false;
}

static bool
find_once(struct computed *c, const struct main_cf *m, enum which which,
    struct why *why)
{
	struct buf out = BUF_EMPTY;
	bool ok;

	if (c->busy[which]) {
		why_set(why, "4.3.5",
		    "the default of %s refers to itself, by myhostname, "
		    "mydomain or what they name; set it in main.cf",
		    names[which]);
		return false;
	}
	c->busy[which] = true;
	ok = find(c, m, which, &out, why);
	c->busy[which] = false;
	if (ok)
		c->value[which] = arena_span_str(c->arena, buf_span(&out));
	buf_free(&out);
	return ok;
}

bool
computed_knows(struct span name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

bool
computed_default(struct computed *c, const struct main_cf *m, struct span name,
    const char **value, struct why *why)
{
	*value = NULL;
	for (size_t i = 0; i < KINDS; i++) {
		if (!span_is(name, names[i]))
			continue;
		if (c->value[i] == NULL && !find_once(c, m, (enum which)i, why))
			return false;
		*value = c->value[i];
	}
	return true;
}

static bool
origin_read(struct computed *c, const char *path, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct span rest, line = { NULL, 0 };

	if (file_read_path(path, ORIGIN_MAX, &text) == -1) {
		why_set(why, "4.3.5",
		    "myorigin = %s: %s; write the mail name into that file, "
		    "or set myorigin to it",
		    path, strerror(errno));
		buf_free(&text);
		return false;
	}
	rest = buf_span(&text);
	if (span_line(&rest, &line))
		line = span_trim(line);
	if (!is_host_name(line))
		why_set(why, "4.3.5",
		    "myorigin = %s: the first line of that file is no domain "
		    "name",
		    path);
	else
		c->origin = arena_span_str(c->arena, line);
	buf_free(&text);
	return c->origin != NULL;
}

bool
computed_origin(
    struct computed *c, const char *text, const char **value, struct why *why)
{
	*value = NULL;
	if (!c->live || text[0] != '/')
		return true;
	if (c->origin == NULL && !origin_read(c, text, why))
		return false;
	*value = c->origin;
	return true;
}
