/* encode.h - MIME's encodings: bodies (RFC 2045, 6), words in header fields
 * (RFC 2047) and parameters (RFC 2231)
 */

#ifndef MESSAGE_ENCODE_H
#define MESSAGE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

/* Bodies. */

enum encode_kind {
	ENCODE_7BIT,
	ENCODE_8BIT,
	ENCODE_BINARY,
	ENCODE_QP,
	ENCODE_BASE64,
	ENCODE_UNKNOWN
};

/* By the value of Content-Transfer-Encoding; empty is 7bit. */
enum encode_kind encode_kind_of(struct span name);

/* A decoder of one body, fed in pieces; a value. */
struct decode {
	enum encode_kind kind;
	uint32_t bits;
	unsigned have;
	char held[4]; /* quoted-printable: '=' and what followed it */
	unsigned held_n;
	size_t blanks; /* quoted-printable: blanks that may end a line */
	char blank[128];
	bool ended; /* base64: padding was seen */
	bool damaged; /* something was not as the RFC has it */
};

void decode_init(struct decode *d, enum encode_kind kind);
/* Append what s decodes to. Lenient: bytes that base64 does not know are passed
 * over, a lone '=' in quoted-printable stands for itself. Text that is not
 * encoded (7bit, unknown) is copied. At most s.n + 128 bytes are appended. */
void decode_feed(struct decode *d, struct span s, struct buf *out);
void decode_finish(struct decode *d, struct buf *out);
/* All at once; false when something was damaged. */
bool decode_body(struct buf *out, struct span s, enum encode_kind kind);

/* Append s in base64, in lines of 76 that end in LF, the last one too. s must
 * be the whole, or a multiple of 57 bytes but for the last piece. */
void encode_base64_body(struct buf *out, struct span s);
/* Append text as quoted-printable with lines of at most 76 bytes; LF and CRLF
 * are line ends and come out as LF, any other control byte is encoded, so are
 * "From " and "." at the front of a line. A last line without end gets a soft
 * line break, so that decoding gives back the same. */
void encode_qp(struct buf *out, struct span text);

/* Append s with each LF that has no CR before it made CRLF. */
void encode_crlf(struct buf *out, struct span s);

/* Words in header fields. */

/* Append the text of an unstructured value or a phrase as valid UTF-8, encoded
 * words decoded, whatever charset they name, the blanks between two of them
 * gone. s is folded or not. No control byte comes out: they become spaces. */
void encode_words_decode(struct buf *out, struct span s);
/* Append UTF-8 text for an unstructured value, folded to lines of 76 bytes
 * where it can be: ASCII words as they are, others as encoded words, Q or B
 * by how much must be coded. column is where the value begins in its line. CR,
 * LF and NUL become spaces; bytes that are no UTF-8 become U+FFFD. */
void encode_words(struct buf *out, struct span text, size_t column);
/* The same for a phrase (a display name): plain words, else a quoted string
 * when it is ASCII, else encoded words. Not folded within a quoted string. */
void encode_phrase(struct buf *out, struct span text, size_t column);

/* Parameters of Content-Type and Content-Disposition. */

enum {
	ENCODE_PARAMS_MAX = 100, /* kept of one field */
	ENCODE_PARAM_BYTES_MAX = 16384, /* of one decoded value */
};

struct encode_param {
	struct span name; /* as written, "filename*0*" too */
	struct span value; /* without quotes and backslashes */
};

struct encode_params {
	struct encode_param *list; /* in the arena */
	size_t count;
	bool cut;
};

/* Read "; name=value; ..." as it stands behind the type (value folded or
 * not). Lenient: what is no parameter is passed over. */
void
encode_params_parse(struct arena *a, struct span s, struct encode_params *out);
/* Append the value of name as UTF-8: pieces joined, charset and %XX undone (RFC
 * 2231), and encoded words undone, which RFC 2047 forbids there and many
 * send. False when there is none. */
bool encode_param_get(
    const struct encode_params *l, const char *name, struct buf *out);
/* Append "; name=value", a line end and a tab before it when the line would
 * grow beyond 76: token, quoted string, or RFC 2231 in UTF-8, in pieces when
 * long. *column is where the line stands. */
void encode_param_add(
    struct buf *out, const char *name, struct span value, size_t *column);

#endif
