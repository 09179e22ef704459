/* imap_parse.h - commands of IMAP as bytes (RFC 3501 and 9051, section 9)
 *
 * Pure: bytes in, values out. A command is collected by the scanner with its
 * literals inside ("{3}" CRLF and three bytes); the other calls walk over it.
 * Each takes what it names off the front of *rest, or returns false and leaves
 * *rest as it was. Nothing here recurses.
 */

#ifndef WIRE_IMAP_PARSE_H
#define WIRE_IMAP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum imap_scan_result {
	IMAP_SCAN_MORE, /* the line is not whole */
	IMAP_SCAN_LINE, /* whole: used bytes, CRLF included */
	IMAP_SCAN_LITERAL /* a line that ends in a literal's size: used bytes;
			   * the command goes on behind the literal */
};

struct imap_scan_out {
	size_t used;
	uint64_t literal; /* its octets */
	bool no_wait; /* "{n+}": comes without being asked for (RFC 7888) */
	bool binary; /* "~{n}" (RFC 3516) */
};

/* Look for the end of one line of a command. LF alone ends it too. A size that
 * is no number within 64 bits is none. */
enum imap_scan_result
imap_scan_line(struct span input, struct imap_scan_out *out);

bool imap_space(struct span *rest);
bool imap_char(struct span *rest, char c);
/* Only the line's end is left. */
bool imap_end(struct span rest);
bool imap_tag(struct span *rest, struct span *tag);
bool imap_atom(struct span *rest, struct span *atom);
/* The atom is this word, in any case; not taken otherwise. */
bool imap_is_word(struct span *rest, const char *word);
bool imap_number(struct span *rest, uint32_t *n);
bool imap_number64(struct span *rest, uint64_t *n);
/* astring: an atom (']' allowed), a quoted string or a literal. The bytes, in
 * the arena when they had to be unquoted. No NUL, CR or LF in a quoted one. */
bool imap_astring(struct arena *a, struct span *rest, struct span *out);
bool imap_string(struct arena *a, struct span *rest, struct span *out);
/* literal8: "~{n}", which may hold NUL. */
bool imap_literal8(struct span *rest, struct span *out);
/* list-mailbox: as astring, but '%' and '*' may stand in the atom. */
bool imap_pattern(struct arena *a, struct span *rest, struct span *out);

enum { IMAP_FLAGS_MAX = 200 };

/* Flags: FLAG_ bits are the caller's business, so system flags come as bits of
 * this enum, keywords as names. */
enum imap_flag {
	IMAP_SEEN = 1,
	IMAP_ANSWERED = 2,
	IMAP_FLAGGED = 4,
	IMAP_DELETED = 8,
	IMAP_DRAFT = 16,
	IMAP_RECENT = 32
};

struct imap_flags {
	unsigned system;
	struct span *keywords; /* in the arena */
	size_t count;
};

/* "(\Seen $Junk)"; with bare, also without parentheses, as STORE has it.
 * Unknown system flags ("\Foo") are refused. */
bool imap_flag_list(
    struct arena *a, struct span *rest, bool bare, struct imap_flags *out);

#define IMAP_STAR UINT32_MAX

/* One "a:b" of a set, as written; IMAP_STAR for '*'. */
struct imap_range {
	uint32_t first, last;
};

struct imap_set {
	struct imap_range *list; /* in the arena */
	size_t count;
	bool saved; /* "$", of imap_message_set() */
};

bool
imap_sequence_set(struct arena *a, struct span *rest, struct imap_set *out);
/* The same or "$", what a search has saved (RFC 5182): an empty set then. */
bool imap_message_set(struct arena *a, struct span *rest, struct imap_set *out);
/* A known set with '*' as the number last, each range low to high, sorted and
 * joined: for walking once. */
void imap_set_resolve(struct imap_set *set, uint32_t last);

/* "1:100", or "-1:-100" of those from the end (RFC 9394); first <= last here,
 * whichever way they were written. */
struct imap_partial {
	uint32_t first, last;
	bool from_end;
};

bool imap_partial(struct span *rest, struct imap_partial *out);
/* The places from *begin to before *end of a list of count that are meant;
 * equal when there are none. */
void imap_partial_of(
    const struct imap_partial *p, size_t count, size_t *begin, size_t *end);

/* Answers. */

/* Append s as a quoted string or a literal, whichever it needs. */
void imap_put_string(struct buf *out, struct span s);
/* Append s as an atom where it can be one, else as imap_put_string. */
void imap_put_astring(struct buf *out, struct span s);
/* As imap_put_astring, for clients that take UTF-8 in a quoted string. */
void imap_put_utf8(struct buf *out, struct span s);
/* Append NIL when s.p is NULL, else as imap_put_string. */
void imap_put_nstring(struct buf *out, struct span s);
/* The same for values that may hold NUL, as literal8 then. */
void imap_put_value(struct buf *out, struct span s);
/* Append rising numbers as a set, "1:3,7". Begin with at zero; end with
 * imap_put_set_end(). */
struct imap_set_writer {
	uint32_t first, last;
	bool any, wrote;
};
void imap_put_set(struct buf *out, struct imap_set_writer *w, uint32_t n);
void imap_put_range(
    struct buf *out, struct imap_set_writer *w, uint32_t first, uint32_t last);
void imap_put_set_end(struct buf *out, struct imap_set_writer *w);

#endif
