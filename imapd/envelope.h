/* envelope.h - ENVELOPE of a header (RFC 3501, 7.4.2) */

#ifndef IMAPD_ENVELOPE_H
#define IMAPD_ENVELOPE_H

#include "base/span.h"

struct arena;
struct buf;

/* Append the ten fields in parentheses. header is a header section; a is used
 * for what is in between. */
void envelope_put(struct arena *a, struct span header, struct buf *out);

#endif
