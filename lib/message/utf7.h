/* utf7.h - modified UTF-7 of IMAP's mailbox names (RFC 3501, 5.1.3) */

#ifndef MESSAGE_UTF7_H
#define MESSAGE_UTF7_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append the name as UTF-8. False, nothing appended, when it is not the one
 * proper form: bytes outside 0x20-0x7E, a run that encodes printable ASCII, NUL
 * or controls, a lone surrogate, padding bits that are not zero, a missing '-',
 * two runs side by side. */
bool utf7_to_utf8(struct buf *out, struct span name);
/* Append the name in modified UTF-7. False, nothing appended, when it is no
 * valid UTF-8 or holds a control character. */
bool utf7_from_utf8(struct buf *out, struct span name);

#endif
