/*
 * tables.c - every table that somebody may ask, opened
 *
 * By parameter for the roles of roles.c; by parameter and value where a row of
 * master.cf has another one, as main_cf_table() says; and by name for those
 * that stand in smtpd's restriction lists and classes, as each row reads them.
 * All share one pool, so a table is opened once.
 */

#include "lookup/tables.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "lookup/roles.h"
#include "maps/items.h"
#include "maps/map_pool.h"
#include "os/clock.h"
#include "route/conf.h"
#include "route/route.h"

struct tables {
	const struct main_cf *main_cf;
	struct map_pool *pool;
	struct route *route;
	struct table *by_parameter; /* "flags name": struct map_list */
	struct table *by_name; /* "type:name" of restrictions: the same */
	struct table *by_option; /* "flags name value": the same */
	char *complaint; /* the last one, and when */
	int64_t complained;
	bool stale, hush;
};

enum { SILENT_MS = 10000 };

static struct map_list *
list_new(struct tables *t, struct span text, unsigned flags)
{
	struct map_list *l = mem_new(sizeof(*l));

	map_list_init(l, t->pool, text, flags);
	return l;
}

static void
list_free(void *value)
{
	map_list_done(value);
	free(value);
}

/* Roles that ask with other flags have lists of their own. */
static void
key_of(struct span parameter, unsigned flags, struct buf *out)
{
	buf_clear(out);
	buf_printf(out, "%u ", flags);
	buf_add_span(out, parameter);
}

/* The value of a parameter; empty when it cannot be expanded, which main.cf's
 * reader has complained of. */
static void
value_of(const struct main_cf *m, const char *name, struct buf *out)
{
	struct why why;

	why_init(&why);
	buf_clear(out);
	if (main_cf_raw(m, name) != NULL &&
	    !main_cf_value(m, name, out, &why)) {
		log_error("%s", why_text(&why));
		buf_clear(out);
	}
	why_free(&why);
}

static void
open_parameter(struct tables *t, const struct role_map *row)
{
	struct buf key = BUF_EMPTY, value = BUF_EMPTY;

	key_of(span_str(row->parameter), row->flags, &key);
	if (table_get(t->by_parameter, buf_span(&key)) == NULL) {
		value_of(t->main_cf, row->parameter, &value);
		table_put(t->by_parameter, buf_span(&key),
		    list_new(t, buf_span(&value), row->flags));
	}
	buf_free(&key);
	buf_free(&value);
}

static void
open_parameters(struct tables *t)
{
	for (size_t i = 0; role_at(i) != NULL; i++)
		for (const struct role_map *row = role_at(i)->maps;
		     row->parameter != NULL; row++)
			open_parameter(t, row);
}

/* Every item of a restriction list that is a table. */
static void
open_restrictions(struct tables *t, struct span text)
{
	struct span item, type, name;

	while (items_next(&text, &item)) {
		items_unbrace(&item);
		map_spec_split(item, &type, &name);
		if (map_type_known(type) && name.n > 0 &&
		    table_get(t->by_name, item) == NULL)
			table_put(
			    t->by_name, item, list_new(t, item, MAP_FOLD));
	}
}

/* Is this a list of restrictions, by its name, or by smtpd_restriction_classes?
 */
static bool
is_restrictions(struct span name, struct span classes)
{
	struct span item;

	if ((span_starts(name, "smtpd_") && span_ends(name, "_restrictions")) ||
	    span_is(name, "smtpd_greylist_exceptions") ||
	    span_is(name, "postscreen_access_list"))
		return true;
	while (items_next(&classes, &item))
		if (span_eq(item, name))
			return true;
	return false;
}

/* These tables are asked for by their whole text, as a service may have others
 * than main.cf. */
static bool
is_by_text(struct span name)
{
	return span_is(name, "header_checks") ||
	    span_is(name, "mime_header_checks") ||
	    span_is(name, "nested_header_checks") ||
	    span_is(name, "body_checks") ||
	    span_is(name, "milter_header_checks") ||
	    span_is(name, "smtpd_milter_maps");
}

static bool
is_of_smtpd(struct span name, struct span classes)
{
	return is_restrictions(name, classes) || is_by_text(name);
}

/* What smtpd may ask for because of that setting. */
static void
open_setting(
    struct tables *t, struct span name, struct span value, struct span classes)
{
	if (is_restrictions(name, classes))
		open_restrictions(t, value);
	else if (is_by_text(name) && value.n > 0 &&
	    table_get(t->by_name, value) == NULL)
		table_put(t->by_name, value, list_new(t, value, MAP_FOLD));
}

static void
open_settings(struct tables *t, const struct main_cf *m, struct span classes)
{
	struct buf value = BUF_EMPTY;
	const char *name, *raw;
	size_t at = 0;

	while (main_cf_next(m, &at, &name, &raw)) {
		if (!is_of_smtpd(span_str(name), classes))
			continue;
		value_of(m, name, &value);
		open_setting(t, span_str(name), buf_span(&value), classes);
	}
	buf_free(&value);
}

