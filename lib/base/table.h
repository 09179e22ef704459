/* table.h - a hash table from bytes to a pointer */

#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Keys are copied. Values belong to the caller. The hash is keyed at random
 * per process, so that no stranger can choose keys that collide. */
struct table;

struct table *table_new(void);
/* each, if not NULL, is called with every value before the table goes. */
void table_free(struct table **t, void (*each)(void *value));
size_t table_count(const struct table *t);

void *table_get(const struct table *t, struct span key);
/* Returns the value that stood there before, or NULL. value may not be NULL. */
void *table_put(struct table *t, struct span key, void *value);
/* Returns the value taken out, or NULL. */
void *table_remove(struct table *t, struct span key);

/* Walk in no order: start with *at = 0; false at the end. Nothing may be put
 * or removed meanwhile, but for the entry just returned. */
bool
table_next(const struct table *t, size_t *at, struct span *key, void **value);

#endif
