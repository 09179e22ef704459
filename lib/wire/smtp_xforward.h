/* smtp_xforward.h - XFORWARD as a client says it (Postfix's XFORWARD_README)
 */

#ifndef WIRE_SMTP_XFORWARD_H
#define WIRE_SMTP_XFORWARD_H

#include "base/span.h"
#include "wire/smtp_reply.h"

struct buf;

/* What there is to say; an empty value is said to be unavailable. */
struct smtp_xforward_values {
	struct span name, addr, proto, helo, ident, source;
};

/* Append one line "XFORWARD ...", with CRLF, of as many attributes of *left
 * (enum smtp_xforward) as fit into a line, and take those away from it. */
void smtp_xforward_line(
    struct buf *out, unsigned *left, const struct smtp_xforward_values *v);

#endif
