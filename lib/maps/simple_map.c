/*
 * simple_map.c - the types with little to them: static:, fail:, unix:
 *
 * unix:passwd.byname answers for accounts with their line of passwd(5), without
 * the password field, whatever source nsswitch.conf(5) names.
 */

#include "maps/map_type.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "maps/items.h"
#include "os/users.h"

static bool
static_open(struct map *m, struct why *why)
{
	struct span value = span_str(m->name);

	(void)why;
	items_unbrace(&value);
	m->state = mem_span(value);
	return true;
}

static enum map_result
static_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	(void)key;
	(void)why;
	buf_add_str(out, m->state);
	return MAP_FOUND;
}

static void
static_close(struct map *m)
{
	mem_free(&m->state);
}

const struct map_type map_type_static = {
	.name = "static",
	.open = static_open,
	.get = static_get,
	.close = static_close,
};

static bool
fail_open(struct map *m, struct why *why)
{
	(void)m;
	(void)why;
	return true;
}

static enum map_result
fail_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	(void)key;
	(void)out;
	return map_trouble(m, why, "fails by its nature");
}

const struct map_type map_type_fail = {
	.name = "fail",
	.open = fail_open,
	.get = fail_get,
};

static bool
unix_open(struct map *m, struct why *why)
{
	if (span_is(span_str(m->name), "passwd.byname"))
		return true;
	map_trouble(m, why, "unknown table (passwd.byname is the only one)");
	return false;
}

static void
add_passwd_line(const struct account *who, struct buf *out)
{
	buf_printf(out, "%s:x:%u:%u:%s:%s:%s", who->name, (unsigned)who->uid,
	    (unsigned)who->gid, who->gecos, who->home, who->shell);
}

static enum map_result
unix_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	enum map_result got = MAP_NONE;
	struct arena *a = arena_new();
	struct account who;

	switch (users_find(a, key, &who)) {
	case USERS_FOUND:
		add_passwd_line(&who, out);
		got = MAP_FOUND;
		break;
	case USERS_UNKNOWN:
		break;
	case USERS_TROUBLE:
		got = map_trouble(m, why, "the user database did not answer");
		break;
	}
	arena_free(&a);
	return got;
}

const struct map_type map_type_unix = {
	.name = "unix",
	.fixed = true,
	.open = unix_open,
	.get = unix_get,
};
