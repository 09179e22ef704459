/* header.h - the header of a message while milters change it
 *
 * It is what the content has, with the edits (queue/edits.h) that were made so
 * far; what comes out is a list of edits again.
 */

#ifndef MILTER_HEADER_H
#define MILTER_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;
struct milter_header;

enum {
	MILTER_FIELDS_MAX = 2000,
	MILTER_EDITS_MAX = 24576 /* octets: a signature must fit behind them */
};

struct milter_field {
	struct span name;
	struct span value; /* as it stands, without its last line end */
};

/* content: the header as it is in the queue file, up to its empty line. All
 * lives in a. NULL: more fields than the limit, or ill-formed edits. */
struct milter_header *
milter_header_new(struct arena *a, struct span content, struct span edits);
/* The next field that a milter sees: *at begins at 0. */
bool milter_header_next(
    const struct milter_header *h, size_t *at, struct milter_field *out);

/* Changes; a name that is none is passed over: false.
 * space: a blank goes before the value. */
bool milter_header_add(
    struct milter_header *h, struct span name, struct span value, bool space);
/* Before the field that is number index, from 0, of those a milter sees. */
bool milter_header_insert(struct milter_header *h, uint32_t index,
    struct span name, struct span value, bool space);
/* Field number index, from 1, of that name; an empty value takes it out; one
 * that is not there is added. */
bool milter_header_change(struct milter_header *h, uint32_t index,
    struct span name, struct span value, bool space);

/* The next field that a milter added or changed; all: with its line end. Its
 * number is among all rows, and holds until the next change. */
struct milter_made {
	struct span name, all;
	uint32_t number;
};
bool milter_header_made(
    const struct milter_header *h, size_t *at, struct milter_made *out);
/* Apply edits (queue/edits.h) that name those numbers. False: no room, or
 * ill-formed. */
bool milter_header_edit(struct milter_header *h, struct span edits);

/* More was made than edits may take: it is of no use any more. */
bool milter_header_full(const struct milter_header *h);

/* Append the edits that make the content's header what it is now. */
void milter_header_edits(const struct milter_header *h, struct buf *edits);

#endif
