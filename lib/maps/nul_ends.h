/* nul_ends.h - keys and values that end in NUL in a table's file, or do not;
 * for lib/maps only */

#ifndef MAPS_NUL_ENDS_H
#define MAPS_NUL_ENDS_H

#include "base/span.h"
#include "maps/map.h"

struct buf;
struct why;

/* Exactly this key of a file; an errno or a library's number in *error. */
typedef enum map_result
nul_get_fn(void *file, struct span key, struct buf *out, int *error);
/* With a NUL behind it first, as Postfix's postmap writes on this system, then
 * as it is. The value's NUL is taken off. */
enum map_result nul_get(
    nul_get_fn *get, void *file, struct span key, struct buf *out, int *error);

/* For a file's walk over its entries: the NULs are taken off on the way to
 * fn. */
struct nul_each {
	map_each_fn *fn;
	void *arg;
};
void nul_each(void *each, struct span key, struct span value);

/* A value with NUL inside is a trouble, not a value. */
enum map_result
nul_check(const struct map *m, const struct buf *out, struct why *why);

#endif
