/* plugin_filter.h - may a database know this key at all? */

#ifndef MAPS_PLUGIN_FILTER_H
#define MAPS_PLUGIN_FILTER_H

#include <stdbool.h>

#include "base/span.h"
#include "maps/map.h"

struct plugin_conf;
struct plugin_filter;
struct why;

/* conf must outlive it. The files and tables that domain names are read. */
struct plugin_filter *plugin_filter_new(const struct plugin_conf *conf);
void plugin_filter_free(struct plugin_filter **f);
/* MAP_FOUND: ask it. MAP_NONE: the key is no text, lacks a part that %x in a
 * query or the result stands for, or is of none of the domains. */
enum map_result plugin_filter_test(
    const struct plugin_filter *f, struct span key, struct why *why);
/* Has a file that domain names become another one? */
bool plugin_filter_changed(const struct plugin_filter *f);

#endif
