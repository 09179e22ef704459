/*
 * group_map.c - unionmap: and pipemap:, tables made of tables
 *
 * unionmap:{type:a, type:b} gives the results of all, joined by commas;
 * pipemap:{type:a, type:b} asks each with the result of the one before. An
 * error in one is the error of the whole.
 */

#include "maps/map_type.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "maps/items.h"

enum { MEMBERS_MAX = 100, NESTING_MAX = 4 };

struct group {
	struct map *members[MEMBERS_MAX];
	size_t n;
};

/* How deep braces nest: members that are groups open their own members, so
 * this bounds our own nesting too. */
static size_t
depth(struct span s)
{
	size_t now = 0, most = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '{' && ++now > most)
			most = now;
		else if (s.p[i] == '}' && now > 0)
			now--;
	}
	return most;
}

static bool
add_member(struct map *m, struct group *g, struct span item, struct why *why)
{
	struct map *member;

	if (g->n == MEMBERS_MAX) {
		map_trouble(m, why, "more than %d members", MEMBERS_MAX);
		return false;
	}
	items_unbrace(&item);
	member = map_open(item, m->default_type, m->flags, why);
	if (member == NULL)
		return false;
	g->members[g->n++] = member;
	m->pattern = m->pattern && map_is_pattern(member);
	return true;
}

/* The files of the members are watched as ours; a missing one too. */
static void
watch_members(struct map *m, const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct map *member = g->members[i];

		m->files = mem_resize(m->files,
		    m->file_count + member->file_count, sizeof(*m->files));
		for (size_t k = 0; k < member->file_count; k++) {
			m->files[m->file_count] = member->files[k];
			m->files[m->file_count++].path =
			    mem_str(member->files[k].path);
		}
		if (member->owner != 0)
			m->owner = member->owner;
	}
}

static bool
group_open(struct map *m, struct why *why)
{
	struct group *g = mem_new(sizeof(*g));
	struct span rest = span_str(m->name), item;
	bool all = true;

	m->state = g;
	if (depth(rest) > NESTING_MAX || !items_unbrace(&rest) || rest.n == 0) {
		map_trouble(m, why, "bad syntax; need %s:{type:name...}",
		    m->type->name);
		return false;
	}
	while (all && items_next(&rest, &item))
		all = add_member(m, g, item, why);
	watch_members(m, g);
	return all;
}

static enum map_result
union_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	const struct group *g = m->state;
	struct buf one = BUF_EMPTY;
	enum map_result got = MAP_NONE;

	for (size_t i = 0; i < g->n; i++) {
		enum map_result each = map_get(g->members[i], key, &one, why);

		if (each == MAP_ERROR) {
			got = MAP_ERROR;
			break;
		}
		if (each == MAP_NONE)
			continue;
		if (got == MAP_FOUND)
			buf_add_byte(out, ',');
		buf_add_span(out, buf_span(&one));
		got = MAP_FOUND;
	}
	buf_free(&one);
	return got;
}

static enum map_result
pipe_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	const struct group *g = m->state;
	struct buf now = BUF_EMPTY;
	enum map_result got = MAP_FOUND;

	buf_add_span(out, key);
	for (size_t i = 0; got == MAP_FOUND && i < g->n; i++) {
		buf_clear(&now);
		buf_add_span(&now, buf_span(out));
		got = map_get(g->members[i], buf_span(&now), out, why);
	}
	buf_free(&now);
	return got;
}

static void
group_close(struct map *m)
{
	struct group *g = m->state;

	if (g == NULL)
		return;
	for (size_t i = 0; i < g->n; i++)
		map_close(&g->members[i]);
	mem_free(&m->state);
}

const struct map_type map_type_union = {
	.name = "unionmap",
	.pattern = true,
	.open = group_open,
	.get = union_get,
	.close = group_close,
};

const struct map_type map_type_pipe = {
	.name = "pipemap",
	.pattern = true,
	.open = group_open,
	.get = pipe_get,
	.close = group_close,
};
