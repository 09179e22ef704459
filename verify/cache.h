/* cache.h - what is known of addresses: one entry for each, for a while */

#ifndef VERIFY_CACHE_H
#define VERIFY_CACHE_H

#include <stdbool.h>

#include "base/span.h"

struct cache;
struct loop;
struct verify_conf;
struct why;

struct cache *cache_open(struct loop *loop, const struct verify_conf *conf);
void cache_flush(struct cache *c);
/* Forget what is too old. */
void cache_clean(struct cache *c);

/* False: nothing is known, or it was too long ago. *stale: it is time to ask
 * anew, but what is known still counts. why_init() it before. */
bool
cache_get(struct cache *c, struct span address, struct why *why, bool *stale);
/* A probe came to that. What came to nothing is kept only with
 * address_verify_negative_cache. */
void cache_put(struct cache *c, struct span address, const struct why *why);

#endif
