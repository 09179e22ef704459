/* dbpool.h - questions to databases, by processes of dbmap */

#ifndef LOOKUP_DBPOOL_H
#define LOOKUP_DBPOOL_H

#include <stdbool.h>

#include "base/span.h"

struct dbpool;
struct loop;
struct parked_to;
struct plugin_table;
struct why;

/* path: dbmap's socket. */
struct dbpool *dbpool_new(struct loop *loop, const char *path);
/* Ask. Who asks what is under way already waits for the same answer. Tables of
 * the same servers share a few connections; those of others do not wait for
 * them. An answer, as plugin_ask() gives it, comes within a limit, whatever the
 * database does. False: not now, why says why, and to.fn will not be called. */
bool dbpool_ask(struct dbpool *p, const struct plugin_table *t, struct span key,
    struct parked_to to, struct why *why) __attribute__((warn_unused_result));

#endif