/* A parameter that a role may ask for, where a row of master.cf may have
 * another value than main.cf says; asked is what the row's program says for it.
 */
static void
open_asked(struct tables *t, const struct role_map *map, struct span asked)
{
	struct span value = span_skip(asked, span_find(asked, ' ') + 1);
	struct buf key = BUF_EMPTY;

	key_of(asked, map->flags, &key);
	if (span_find(asked, ' ') < asked.n &&
	    table_get(t->by_option, buf_span(&key)) == NULL)
		table_put(t->by_option, buf_span(&key),
		    list_new(t, value, map->flags));
	buf_free(&key);
}

/* Values of main.cf too: they may name what the row's options set. */
static void
open_of_row(
    struct tables *t, const struct master_row *row, const struct main_cf *m)
{
	const struct role *role = role_find(row->column[MASTER_COMMAND]);
	struct arena *a = arena_new();
	struct buf classes = BUF_EMPTY;

	for (const struct role_map *map = role->maps; map->parameter != NULL;
	     map++)
		open_asked(
		    t, map, span_str(main_cf_table(m, a, map->parameter)));
	if (role->restrictions) {
		value_of(m, "smtpd_restriction_classes", &classes);
		open_settings(t, m, buf_span(&classes));
	}
	buf_free(&classes);
	arena_free(&a);
}

static void
read_row(struct tables *t, const struct master_row *row, const char *folder)
{
	struct main_cf *m;
	struct why why;

	if (role_find(row->column[MASTER_COMMAND]) == NULL)
		return;
	why_init(&why);
	m = master_row_main_cf(row, folder, false, &why);
	if (m == NULL)
		log_error("%s", why_text(&why));
	else
		open_of_row(t, row, m);
	main_cf_free(&m);
	why_free(&why);
}

static void
open_of_master_cf(struct tables *t, const char *folder)
{
	struct master_cf *m;
	const struct master_row *rows;
	struct why why;
	size_t n = 0;

	why_init(&why);
	m = master_cf_load(folder, &why);
	if (m == NULL) {
		log_error("%s", why_text(&why));
	} else {
		rows = master_cf_rows(m, &n);
		for (size_t i = 0; i < n; i++)
			read_row(t, &rows[i], folder);
	}
	master_cf_free(&m);
	why_free(&why);
}

struct tables *
tables_open(const struct main_cf *m, const struct route_conf *conf,
    const char *folder, bool quiet)
{
	struct tables *t = mem_new(sizeof(*t));
	struct buf classes = BUF_EMPTY;

	t->main_cf = m;
	t->pool = map_pool_new(conf->default_database_type, quiet);
	t->by_parameter = table_new();
	t->by_name = table_new();
	t->by_option = table_new();
	t->route = route_new(m, conf, t->pool);
	open_parameters(t);
	value_of(m, "smtpd_restriction_classes", &classes);
	open_settings(t, m, buf_span(&classes));
	if (folder != NULL)
		open_of_master_cf(t, folder);
	buf_free(&classes);
	return t;
}

void
tables_free(struct tables **t)
{
	if (*t == NULL)
		return;
	route_free(&(*t)->route);
	table_free(&(*t)->by_parameter, list_free);
	table_free(&(*t)->by_name, list_free);
	table_free(&(*t)->by_option, list_free);
	map_pool_free(&(*t)->pool);
	free((*t)->complaint);
	mem_free(t);
}

struct route *
tables_route(const struct tables *t)
{
	return t->route;
}

struct map_list *
tables_find(
    const struct tables *t, const struct role *role, struct span parameter)
{
	struct span name = span_head(parameter, span_find(parameter, ' '));
	struct map_list *found = NULL;
	struct buf key = BUF_EMPTY;

	for (const struct role_map *row = role->maps;
	     found == NULL && row->parameter != NULL; row++) {
		if (!span_is(name, row->parameter))
			continue;
		key_of(parameter, row->flags, &key);
		found = table_get(
		    name.n == parameter.n ? t->by_parameter : t->by_option,
		    buf_span(&key));
	}
	if (found == NULL && role->restrictions)
		found = table_get(t->by_name, parameter);
	buf_free(&key);
	return found;
}

const char *
tables_changed(const struct tables *t)
{
	return map_pool_changed(t->pool);
}

void
tables_set_stale(struct tables *t)
{
	t->stale = true;
}

bool
tables_stale(const struct tables *t)
{
	return t->stale;
}

void
tables_complain(struct tables *t, const char *text)
{
	int64_t now = clock_ms();

	if (t->hush)
		return;
	if (t->complaint != NULL && strcmp(t->complaint, text) == 0 &&
	    now - t->complained < SILENT_MS)
		return;
	log_warning("%s", text);
	free(t->complaint);
	t->complaint = mem_str(text);
	t->complained = now;
}

void
tables_hush(struct tables *t, bool hush)
{
	t->hush = hush;
}

size_t
tables_broken(const struct tables *t)
{
	return map_pool_broken(t->pool);
}
