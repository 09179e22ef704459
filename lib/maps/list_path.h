/* list_path.h - the names in a path of forward_path: $home/.forward */

#ifndef MAPS_LIST_PATH_H
#define MAPS_LIST_PATH_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append what stands for name; false: it has no value. */
typedef bool list_path_fn(const void *arg, struct span name, struct buf *out);

/* Append item with $name, ${name} and $(name) replaced; false: one has no
 * value, so that the item is to be passed over. */
bool list_path_expand(
    struct span item, list_path_fn *fn, const void *arg, struct buf *out);

#endif
