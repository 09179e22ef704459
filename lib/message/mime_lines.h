/* mime_lines.h - what each line of a message is, as it streams by: body, or
 * header of a part, or header of a message inside (RFC 2046)
 *
 * The message's own header is the caller's to read; its fields are told by
 * mime_lines_field(). Nothing of the message is kept but boundaries.
 */

#ifndef MESSAGE_MIME_LINES_H
#define MESSAGE_MIME_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum { MIME_LINES_BOUNDARY_MAX = 2048 };

enum mime_line {
	MIME_LINE_BODY, /* boundaries too */
	MIME_LINE_FIELD, /* the first of a header field; those that follow and
			  * begin with a blank belong to it, and are not fed */
	MIME_LINE_END /* the empty line behind a header */
};

struct mime_lines;

/* depth_max: multiparts and messages deeper than that are bodies. */
struct mime_lines *mime_lines_new(unsigned depth_max);
void mime_lines_free(struct mime_lines **m);
/* A whole field of the header that is under way; others than Content-* are
 * passed over. */
void mime_lines_field(struct mime_lines *m, struct span field);
/* The message's own header is over. */
void mime_lines_header_end(struct mime_lines *m);
/* The next line, without its end; of one that is very long the front is
 * enough. */
enum mime_line mime_lines_feed(struct mime_lines *m, struct span line);
/* The header under way is that of a message inside, not that of a part. */
bool mime_lines_nested(const struct mime_lines *m);
/* In a header: a line that begins with a blank goes on with the field. */
bool mime_lines_in_header(const struct mime_lines *m);
/* Counts the bodies: another number, another part. */
unsigned mime_lines_part(const struct mime_lines *m);
/* The body under way may have bytes above 127, by its encoding (RFC 2045, 6.2).
 */
bool mime_lines_wide(const struct mime_lines *m);
/* The last header that ended was that of a multipart or of a message inside,
 * and named an encoding that these may not have (RFC 2045, 6.4). */
bool mime_lines_bad_domain(const struct mime_lines *m);

#endif
