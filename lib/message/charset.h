/* charset.h - text in any charset to UTF-8 and back, by iconv(3) */

#ifndef MESSAGE_CHARSET_H
#define MESSAGE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

/* A conversion in progress. */
struct charset;

/* True when name (or an alias of it) is one that we convert. */
bool charset_known(struct span name);

/* Convert from the charset called name to UTF-8. Never NULL: an unknown or
 * empty name is read as UTF-8 as long as it is valid UTF-8, and byte for byte
 * as windows-1252 otherwise. */
struct charset *charset_decoder(struct span name);
/* Convert UTF-8 to the charset called name; NULL when it is unknown. */
struct charset *charset_encoder(struct span name);
void charset_free(struct charset **c);

/* Append the conversion of s to out. What cannot be converted becomes U+FFFD
 * ('?' in an encoder). A character cut at the end of s is kept for the next
 * call. At most 8 * (s.n + 16) bytes are appended; what a decoder appends is
 * valid UTF-8. */
void charset_feed(struct charset *c, struct span s, struct buf *out);
/* The text is over: a cut character becomes a replacement, shift states end. */
void charset_finish(struct charset *c, struct buf *out);
/* Something had to be replaced so far. */
bool charset_lossy(const struct charset *c);

/* All at once. True when nothing had to be replaced and the name is known. */
bool charset_to_utf8(struct buf *out, struct span s, struct span name);
/* False, nothing appended, when the name is unknown or a character of s is not
 * in it. */
bool charset_from_utf8(struct buf *out, struct span s, struct span name);

#endif
