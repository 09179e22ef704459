/* plugin_link.h - questions to databases, by their plug-ins
 *
 * A set holds the connections of a process: tables that name the same servers
 * in the same words share one. Everything blocks, a question for ten seconds
 * or so at most.
 */

#ifndef MAPS_PLUGIN_LINK_H
#define MAPS_PLUGIN_LINK_H

#include <stdbool.h>

#include "base/span.h"
#include "maps/map.h"

struct buf;
struct plugin_set;
struct why;

/* folder: of the daemons, daemon_directory. */
struct plugin_set *plugin_set_new(const char *folder);
/* Closes all connections. What was loaded stays loaded. */
void plugin_set_free(struct plugin_set **s);

/* What a table says of a key. name is for messages; conf is the text of its
 * file, which is read once and kept. The value has several parts joined by
 * commas where the database had several. Keys that plugin_filter_test() refuses
 * are not for here. */
struct plugin_table {
	const char *type, *name;
	struct span conf;
};
enum map_result plugin_ask(struct plugin_set *s, const struct plugin_table *t,
    struct span key, struct buf *out, struct why *why);

/* FOLDER/maps/TYPE.so; the caller frees it. */
char *plugin_path(const char *folder, const char *type);
/* A plug-in that is not there: what to install. */
void plugin_missing(const char *type, struct why *why);

#endif
