/* cache.h - facteur.cache: what was found out about messages, ready to send
 *
 * Entries are appended; the index says where a message's latest lies. Each has
 * the message's UID and a checksum, so whatever happens to the file, a wrong
 * entry is none. It can be missing or damaged at any time.
 */

#ifndef MAILBOX_CACHE_H
#define MAILBOX_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"

struct buf;
struct cache;

enum { CACHE_ITEMS = 8, CACHE_ENTRY_MAX = 1 << 18 };

/* What an entry holds, by the caller's numbers 0 to CACHE_ITEMS - 1; p is NULL
 * for what it does not hold. */
struct cache_entry {
	struct span items[CACHE_ITEMS];
};

/* dir stays the caller's. */
struct cache *cache_new(int dir, const char *name, mode_t mode);
void cache_free(struct cache **c);
/* Which file it is: another number after it was made anew. 0: none is there,
 * or it is of another UIDVALIDITY. */
uint64_t cache_id(struct cache *c, uint32_t validity);
/* The entry of uid at that place; its spans are good until the next call.
 * False when there is none. Places that rise are read in large pieces. */
bool
cache_get(struct cache *c, uint64_t at, uint32_t uid, struct cache_entry *out);

/* The same for what cache_put() made, in memory. */
bool cache_read(struct span entry, uint32_t uid, struct cache_entry *out);

/* Give back what is kept in memory to be quick. */
void cache_rest(struct cache *c);

/* Append an entry's bytes to out, for cache_append(). False: too long. */
bool cache_put(struct buf *out, uint32_t uid, const struct cache_entry *e);
/* Append what cache_put() made, under the folder's lock; a file is made when
 * there is none, and begun anew when it is longer than most. *at is where it
 * begins. False: it cannot be written, and there is no cache now. */
bool cache_append(struct cache *c, uint32_t validity, struct span entries,
    uint64_t most, uint64_t *at);

#endif
