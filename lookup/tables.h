/* tables.h - every table that somebody may ask, opened */

#ifndef LOOKUP_TABLES_H
#define LOOKUP_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct main_cf;
struct map_list;
struct role;
struct route;
struct route_conf;
struct tables;

/* folder: where master.cf stands, whose -o may name tables too; NULL:
 * there is none to look at. main_cf and conf must outlive it. Never fails: a
 * table that cannot be opened fails when it is asked, and is logged now, but
 * not when quiet. */
struct tables *tables_open(const struct main_cf *m,
    const struct route_conf *conf, const char *folder, bool quiet);
void tables_free(struct tables **t);

struct route *tables_route(const struct tables *t);
/* The tables of a parameter, or with "name value" those that a row of master.cf
 * gives it; or "type:name" of smtpd's lists, or the whole text
 * of header_checks and its kin and of smtpd_milter_maps, when this role may ask
 * for them; else NULL. */
struct map_list *tables_find(
    const struct tables *t, const struct role *role, struct span parameter);
/* What was opened and is another one now; NULL: nothing. */
const char *tables_changed(const struct tables *t);
/* They changed and could not be opened anew: from now on "no such address" and
 * "no such key" become a temporary failure, as they may be untrue. */
void tables_set_stale(struct tables *t);
bool tables_stale(const struct tables *t);
/* Tell the log of trouble with a table; the same again within ten seconds is
 * told once. */
void tables_complain(struct tables *t, const char *text);
/* Complain of nothing, as what fails now will be tried again. */
void tables_hush(struct tables *t, bool hush);
/* How many could not be opened. */
size_t tables_broken(const struct tables *t);

#endif
