/* found.h - files that a reading of new/ and cur/ came upon, in order of
 * arrival
 */

#ifndef MAILBOX_FOUND_H
#define MAILBOX_FOUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* One file. Its name lies in names, at name_at. */
struct found {
	uint64_t when; /* flags_arrival_key() */
	uint32_t name_at;
	uint8_t name_n;
	uint8_t part; /* enum maildir_part */
};

struct found_list {
	struct found *list;
	size_t count, room;
};

void found_add(struct found_list *l, struct found f);
void found_free(struct found_list *l);
struct span found_name(const struct found *f, const struct buf *names);
/* Oldest first, as flags_arrival_cmp() has it; of one base cur/ before new/. */
void found_sort(struct found_list *l, const struct buf *names);

#endif
