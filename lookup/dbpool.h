/* dbpool.h - questions to databases, by processes of dbmap */

#ifndef LOOKUP_DBPOOL_H
#define LOOKUP_DBPOOL_H

#include <stdbool.h>

#include "base/span.h"
#include "maps/map.h"

struct dbpool;
struct loop;
struct plugin_table;
struct why;

/* An answer, as plugin_ask() gives it. Called from the loop, never from inside
 * dbpool_ask(). value and why live until it returns. */
typedef void dbpool_fn(
    void *arg, enum map_result got, struct span value, const struct why *why);
struct dbpool_to {
	dbpool_fn *fn;
	void *arg;
};

/* path: dbmap's socket. */
struct dbpool *dbpool_new(struct loop *loop, const char *path);
/* Ask. Who asks what is under way already waits for the same answer. Tables of
 * the same servers share a few connections; those of others do not wait for
 * them. An answer comes within a limit, whatever the database does. False: not
 * now, why says why, and to.fn will not be called. */
bool dbpool_ask(struct dbpool *p, const struct plugin_table *t, struct span key,
    struct dbpool_to to, struct why *why) __attribute__((warn_unused_result));

#endif
