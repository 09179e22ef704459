/* json_read.h - reading JSON (RFC 8259), one piece at a time
 *
 * Pure, in one pass and without recursion. Strict: no comments, no commas too
 * many, no control bytes in strings, well-formed UTF-8 only.
 */

#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

enum { JSON_DEPTH_MAX = 64 };

enum json_piece {
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_NAME, /* of a member; its value follows */
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
	JSON_END, /* the text was one whole value */
	JSON_BAD /* ill-formed, or deeper than JSON_DEPTH_MAX */
};

/* Begin with { .rest = text }. */
struct json_reader {
	struct span rest;
	unsigned depth; /* how many objects and arrays are open */
	uint64_t objects; /* a bit for each: is it an object? */
	unsigned state;
};

/* The next piece. text is set to the decoded name or string, which may hold
 * NUL, or to a number as it was written; else it is empty. After JSON_END and
 * JSON_BAD the same comes again. */
enum json_piece json_next(struct json_reader *r, struct buf *text);
/* Behind a name or a piece that has begun something: pass over all of the value
 * that follows (behind a name) or the rest of what was begun. False: it was
 * ill-formed. */
bool json_skip(struct json_reader *r, struct buf *text);

#endif
