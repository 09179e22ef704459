/* cache.h - the policies that are known, in memory and as a document */

#ifndef STS_CACHE_H
#define STS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/span.h"
#include "wire/sts.h"

struct arena;
struct buf;
struct cache;

enum { CACHE_BYTES_MAX = 64 << 20 }; /* of the document */

/* Times are of the wall clock, in seconds, but for the _ms ones. */
struct policy {
	struct list in; /* the one that was asked for last stands first */
	char *domain;
	struct arena *arena; /* of what follows */
	struct span id;
	struct sts_policy p;
	int64_t fetched, expires, used;
	int64_t checked_ms; /* the record was looked at; 0: never */
	int64_t retry_ms; /* no refresh before that */
};

/* limit: domains. */
struct cache *cache_new(size_t limit);
void cache_free(struct cache **c);
size_t cache_count(const struct cache *c);
/* NULL where none is known, or it is no longer good at that time. */
struct policy *cache_find(struct cache *c, struct span domain, int64_t now);
/* Put another in its place. At the limit the one that was not asked for the
 * longest goes. */
struct policy *cache_put(struct cache *c, struct span domain, struct span id,
    const struct sts_policy *p, int64_t now);
/* A policy was asked for. */
void cache_touch(struct cache *c, struct policy *p, int64_t now);
/* One whose time for a refresh has come: a day, or half of its life, after it
 * was fetched; and that somebody asked for since. NULL: none. */
struct policy *cache_due(struct cache *c, int64_t now, int64_t now_ms);

/* All of it, one line each. */
void cache_print(const struct cache *c, struct buf *out);
/* Lines that are ill-formed or no longer good are passed over. */
void cache_load(struct cache *c, struct span text, int64_t now);

#endif
