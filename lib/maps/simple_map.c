/*
 * simple_map.c - the types with little to them: static:, fail:, unix:,
 * environ:, randmap:
 *
 * unix:passwd.byname answers for accounts with their line of passwd(5), and
 * unix:group.byname for groups with theirs of group(5), without the password
 * field, whatever source nsswitch.conf(5) names.
 */

#include "maps/map_type.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "maps/items.h"
#include "os/users.h"
#include "os/users_recent.h"

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
nothing_open(struct map *m, struct why *why)
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
	.open = nothing_open,
	.get = fail_get,
};

static bool
unix_open(struct map *m, struct why *why)
{
	if (span_is(span_str(m->name), "passwd.byname"))
		m->state = users_recent_new();
	if (m->state != NULL || span_is(span_str(m->name), "group.byname"))
		return true;
	map_trouble(
	    m, why, "unknown table (there are passwd.byname and group.byname)");
	return false;
}

static void
add_passwd_line(const struct account *who, struct buf *out)
{
	buf_printf(out, "%s:x:%u:%u:%s:%s:%s", who->name, (unsigned)who->uid,
	    (unsigned)who->gid, who->gecos, who->home, who->shell);
}

static enum users_result
passwd_line(struct users_recent *users, struct span key, struct buf *out)
{
	struct arena *a = arena_new();
	struct account who;
	enum users_result got = users_recent_find(users, a, key, &who);

	if (got == USERS_FOUND)
		add_passwd_line(&who, out);
	arena_free(&a);
	return got;
}

static enum map_result
unix_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	bool group = span_is(span_str(m->name), "group.byname");

	switch (group ? users_group_line(key, out)
		      : passwd_line(m->state, key, out)) {
	case USERS_FOUND:
		return MAP_FOUND;
	case USERS_UNKNOWN:
		return MAP_NONE;
	case USERS_TROUBLE:
		break;
	}
	return map_trouble(m, why, "the user database did not answer");
}

static void
unix_close(struct map *m)
{
	struct users_recent *users = m->state;

	users_recent_free(&users);
	m->state = NULL;
}

const struct map_type map_type_unix = {
	.name = "unix",
	.fixed = true,
	.open = unix_open,
	.get = unix_get,
	.close = unix_close,
};

static enum map_result
environ_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	char *name = mem_span(key);
	const char *value = getenv(name);

	(void)m;
	(void)why;
	free(name);
	if (value == NULL)
		return MAP_NONE;
	buf_add_str(out, value);
	return MAP_FOUND;
}

const struct map_type map_type_environ = {
	.name = "environ",
	.open = nothing_open,
	.get = environ_get,
};

/* randmap:{a, b}: one of them, by chance, whatever is asked for. */
struct choices {
	char *text; /* of the items */
	struct span *items;
	size_t count;
};

static bool
random_open(struct map *m, struct why *why)
{
	struct choices *c = mem_new(sizeof(*c));
	struct span rest, item;

	m->state = c;
	c->text = mem_str(m->name);
	rest = span_str(c->text);
	if (!items_unbrace(&rest)) {
		map_trouble(m, why, "bad syntax; need randmap:{value...}");
		return false;
	}
	while (items_next(&rest, &item)) {
		items_unbrace(&item);
		c->items =
		    mem_resize(c->items, c->count + 1, sizeof(*c->items));
		c->items[c->count++] = item;
	}
	if (c->count == 0)
		map_trouble(m, why, "there is nothing to choose from");
	return c->count > 0;
}

static enum map_result
random_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	const struct choices *c = m->state;
	uint32_t n = 0;

	(void)key;
	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		return map_trouble(m, why, "no random numbers");
	buf_add_span(out, c->items[n % c->count]);
	return MAP_FOUND;
}

static void
random_close(struct map *m)
{
	struct choices *c = m->state;

	if (c == NULL)
		return;
	free(c->text);
	free(c->items);
	mem_free(&m->state);
}

const struct map_type map_type_random = {
	.name = "randmap",
	.open = random_open,
	.get = random_get,
	.close = random_close,
};
