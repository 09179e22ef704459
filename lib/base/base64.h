/* base64.h - RFC 4648, section 4 (and its URL form in section 5) */

#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append the encoding of s, padded, without line ends. */
void base64_encode(struct buf *out, struct span s);
/* Append the bytes that s encodes. Strict: no blanks, exact padding, no stray
 * bits behind the end; false otherwise, out then holds what it held. */
bool base64_decode(struct buf *out, struct span s);
/* With '-' and '_' and no padding. */
void base64url_encode(struct buf *out, struct span s);
bool base64url_decode(struct buf *out, struct span s);
/* Lower-case hexadecimal. */
void hex_encode(struct buf *out, struct span s);
bool hex_decode(struct buf *out, struct span s);

#endif
