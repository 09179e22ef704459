/* map_pool.c - all tables of a process, each opened once, and lists of them */

#include "maps/map_pool.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "maps/items.h"
#include "maps/map_type.h"

struct map_pool {
	char *default_type;
	bool quiet;
	struct table *maps; /* by flags and name: struct map */
	struct map lists; /* only its files: those of match lists */
};

struct map_pool *
map_pool_new(const char *default_type, bool quiet)
{
	struct map_pool *p = mem_new(sizeof(*p));

	p->default_type = mem_str(default_type);
	p->quiet = quiet;
	p->maps = table_new();
	return p;
}

static void
close_one(void *value)
{
	struct map *m = value;

	map_close(&m);
}

void
map_pool_free(struct map_pool **p)
{
	if (*p == NULL)
		return;
	table_free(&(*p)->maps, close_one);
	for (size_t i = 0; i < (*p)->lists.file_count; i++)
		free((*p)->lists.files[i].path);
	free((*p)->lists.files);
	free((*p)->default_type);
	mem_free(p);
}

static bool
may_substitute(struct span spec)
{
	struct span type, name;

	map_spec_split(spec, &type, &name);
	return span_is(type, "regexp") || span_is(type, "pcre") ||
	    span_is(type, "unionmap") || span_is(type, "pipemap");
}

struct map *
map_pool_open(struct map_pool *p, struct span spec, unsigned flags)
{
	struct buf key = BUF_EMPTY;
	struct why why;
	struct map *m;

	if (!may_substitute(spec))
		flags &= ~(unsigned)MAP_NO_SUBSTITUTION;
	buf_printf(&key, "%u ", flags);
	buf_add_span(&key, spec);
	m = table_get(p->maps, buf_span(&key));
	if (m == NULL) {
		why_init(&why);
		m = map_open_or_broken(spec, p->default_type, flags, &why);
		if (map_is_broken(m) && !p->quiet)
			log_error("%s", why_text(&why));
		table_put(p->maps, buf_span(&key), m);
		why_free(&why);
	}
	buf_free(&key);
	return m;
}

void
map_pool_watch(struct map_pool *p, const char *path, int fd)
{
	map_watch(&p->lists, path, fd);
}

const char *
map_pool_changed(const struct map_pool *p)
{
	struct span key;
	size_t at = 0;
	void *value;

	if (map_changed(&p->lists))
		return "a file of a list";
	while (table_next(p->maps, &at, &key, &value))
		if (map_changed(value))
			return map_spec(value);
	return NULL;
}

size_t
map_pool_count(const struct map_pool *p)
{
	return table_count(p->maps);
}

size_t
map_pool_broken(const struct map_pool *p)
{
	struct span key;
	size_t at = 0, n = 0;
	void *value;

	while (table_next(p->maps, &at, &key, &value))
		n += map_is_broken(value);
	return n;
}

void
map_list_init(
    struct map_list *l, struct map_pool *p, struct span text, unsigned flags)
{
	struct span item;

	*l = (struct map_list){ .maps = NULL };
	while (items_next(&text, &item)) {
		l->maps = mem_resize(l->maps, l->count + 1, sizeof(*l->maps));
		l->maps[l->count++] = map_pool_open(p, item, flags);
	}
}

void
map_list_done(struct map_list *l)
{
	free(l->maps);
	*l = (struct map_list){ .maps = NULL };
}

enum map_result
map_list_get(struct map_list *l, struct span key, bool partial, struct buf *out,
    struct why *why)
{
	for (size_t i = 0; i < l->count; i++) {
		enum map_result got;

		if (partial && map_is_pattern(l->maps[i]))
			continue;
		got = map_get(l->maps[i], key, out, why);
		l->hit = l->maps[i];
		if (got != MAP_NONE)
			return got;
	}
	l->hit = NULL;
	return MAP_NONE;
}
