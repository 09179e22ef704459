/* managesieve_reply.h - what a ManageSieve server says until its client is
 * logged in, as the client reads it (RFC 5804, 1.2, 1.7 and 4)
 *
 * Pure. One line at a time, literals included.
 */

#ifndef WIRE_MANAGESIEVE_REPLY_H
#define WIRE_MANAGESIEVE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum { MANAGESIEVE_REPLY_MAX = 8192, MANAGESIEVE_MECHANISMS_MAX = 16 };

enum managesieve_reply_result {
	MANAGESIEVE_REPLY_MORE,
	MANAGESIEVE_REPLY_DONE,
	MANAGESIEVE_REPLY_BAD /* not ManageSieve, or too long: close */
};

enum managesieve_reply_status {
	MANAGESIEVE_REPLY_DATA, /* a capability, or a challenge */
	MANAGESIEVE_REPLY_OK,
	MANAGESIEVE_REPLY_NO,
	MANAGESIEVE_REPLY_BYE
};

/* Of quoted strings what stands between the quotes, backslashes included. */
struct managesieve_reply {
	size_t used; /* octets of input */
	enum managesieve_reply_status status;
	struct span name, value; /* of data: its first two strings, or empty */
	struct span code; /* "(TRYLATER)" without parentheses, or empty */
	struct span text; /* for people; or empty */
};

/* The line at the front of in; spans point there. */
enum managesieve_reply_result
managesieve_reply_parse(struct span in, struct managesieve_reply *out);
/* The words of the capability SASL; how many there are, up to
 * MANAGESIEVE_MECHANISMS_MAX. */
size_t managesieve_mechanisms(
    struct span words, struct span out[MANAGESIEVE_MECHANISMS_MAX]);

#endif
