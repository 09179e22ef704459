/* imap_reply.h - what an IMAP server says until its client is logged in, as the
 * client reads it (RFC 3501 and 9051, 7)
 *
 * Pure. Of data only the first word is named; literals in it are passed over.
 */

#ifndef WIRE_IMAP_REPLY_H
#define WIRE_IMAP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Of one response, literals included. */
enum { IMAP_REPLY_MAX = 8192, IMAP_MECHANISMS_MAX = 16 };

enum imap_reply_result {
	IMAP_REPLY_MORE,
	IMAP_REPLY_DONE,
	IMAP_REPLY_BAD /* not IMAP, or too long: close the connection */
};

enum imap_reply_status {
	IMAP_REPLY_DATA, /* "* CAPABILITY ..." */
	IMAP_REPLY_GO_ON, /* "+ ..." */
	IMAP_REPLY_OK,
	IMAP_REPLY_NO,
	IMAP_REPLY_REFUSED, /* BAD */
	IMAP_REPLY_PREAUTH,
	IMAP_REPLY_BYE
};

struct imap_reply {
	size_t used; /* octets of input */
	struct span tag; /* empty: "*" or "+" */
	enum imap_reply_status status;
	struct span word; /* of data: its first word */
	struct span code, arguments; /* "[CODE ARGUMENTS]", or empty */
	struct span text; /* the rest, without the line's end */
};

/* The response at the front of in; spans point there. */
enum imap_reply_result imap_reply_parse(struct span in, struct imap_reply *out);

enum imap_offer {
	IMAP_OFFERS_STARTTLS = 1 << 0,
	IMAP_OFFERS_SASL_IR = 1 << 1,
	IMAP_OFFERS_ID = 1 << 2,
	IMAP_OFFERS_NO_LOGIN = 1 << 3 /* LOGINDISABLED */
};

struct imap_offers {
	unsigned has; /* of enum imap_offer */
	struct span mechanisms[IMAP_MECHANISMS_MAX];
	size_t mechanism_count;
};

/* words: what stands behind CAPABILITY. */
void imap_offers_parse(struct span words, struct imap_offers *out);

#endif
