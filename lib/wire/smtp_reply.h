/* smtp_reply.h - the replies of SMTP and LMTP servers (RFC 5321, 4.2), as a
 * client reads them
 */

#ifndef WIRE_SMTP_REPLY_H
#define WIRE_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

enum {
	SMTP_REPLY_BYTES_MAX = 65536, /* of one reply, all lines */
	SMTP_REPLY_LINES_MAX = 128,
	SMTP_MECHANISMS_MAX = 32,
};

enum smtp_reply_result {
	SMTP_REPLY_MORE,
	SMTP_REPLY_DONE,
	SMTP_REPLY_BAD /* not SMTP, or too long: close the connection */
};

/* A whole reply. Good until the reader is fed again. */
struct smtp_reply {
	int code; /* 200..599, of the last line, which decides */
	char status[12]; /* "5.1.1" (RFC 2034) when the text begins with one of
			  * the code's class; else "" */
	struct buf text; /* lines joined by LF, codes and the enhanced code of
			  * each line taken off, control bytes as '?' */
	struct buf raw; /* the same with the enhanced codes */
	unsigned lines;
};

struct smtp_reply_reader;

struct smtp_reply_reader *smtp_reply_new(void);
void smtp_reply_free(struct smtp_reply_reader **r);
/* Take bytes up to the end of one reply; *used says how many. After DONE
 * smtp_reply() has it, and the next call begins a new one. Lines end in CRLF or
 * LF. After BAD only BAD comes, until smtp_reply_reset(). */
enum smtp_reply_result smtp_reply_feed(
    struct smtp_reply_reader *r, const char *p, size_t n, size_t *used);
const struct smtp_reply *smtp_reply(const struct smtp_reply_reader *r);
/* Forget what was begun (STARTTLS: nothing read before may survive). */
void smtp_reply_reset(struct smtp_reply_reader *r);
/* Nothing of a reply has come since the last DONE or reset. */
bool smtp_reply_idle(const struct smtp_reply_reader *r);
/* Why the last was BAD: a text for the log. */
const char *smtp_reply_error(const struct smtp_reply_reader *r);

enum smtp_capability {
	SMTP_CAP_PIPELINING = 1 << 0,
	SMTP_CAP_8BITMIME = 1 << 1,
	SMTP_CAP_SIZE = 1 << 2,
	SMTP_CAP_STARTTLS = 1 << 3,
	SMTP_CAP_AUTH = 1 << 4,
	SMTP_CAP_DSN = 1 << 5,
	SMTP_CAP_CHUNKING = 1 << 6,
	SMTP_CAP_BINARYMIME = 1 << 7,
	SMTP_CAP_SMTPUTF8 = 1 << 8,
	SMTP_CAP_ENHANCED = 1 << 9, /* ENHANCEDSTATUSCODES */
	SMTP_CAP_ETRN = 1 << 10,
	SMTP_CAP_VRFY = 1 << 11,
	SMTP_CAP_REQUIRETLS = 1 << 12,
	SMTP_CAP_XCLIENT = 1 << 13,
	SMTP_CAP_XFORWARD = 1 << 14,
	SMTP_CAP_LIMITS = 1 << 15
};

/* What XFORWARD may carry (Postfix's XFORWARD_README). */
enum smtp_xforward {
	SMTP_XFORWARD_NAME = 1 << 0,
	SMTP_XFORWARD_ADDR = 1 << 1,
	SMTP_XFORWARD_PROTO = 1 << 2,
	SMTP_XFORWARD_HELO = 1 << 3,
	SMTP_XFORWARD_IDENT = 1 << 4,
	SMTP_XFORWARD_SOURCE = 1 << 5
};

struct smtp_capabilities {
	unsigned has; /* of enum smtp_capability */
	uint64_t size; /* 0: no limit told */
	struct span mechanisms[SMTP_MECHANISMS_MAX]; /* into the reply's text */
	size_t mechanism_count;
	struct span name; /* what the server calls itself */
	unsigned xforward; /* of enum smtp_xforward */
	uint64_t rcpt_max, mail_max; /* LIMITS (RFC 9422); 0: not told */
};

/* Of a 250 reply to EHLO or LHLO. "AUTH=" of old servers is taken too. Words
 * of ignore (smtp_discard_ehlo_keywords: upper or lower case, parted by blanks
 * or commas, may be empty) are passed over. */
void smtp_capabilities_parse(const struct smtp_reply *reply, struct span ignore,
    struct smtp_capabilities *out);
bool smtp_capabilities_offer(
    const struct smtp_capabilities *c, const char *mechanism);

#endif
