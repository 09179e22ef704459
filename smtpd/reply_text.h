/* reply_text.h - a reply in lines (RFC 5321, 4.2.1 and 4.5.3.1.5) */

#ifndef SMTPD_REPLY_TEXT_H
#define SMTPD_REPLY_TEXT_H

#include "base/span.h"

struct buf;

/* Octets of a line, with CRLF. */
enum { REPLY_LINE_MAX = 512, REPLY_LINES_MAX = 20 };

/* Append a whole reply. An LF in text begins another line, and a line that is
 * too long goes on in the next one, from a blank where there is one; each has
 * the code and the status (of RFC 2034; may be empty). What would be more than
 * REPLY_LINES_MAX is left out. */
void
reply_text_put(struct buf *out, int code, const char *status, struct span text);

#endif
