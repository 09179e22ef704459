/* mime.h - the structure of a message (RFC 2045, RFC 2046), in one pass
 *
 * What IMAP's BODYSTRUCTURE and BODY[1.2.MIME] and a reader of mail need: a
 * tree of parts with offsets into the message, which itself is not kept.
 */

#ifndef MESSAGE_MIME_H
#define MESSAGE_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "message/encode.h"

struct arena;
struct buf;

enum {
	MIME_DEPTH_MAX = 100, /* deeper multiparts are taken as leaves */
	MIME_PARTS_MAX = 10000, /* further ones belong to the last */
	MIME_FIELDS_MAX = 1 << 20, /* bytes of Content-* fields read, in all */
	MIME_FIELD_MAX = 65536, /* bytes of one such field */
	MIME_BOUNDARY_MAX = 256,
};

/* Bytes of the message. raw is what the file holds; crlf what it is with every
 * line end as CRLF; lf with every line end as LF; lines counts line ends. */
struct mime_size {
	uint64_t raw, crlf, lf, lines;
};

enum mime_kind { MIME_LEAF, MIME_MULTIPART, MIME_MESSAGE };

/* All spans lie in the arena and hold no CR, LF or NUL. */
struct mime_part {
	struct mime_part *parent; /* NULL for the root */
	struct mime_part *child; /* first of a multipart; of a MIME_MESSAGE the
				  * one part that is its message */
	struct mime_part *last; /* child */
	struct mime_part *next; /* sibling */
	unsigned number; /* among its siblings, from 1 */
	unsigned depth;
	enum mime_kind kind;

	uint64_t header_at; /* first byte of its header */
	uint64_t body_at; /* first byte behind the empty line */
	uint64_t end_at; /* behind its last byte: before the line end that
			  * belongs to the boundary */
	struct mime_size header, body; /* header with its empty line */

	struct span type, subtype; /* lower case; the default where absent */
	struct encode_params params;
	bool has_type; /* a Content-Type that could be read was there */
	enum encode_kind encoding;
	struct span encoding_name; /* lower case; empty when absent */
	struct span id, description, location, md5; /* unfolded */
	struct span language; /* as written: "de, fr" */
	struct span disposition; /* lower case; empty when absent */
	struct encode_params disposition_params;
	struct span boundary; /* of a multipart */
};

struct mime_tree {
	struct mime_part *root;
	size_t count; /* parts, the root too */
	bool cut; /* a limit was met: the tree is coarser than the mail */
};

struct mime_parser;

/* The tree is built in a, which must outlive it. */
struct mime_parser *mime_new(struct arena *a);
void mime_free(struct mime_parser **p);
void mime_feed(struct mime_parser *p, struct span bytes);
/* The message is over; *out is set. mime_free() is still due. */
void mime_finish(struct mime_parser *p, struct mime_tree *out);
/* Steps taken so far, for tests of linear time. */
uint64_t mime_work(const struct mime_parser *p);

/* All at once. */
void mime_parse(struct arena *a, struct span message, struct mime_tree *out);

/* The part that IMAP calls 1.2.3 (RFC 9051, 6.4.5.1), numbers from 1: numbers
 * go through a message/rfc822 to the parts of its message. n = 0 is the root.
 * NULL when there is none. */
const struct mime_part *
mime_part_find(const struct mime_tree *t, const unsigned *numbers, size_t n);
/* The part behind this one in the order of the message, or NULL: children
 * first, no recursion needed. */
const struct mime_part *mime_part_next(const struct mime_part *p);
/* Append the file name as UTF-8: filename of the disposition, else name of the
 * type. No '/', '\\' or control byte comes out. False when there is none. */
bool mime_part_filename(const struct mime_part *p, struct buf *out);
/* The body's bytes inside message. Offsets that do not fit message (another
 * one than was parsed) give an empty span. */
struct span mime_part_body(const struct mime_part *p, struct span message);
struct span mime_part_header(const struct mime_part *p, struct span message);
/* Append the body of a text part decoded and as valid UTF-8, at most max
 * bytes. */
void mime_part_text(const struct mime_part *p, struct span message, size_t max,
    struct buf *out);

#endif
