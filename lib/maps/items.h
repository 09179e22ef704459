/* items.h - lists in table names and parameters: a, b, {c, with blanks} */

#ifndef MAPS_ITEMS_H
#define MAPS_ITEMS_H

#include <stdbool.h>

#include "base/span.h"

/* Take the next item off *rest: a run of bytes that are neither blank nor
 * comma, where what stands in braces is kept whole and braces nest. Without
 * its match a brace reaches to the end. False when nothing is left. */
bool items_next(struct span *rest, struct span *item);

/* When s is one pair of braces and nothing more, take the braces and the
 * blanks inside them off; false, s unchanged, otherwise. */
bool items_unbrace(struct span *s);

#endif
