/* tlsrpt_mail.h - a report about TLS packed, and as a message (RFC 8460, 5.3)
 */

#ifndef WIRE_TLSRPT_MAIL_H
#define WIRE_TLSRPT_MAIL_H

#include "base/span.h"

struct buf;
struct tlsrpt;

/* Which report, and whose. */
struct tlsrpt_by {
	const struct tlsrpt *counts;
	struct span day, domain;
	struct span submitter; /* tlsrpt_submitter() */
	struct span sender; /* an address */
};
/* Who reports: the domain of the address that the report names for questions,
 * as both must be the same (5.3). */
struct span tlsrpt_submitter(struct span sender);

/* Append the report as JSON. */
void tlsrpt_report(const struct tlsrpt_by *by, struct buf *out);
/* The same as gzip has it, for application/tlsrpt+gzip. */
void tlsrpt_packed(const struct tlsrpt_by *by, struct buf *out);
/* Append the message with it to an address, with LF line ends. */
void
tlsrpt_message(const struct tlsrpt_by *by, struct span to, struct buf *out);

#endif
