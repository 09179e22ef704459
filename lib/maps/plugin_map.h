/* plugin_map.h - pgsql:, mysql:, sqlite: and ldap: as tables
 *
 * They are asked in this process, which blocks, or by the function that the
 * main program sets. lib/maps reads their files either way.
 */

#ifndef MAPS_PLUGIN_MAP_H
#define MAPS_PLUGIN_MAP_H

#include "maps/map.h"

struct plugin_table;

/* As plugin_ask(), without a set. */
typedef enum map_result plugin_ask_fn(void *arg, const struct plugin_table *t,
    struct span key, struct buf *out, struct why *why);

/* Once, by the main program, before a table is opened: where the daemons lie
 * (it is copied) and the plug-ins below them, and how tables are asked; fn
 * NULL: in this process. Without this call there are no such tables. */
void map_plugin_set(const char *folder, plugin_ask_fn *fn, void *arg);
/* Is this a type of theirs, and is it not installed? */
bool map_plugin_lacks(const char *type);

#endif
