/* map_pool.h - all tables of a process, each opened once, and lists of them */

#ifndef MAPS_MAP_POOL_H
#define MAPS_MAP_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "maps/map.h"

struct map_pool;

/* quiet: tables that cannot be opened are not logged. */
struct map_pool *map_pool_new(const char *default_type, bool quiet);
/* Closes every table; lists and match lists made from it must be gone. */
void map_pool_free(struct map_pool **p);
/* The pool's table of this name and these flags; opened when it is new. Never
 * NULL: one that cannot be opened is logged once and fails at each look-up.
 * Flags that mean nothing for its type make no difference. */
struct map *map_pool_open(struct map_pool *p, struct span spec, unsigned flags);
/* Remember a file that was read for a list; a change is then seen below. */
void map_pool_watch(struct map_pool *p, const char *path, int fd);
/* The first table (or file) that is another one now, as text; NULL: none. */
const char *map_pool_changed(const struct map_pool *p);
size_t map_pool_count(const struct map_pool *p);
/* How many could not be opened. */
size_t map_pool_broken(const struct map_pool *p);

/* The tables of a parameter, searched in order. The maps are the pool's. */
struct map_list {
	struct map **maps;
	size_t count;
	struct map *hit; /* where the last map_list_get() found its value */
};

/* text: "hash:/a, regexp:/b". */
void map_list_init(
    struct map_list *l, struct map_pool *p, struct span text, unsigned flags);
void map_list_done(struct map_list *l);
/* The first value found; an error ends the search. With partial, key is but a
 * part of an address, and tables of patterns are passed over. */
enum map_result map_list_get(struct map_list *l, struct span key, bool partial,
    struct buf *out, struct why *why) __attribute__((warn_unused_result));

#endif
