/* reply.h - every reply of smtpd */

#ifndef SMTPD_REPLY_H
#define SMTPD_REPLY_H

#include "base/span.h"

struct refusal;
struct session;

enum reply {
	/* 2xx, 3xx */
	REPLY_OK,
	REPLY_SENDER_OK,
	REPLY_RCPT_OK,
	REPLY_CHUNK_OK,
	REPLY_QUEUED,
	REPLY_BYE,
	REPLY_READY_TLS,
	REPLY_AUTH_OK,
	REPLY_VRFY,
	REPLY_HELP,
	REPLY_ETRN_OK,
	REPLY_HELLO,
	REPLY_GO_AHEAD,
	REPLY_CHALLENGE,
	REPLY_NOT_SMTP,

	/* order and syntax */
	REPLY_UNKNOWN_COMMAND,
	REPLY_NOT_IMPLEMENTED,
	REPLY_LINE_TOO_LONG,
	REPLY_BAD_BYTES,
	REPLY_BAD_UTF8,
	REPLY_SENDER_NOT_ASCII,
	REPLY_RCPT_NOT_ASCII,
	REPLY_VRFY_NOT_ASCII,
	REPLY_SYNTAX,
	REPLY_BAD_SENDER,
	REPLY_BAD_RCPT,
	REPLY_PARAM_UNKNOWN,
	REPLY_PARAM_BAD,
	REPLY_ETRN_BAD,
	REPLY_X_UNKNOWN,
	REPLY_X_BAD,
	REPLY_NOT_AUTHORIZED,
	REPLY_ETRN_REFUSED,
	REPLY_ETRN_TROUBLE,
	REPLY_NEED_HELLO,
	REPLY_NEED_MAIL,
	REPLY_NEED_RCPT,
	REPLY_NO_VALID_RCPT,
	REPLY_NESTED_MAIL,
	REPLY_IN_MAIL,
	REPLY_IN_BDAT,
	REPLY_CHUNK_REFUSED,
	REPLY_PIPELINING,
	REPLY_BARE_NEWLINE,

	/* TLS and AUTH */
	REPLY_NEED_TLS,
	REPLY_NEED_CERTIFICATE,
	REPLY_TLS_ACTIVE,
	REPLY_NO_TLS_NOW,
	REPLY_AUTH_OFF,
	REPLY_AUTH_TWICE,
	REPLY_AUTH_NEEDS_TLS,
	REPLY_AUTH_MECHANISM,
	REPLY_AUTH_WEAK,
	REPLY_AUTH_MALFORMED,
	REPLY_AUTH_CANCELLED,
	REPLY_AUTH_TOO_LONG,
	REPLY_AUTH_EXPIRED,
	REPLY_AUTH_FAILED,
	REPLY_AUTH_TROUBLE,

	/* limits */
	REPLY_TOO_BIG,
	REPLY_BAD_CONTENT,
	REPLY_8BIT_HEADER,
	REPLY_8BIT_BODY,
	REPLY_ENCODING_DOMAIN,
	REPLY_TOO_BIG_DECLARED,
	REPLY_TOO_MANY_RCPTS,
	REPLY_TOO_MANY_HOPS,
	REPLY_TOO_MUCH_MAIL,
	REPLY_TOO_MUCH_RCPT,
	REPLY_TOO_MUCH_AUTH,
	REPLY_TOO_MUCH_TLS,
	REPLY_TOO_MUCH_CONNECT,
	REPLY_TOO_MANY_ERRORS,
	REPLY_TIMEOUT,
	REPLY_ALL_BUSY,
	REPLY_SHUTDOWN,
	REPLY_QUEUE_TROUBLE,
	REPLY_CHECK_TROUBLE,
	REPLY_QUEUE_FULL,
	REPLY_COUNT
};

/* The end of a command: send, count, and let the next one run. with replaces
 * "%s" in the row's text; its control bytes become '?', and what is not ASCII
 * "\\x{E9}", for replies are ASCII unless a command says otherwise (RFC 6531,
 * 3.7.4.2: session.wide_reply, for one reply). */
void reply(struct session *s, enum reply which);
void reply_with(struct session *s, enum reply which, struct span with);
/* The same with another code of that kind than the row's. */
void
reply_coded(struct session *s, enum reply which, int code, struct span with);
/* The same with a code (of three digits) and a text of one's own; status may
 * be empty. LF in text makes a reply of several lines. */
void
reply_text(struct session *s, int code, const char *status, struct span text);
/* What reply_text() does in the end; text is clean (footer.h). */
void
reply_finish(struct session *s, int code, const char *status, struct span text);
/* The same for what a policy, or qmgr, refused; 421 and 521 end the session. */
void reply_refusal(struct session *s, const struct refusal *r);
/* Not the end of a command: 220, 354, 334, and the first lines of others. */
void reply_say(struct session *s, enum reply which, struct span with);
/* The same, and the session ends. */
void
reply_last(struct session *s, int code, const char *status, struct span text);
/* A line as it is, "250-SIZE 100". */
void reply_line(struct session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
