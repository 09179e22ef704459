/* imap_fetch.h - what FETCH asks for (RFC 3501, 6.4.5; RFC 7162) */

#ifndef WIRE_IMAP_FETCH_H
#define WIRE_IMAP_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum imap_fetch_kind {
	FETCH_UID,
	FETCH_FLAGS,
	FETCH_INTERNALDATE,
	FETCH_SIZE, /* RFC822.SIZE */
	FETCH_ENVELOPE,
	FETCH_BODY, /* the structure without extensions */
	FETCH_BODYSTRUCTURE,
	FETCH_MODSEQ,
	FETCH_SAVEDATE, /* RFC 8514 */
	FETCH_EMAILID, /* RFC 8474 */
	FETCH_THREADID,
	FETCH_PREVIEW, /* RFC 8970 */
	FETCH_SECTION, /* BODY[...], and what RFC822 and its kin stand for */
	FETCH_BINARY, /* BINARY[...] (RFC 3516) */
	FETCH_BINARY_SIZE
};

enum imap_section {
	SECTION_ALL, /* the part itself, or with no numbers the message */
	SECTION_HEADER,
	SECTION_FIELDS, /* HEADER.FIELDS */
	SECTION_FIELDS_NOT,
	SECTION_TEXT,
	SECTION_MIME
};

enum {
	FETCH_ITEMS_MAX = 100,
	FETCH_DEPTH_MAX = 100, /* part numbers of a section */
	FETCH_FIELDS_MAX = 200 /* names of header fields */
};

struct imap_fetch_item {
	enum imap_fetch_kind kind;
	enum imap_section section;
	const unsigned *numbers;
	size_t number_count;
	const struct span *fields;
	size_t field_count;
	bool partial;
	uint64_t from, length; /* of a partial */
	bool peek; /* \Seen stays as it is */
	bool lazy; /* of a preview: only when it is at hand */
	const char *name; /* of the answer for RFC822 and its kin, else NULL */
};

struct imap_fetch {
	struct imap_fetch_item *items; /* in the arena */
	size_t count;
};

/* ALL, FAST, FULL, one item, or a list in parentheses. */
bool
imap_fetch_items(struct arena *a, struct span *rest, struct imap_fetch *out);
/* A copy with all it names, in a. */
void imap_fetch_copy(
    struct arena *a, const struct imap_fetch *from, struct imap_fetch *to);
/* Append the item's name as the answer has it: "BODY[1.MIME]<0>". */
void imap_fetch_name(struct buf *out, const struct imap_fetch_item *item);

#endif
