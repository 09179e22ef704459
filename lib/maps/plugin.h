/* plugin.h - tables whose library is loaded when one of them is asked
 *
 * A plug-in is a shared object, maps/TYPE.so in daemon_directory, that holds
 * one struct map_plugin under the name below. It uses nothing of ours but what
 * it is handed, and knows its library and nothing of the rest: the file that
 * configures a table, several servers, %s and what a result looks like are
 * dealt with by who loads it. Everything here may block, for no longer than
 * the limits say.
 */

#ifndef MAPS_PLUGIN_H
#define MAPS_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

/* Raised by each change of what stands below. */
enum { MAP_PLUGIN_VERSION = 1 };
#define MAP_PLUGIN_SYMBOL "facteur_map_plugin"

enum {
	MAP_PLUGIN_CONNECT_MS = 3000,
	MAP_PLUGIN_ASK_MS = 5000,
	MAP_PLUGIN_ERROR_MAX = 400
};

/* A table's file. get() gives the value of a key, or its default; "" for one
 * that has none. */
struct map_plugin_conf {
	const char *(*get)(const struct map_plugin_conf *c, const char *key);
};

/* Make n bytes harmless for a place in a query; out has room for 3 * n + 1.
 * The length, or (size_t)-1: they cannot be asked for. */
typedef size_t
map_plugin_escape_fn(void *db, char *out, const char *in, size_t n);

/* What is asked, of which table. */
struct map_plugin_question {
	const struct map_plugin_conf *conf;
	/* The value of conf's key with %s and its kin filled in. NULL: this
	 * question does not apply to the table, which has no answer then. Good
	 * until the next expand(). */
	const char *(*expand)(struct map_plugin_question *q, const char *key,
	    map_plugin_escape_fn *escape, void *db);
	/* A value of the answer. False: it is complete, stop. */
	bool (*found)(struct map_plugin_question *q, const char *p, size_t n);
};

enum map_plugin_result {
	MAP_PLUGIN_OK,
	MAP_PLUGIN_FAILED, /* the server is there, and said no */
	MAP_PLUGIN_LOST /* the connection is of no use now */
};

struct map_plugin {
	unsigned version;
	/* host is one of conf's servers, as written; "" where there are none.
	 * NULL: error says why. */
	void *(*connect)(const struct map_plugin_conf *conf, const char *host,
	    char error[MAP_PLUGIN_ERROR_MAX]);
	void (*disconnect)(void *db);
	enum map_plugin_result (*ask)(void *db, struct map_plugin_question *q,
	    char error[MAP_PLUGIN_ERROR_MAX]);
};

#endif
