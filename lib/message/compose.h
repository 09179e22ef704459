/* compose.h - building a message from values, never by pasting
 *
 * Whatever the values hold, no CR, LF or NUL of theirs gets into the header:
 * they become spaces, or the call refuses. Lines end in LF.
 */

#ifndef MESSAGE_COMPOSE_H
#define MESSAGE_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

/* Order of calls: fields; then one part, or compose_multipart_begin(), its
 * parts or multiparts, compose_multipart_end(). Each call appends to the
 * buffer, which the caller may empty between any two. A call out of order is a
 * fault of the program (must). */
struct compose;

struct compose_address {
	struct span name; /* UTF-8, may be empty */
	struct span local; /* unquoted */
	struct span domain; /* may be empty; an IDN as it is to be written */
};

/* out stays the caller's and must live as long. */
struct compose *compose_new(struct buf *out);
void compose_free(struct compose **c);

/* An unstructured field, text in UTF-8: encoded words and folding as needed.
 * False, nothing written, when name is no field name. */
bool compose_field(struct compose *c, const char *name, struct span text);
/* A structured field that is ready (message ids, "auto-replied", Received):
 * folded at blanks. False, nothing written, when value holds CR, LF, NUL or
 * another control byte, or name is no field name. */
bool compose_field_raw(struct compose *c, const char *name, struct span value);
/* An address list; nothing is written when n is 0. False when an address
 * cannot be written: empty local part, or control bytes. */
bool compose_field_addresses(struct compose *c, const char *name,
    const struct compose_address *list, size_t n);
/* "From:" for a message without one: the sender of its envelope, as it stood,
 * with its quotes; MAILER-DAEMON for the empty one, at origin when it has no
 * domain. False as above. */
bool compose_from(struct compose *c, struct span name, struct span sender,
    struct span origin);
/* "Date:" */
void compose_date(struct compose *c, int64_t time, int zone);
/* "Message-ID:", made of the time, random bits and domain (which must be a
 * domain of RFC 5321, else "localhost" is taken); also appended with its <> to
 * id when that is not NULL. */
void compose_message_id(struct compose *c, struct span domain, struct buf *id);
/* In-Reply-To and References of an answer to message (a header will do), as far
 * as it has ids. */
enum { COMPOSE_REFERENCES_MAX = 2000 };
void compose_refer(struct compose *c, struct span message);

/* "mixed", "alternative", "related"; "report" with its report-type, else NULL.
 */
void compose_multipart_begin(
    struct compose *c, const char *subtype, const char *report_type);
void compose_multipart_end(struct compose *c);

/* A whole text part, "plain" or "html", UTF-8, quoted-printable (7bit when it
 * is ASCII in short lines). */
void compose_text(struct compose *c, const char *subtype, struct span utf8);

struct compose_part {
	struct span type; /* "image/png"; ill-formed or empty:
			   * application/octet-stream */
	struct span charset; /* of a text part, may be empty */
	struct span filename; /* UTF-8, may be empty */
	struct span id; /* Content-ID without <>, may be empty */
	struct span description; /* UTF-8, may be empty */
	bool is_inline; /* disposition inline, else attachment */
	bool verbatim; /* not base64 but as it is, as for message/rfc822 and
			* message/delivery-status, without a disposition */
	bool ascii; /* a verbatim part is 7bit, not 8bit */
};

/* A part fed in pieces of any size. A verbatim part gets a line end if its last
 * byte is none; CRLF in it becomes LF, a bare CR or a NUL a space. */
void compose_part_begin(struct compose *c, const struct compose_part *p);
void compose_part_feed(struct compose *c, struct span bytes);
void compose_part_end(struct compose *c);
/* All at once. */
void compose_part(
    struct compose *c, const struct compose_part *p, struct span bytes);

/* Everything was closed: header ended, every multipart too. */
bool compose_done(const struct compose *c);

#endif
