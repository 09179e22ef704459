/* pop3_reply.h - what a POP3 server says until its client is logged in, as the
 * client reads it (RFC 1939, 3; RFC 2449)
 *
 * Pure.
 */

#ifndef WIRE_POP3_REPLY_H
#define WIRE_POP3_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Of one answer, the lines behind the first included. */
enum { POP3_REPLY_MAX = 8192, POP3_MECHANISMS_MAX = 16 };

enum pop3_reply_result {
	POP3_REPLY_MORE,
	POP3_REPLY_DONE,
	POP3_REPLY_BAD /* not POP3, or too long: close the connection */
};

enum pop3_reply_status {
	POP3_REPLY_OK,
	POP3_REPLY_ERR,
	POP3_REPLY_GO_ON /* "+ ..." (RFC 5034) */
};

struct pop3_reply {
	size_t used; /* octets of input */
	enum pop3_reply_status status;
	struct span code; /* "[SYS/TEMP]" without its brackets, or empty */
	struct span text; /* without the line's end */
	struct span lines; /* of an answer of many lines, without the dot */
};

/* The answer at the front of in; spans point there. many: behind +OK come lines
 * up to a dot. */
enum pop3_reply_result
pop3_reply_parse(struct span in, bool many, struct pop3_reply *out);

enum pop3_offer {
	POP3_OFFERS_STLS = 1 << 0,
	POP3_OFFERS_USER = 1 << 1,
	POP3_OFFERS_XCLIENT = 1 << 2
};

struct pop3_offers {
	unsigned has; /* of enum pop3_offer */
	struct span mechanisms[POP3_MECHANISMS_MAX];
	size_t mechanism_count;
};

/* Of the answer to CAPA. */
void pop3_offers_parse(struct span lines, struct pop3_offers *out);

#endif
