/* header.h - the header section of a message (RFC 5322, 2.2), never copied */

#ifndef MESSAGE_HEADER_H
#define MESSAGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct arena;

enum {
	HEADER_FIELDS_MAX = 1000, /* kept of one header */
	HEADER_BYTES_MAX = 1 << 20, /* parsed of one header */
};

/* A field as it stands in the message. A line that is no field (no colon, a
 * bad name) comes as one with an empty name, so that nothing is lost. */
struct header_field {
	struct span name; /* without the blanks before an obsolete colon */
	struct span value; /* behind the colon, folded, without the last line
			    * end; a first blank is still there */
	struct span all; /* the whole field with its line ends */
};

/* Take the next field off *rest, which begins at the header or behind the field
 * before. Lines end in LF or CRLF. False at the empty line or the end of the
 * data: then *rest begins with the body (the empty line is taken off). */
bool header_next(struct span *rest, struct header_field *out);
/* Offset of the body: behind the empty line, or message.n without one. */
size_t header_end(struct span message);
/* First field of that name, without regard to case. */
bool
header_find(struct span message, const char *name, struct header_field *out);
/* How many there are. */
size_t header_count(struct span message, const char *name);
/* 1*ftext: printable ASCII without blank and colon. */
bool header_name_valid(struct span name);

struct header_list {
	struct header_field *list; /* in the arena, in the order they stand */
	size_t count;
	bool cut; /* more fields or bytes than the limits */
	size_t body_at; /* as header_end(), limits or not */
};

/* All fields of message, up to the limits above. */
void header_list_parse(
    struct arena *a, struct span message, struct header_list *out);
/* The first of that name at or behind index *at, which then stands behind it;
 * NULL when there is no more. Start with 0. */
const struct header_field *
header_list_find(const struct header_list *l, const char *name, size_t *at);

/* Append a value unfolded: line ends go, the blanks behind them stay; blanks at
 * both ends go; stray CR, LF and NUL become spaces. */
void header_unfold(struct buf *out, struct span value);
/* The same in the arena. */
struct span header_unfold_arena(struct arena *a, struct span value);

/*
 * The scanner of a server that streams: it is fed bytes as they come, keeps one
 * field at a time, and remembers the facts below.
 */
struct header_scan;

/* A complete field; its spans are good during the call only. */
struct header_scanned {
	struct header_field field;
	uint64_t offset; /* of its first byte in what was fed */
	uint64_t length; /* in the message, with line ends */
	bool cut; /* longer than field_max: field is its front */
};
typedef void header_scan_fn(void *arg, const struct header_scanned *s);

/* Fields of which the scanner notes that they were seen. */
enum header_known {
	HEADER_FROM = 1 << 0,
	HEADER_SENDER = 1 << 1,
	HEADER_TO = 1 << 2,
	HEADER_CC = 1 << 3,
	HEADER_BCC = 1 << 4,
	HEADER_DATE = 1 << 5,
	HEADER_MESSAGE_ID = 1 << 6,
	HEADER_SUBJECT = 1 << 7,
	HEADER_MIME_VERSION = 1 << 8,
	HEADER_CONTENT_TYPE = 1 << 9,
	HEADER_CONTENT_ENCODING = 1 << 10,
	HEADER_RETURN_PATH = 1 << 11,
	HEADER_REPLY_TO = 1 << 12,
	HEADER_RESENT = 1 << 13, /* any Resent-* */
	HEADER_DKIM_SIGNATURE = 1 << 14,
	HEADER_AUTHENTICATION_RESULTS = 1 << 15,
};

struct header_facts {
	unsigned seen; /* of enum header_known */
	unsigned received; /* how many Received fields: the hop count */
	unsigned delivered_to;
	unsigned fields;
	unsigned from_count; /* From fields (RFC 5322 wants one) */
	struct buf message_id; /* with <>, unfolded, no control bytes; of the
				* first Message-ID, at most 998 bytes */
	struct buf subject; /* raw, unfolded, the first 250 bytes */
	bool ended; /* the header's end was seen */
	bool blank; /* by an empty line (not junk, not the data's end) */
	bool non_ascii; /* some byte of the header is above 127 */
	bool nul; /* some byte of the header is NUL */
	uint64_t header_bytes; /* up to the empty or junk line, exclusive */
	uint64_t body_at; /* first byte behind the empty line; at junk, the
			   * junk line's offset */
};

/* field_max: bytes of one field given to each (header_size_limit; at least
 * 1,000). each may be
 * NULL. A line that is no field ends the header, as in Postfix. A first line
 * "From " or ">From " of a mailbox file is passed over as if it were a field
 * with an empty name. */
struct header_scan *
header_scan_new(size_t field_max, header_scan_fn *each, void *arg);
void header_scan_free(struct header_scan **s);
/* Feed the next bytes. True while the header goes on; when false is returned
 * nothing more needs to be fed (doing it is harmless). */
bool header_scan_feed(struct header_scan *s, const char *p, size_t n);
/* The message is over. */
void header_scan_finish(struct header_scan *s);
/* Complete once ended is set or header_scan_finish() was called. */
const struct header_facts *header_scan_facts(const struct header_scan *s);

#endif
