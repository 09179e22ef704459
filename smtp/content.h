/* content.h - a message of the queue as it goes over the wire */

#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct change;
struct content;
struct edited;

enum content_result { CONTENT_MORE, CONTENT_END, CONTENT_FAILED };

struct content_how {
	/* Longer lines are broken (a line end and a blank; RFC 5321,
	 * 4.5.3.1.6); 0: no limit. */
	size_t line_max;
	bool chunk; /* for BDAT: no dots */
	bool seven_bit; /* 8-bit parts are encoded */
	bool no_utf8; /* parts of UTF-8 headers are (RFC 6533, 4.5) */
	/* Comes in place of the message's first header_size bytes. */
	struct span header;
	size_t header_size;
	const struct change *changes; /* of a letter */
	size_t change_count;
};

/* message outlives it. */
struct content *
content_new(const struct edited *message, const struct content_how *how);
void content_free(struct content **c);
/* Append the next piece: CRLF line ends, dots doubled, at the end the final
 * dot (but in a chunk). FAILED, with errno: the queue file cannot be read, and
 * what was sent must not be ended. */
enum content_result content_next(struct content *c, struct buf *out);

/* Is some header of what would be sent not ASCII? Reads all of it. -1 with
 * errno: it cannot be read. */
int content_is_wide(
    const struct edited *message, struct span header, size_t header_size);

#endif
