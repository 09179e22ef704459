/* cache.h - connections that wait a moment for the next message
 *
 * smtp_connection_cache_time_limit; one that is closed by the server meanwhile
 * is forgotten.
 */

#ifndef SMTP_CACHE_H
#define SMTP_CACHE_H

#include <stdbool.h>

#include "base/span.h"

struct cache;
struct loop;
struct session;
struct session_setup;
struct smtp_conf;

enum { CACHE_MAX = 200 };

/* conf outlives it. */
struct cache *cache_new(struct loop *loop, const struct smtp_conf *conf);
void cache_free(struct cache **c);
/* Is it to be used for this next hop: on demand, or as
 * smtp_connection_cache_destinations says? */
bool cache_wanted(const struct cache *c, struct span nexthop);
/* Takes *s if it may serve again: *s is NULL then, else unchanged. */
void cache_put(struct cache *c, struct session **s);
/* A session that was opened with the same setup, or NULL; the caller's, who
 * session_rebind()s it. */
struct session *cache_take(struct cache *c, const struct session_setup *setup);
/* Say QUIT on all. */
void cache_clear(struct cache *c);

#endif
