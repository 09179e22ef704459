/* entries.h - the keys and values of a table that is being made, in memory */

#ifndef MAPS_ENTRIES_H
#define MAPS_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct entries;

struct entry {
	struct span key, value; /* the table's own copies */
	bool gone; /* was deleted: to be passed over */
};

struct entries *entries_new(void);
void entries_free(struct entries **e);
/* True: the key was there already, and has the new value only with replace. */
bool entries_put(
    struct entries *e, struct span key, struct span value, bool replace);
/* False: there was none. */
bool entries_delete(struct entries *e, struct span key);
/* All in the order in which they came, those deleted among them. */
const struct entry *entries_all(const struct entries *e, size_t *count);
/* Those that are there, by the bytes of their keys. The caller frees it. */
const struct entry **entries_sorted(const struct entries *e, size_t *count);

#endif
