/* plugin_conf.h - the files that describe tables of databases: pgsql_table(5),
 * mysql_table(5), sqlite_table(5), ldap_table(5)
 *
 * "key = value" lines in the form of main.cf; nothing in values is expanded.
 */

#ifndef MAPS_PLUGIN_CONF_H
#define MAPS_PLUGIN_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct plugin_conf;
struct why;

enum { PLUGIN_CONF_MAX = 24576 };

/* The types that there are plug-ins for, from 0; NULL at the end. */
const char *plugin_type(size_t i);

/* type is one of them, name is for messages: "pgsql:/etc/facteur/x.cf". A key
 * that is not known is logged, unless quiet. NULL: why says which value is of
 * no use, or is missing. */
struct plugin_conf *plugin_conf_parse(const char *type, struct span text,
    const char *name, bool quiet, struct why *why);
void plugin_conf_free(struct plugin_conf **c);

/* A value, or its default, never NULL; NULL for a key that the type lacks. */
const char *plugin_conf_get(const struct plugin_conf *c, const char *key);
int64_t plugin_conf_number(const struct plugin_conf *c, const char *key);
/* Is a key of that name for this type, and was it set? */
bool plugin_conf_is_set(const struct plugin_conf *c, const char *key);
/* All that was set, in a form that parses to the same. */
void plugin_conf_text(const struct plugin_conf *c, struct buf *out);
/* What two tables have in common that can share a connection. */
void plugin_conf_group(const struct plugin_conf *c, struct buf *out);

/* Can a template of SQL be filled in without danger? Each %s and its kin must
 * stand in a quoted string, whose quotes the server reads as we do. NULL, or
 * what is wrong. */
const char *plugin_sql_check(const char *type, struct span sql);

#endif
