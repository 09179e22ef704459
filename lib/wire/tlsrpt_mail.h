/* tlsrpt_mail.h - a report about TLS packed, and as a message (RFC 8460, 5.3)
 */

#ifndef WIRE_TLSRPT_MAIL_H
#define WIRE_TLSRPT_MAIL_H

#include "base/span.h"

struct buf;
struct tlsrpt;

struct tlsrpt_by {
	struct span submitter; /* a domain */
	struct span sender; /* an address */
};

/* Append the report of a domain's day as JSON. */
void tlsrpt_report(const struct tlsrpt *t, struct span day, struct span domain,
    const struct tlsrpt_by *by, struct buf *out);
/* The same as gzip has it, for application/tlsrpt+gzip. */
void tlsrpt_packed(const struct tlsrpt *t, struct span day, struct span domain,
    const struct tlsrpt_by *by, struct buf *out);
/* Append the message with it to an address, with LF line ends. */
void tlsrpt_message(const struct tlsrpt *t, struct span day, struct span domain,
    const struct tlsrpt_by *by, struct span to, struct buf *out);

#endif
