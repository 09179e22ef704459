/* strict.h - what a message may not have where main.cf is strict about MIME
 * (RFC 2045, 6.2 and 6.4; RFC 5322, 2.2) */

#ifndef INTAKE_STRICT_H
#define INTAKE_STRICT_H

#include "base/span.h"

struct strict;

enum strict_fault {
	STRICT_FINE,
	STRICT_8BIT_HEADER = 1 << 0, /* strict_7bit_headers */
	STRICT_8BIT_BODY = 1 << 1, /* strict_8bitmime_body: undeclared */
	/* strict_mime_encoding_domain: a multipart or a message inside is said
	 * to be in another encoding than 7bit, 8bit, binary */
	STRICT_DOMAIN = 1 << 2
};

/* wanted: enum strict_fault, together. */
struct strict *strict_new(unsigned wanted, unsigned depth_max);
void strict_free(struct strict **s);
/* A field of the message's own header, and the end of that. */
void strict_field(struct strict *s, struct span field);
void strict_header_end(struct strict *s);
/* Content behind it, cut anywhere, with LF line ends; NULL s is passed over. */
void strict_feed(struct strict *s, struct span bytes);
/* There is no more. */
void strict_end(struct strict *s);
/* The first that is wrong. */
enum strict_fault strict_fault(const struct strict *s);
/* Its text: "improper use of 8-bit data in message header". */
const char *strict_text(enum strict_fault fault);

#endif
