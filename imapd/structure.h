/* structure.h - BODY and BODYSTRUCTURE (RFC 3501, 7.4.2) */

#ifndef IMAPD_STRUCTURE_H
#define IMAPD_STRUCTURE_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct buf;
struct mime_part;
struct mime_tree;

/* The header section of a part that is a message: its bytes, in a. */
typedef bool structure_header_fn(void *arg, struct arena *a,
    const struct mime_part *part, struct span *header);

struct structure {
	const struct mime_tree *tree;
	bool extended; /* BODYSTRUCTURE's extension fields */
	structure_header_fn *header;
	void *arg;
};

/* Append the structure. False when a header could not be read. */
bool structure_put(const struct structure *s, struct buf *out);

#endif
