/* imap_metadata.h - GETMETADATA and SETMETADATA (RFC 5464) */

#ifndef WIRE_IMAP_METADATA_H
#define WIRE_IMAP_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;

enum { METADATA_NAMES_MAX = 1000 };

enum imap_metadata_depth { METADATA_SELF, METADATA_CHILDREN, METADATA_ALL };

struct imap_metadata_pair {
	struct span name;
	struct span value; /* p NULL: NIL */
};

struct imap_getmetadata {
	struct span mailbox; /* as the wire has it; empty: the server */
	enum imap_metadata_depth depth;
	bool has_max;
	uint32_t max; /* octets of the largest value to be told */
	struct span *names; /* in the arena */
	size_t count;
};

/* All behind GETMETADATA, to the line's end. Options stand before the mailbox,
 * or, as the examples of the RFC have it, behind. */
bool imap_getmetadata_parse(
    struct arena *a, struct span rest, struct imap_getmetadata *out);

struct imap_setmetadata {
	struct span mailbox;
	struct imap_metadata_pair *list; /* in the arena */
	size_t count;
};
bool imap_setmetadata_parse(
    struct arena *a, struct span rest, struct imap_setmetadata *out);

/* "(name name)", names that can be asked for. */
bool imap_metadata_names(
    struct arena *a, struct span *rest, struct span **names, size_t *count);

/* Does name lie at or, so deep, below asked? */
bool imap_metadata_below(
    struct span name, struct span asked, enum imap_metadata_depth depth);

#endif
