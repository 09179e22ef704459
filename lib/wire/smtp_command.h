/* smtp_command.h - the command lines of SMTP and LMTP (RFC 5321, 4.1.1), as a
 * server reads them
 */

#ifndef WIRE_SMTP_COMMAND_H
#define WIRE_SMTP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum {
	SMTP_PARAMS_MAX = 20, /* of MAIL and RCPT */
	SMTP_ENVID_MAX = 100, /* RFC 3461, 4.4 */
	SMTP_ORCPT_MAX = 500, /* RFC 3461, 4.2 */
	SMTP_HOLD_MAX = 999999999, /* RFC 4865, 3 */
};

enum smtp_verb {
	SMTP_UNKNOWN,
	SMTP_HELO,
	SMTP_EHLO,
	SMTP_LHLO,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_BDAT,
	SMTP_RSET,
	SMTP_NOOP,
	SMTP_QUIT,
	SMTP_VRFY,
	SMTP_EXPN,
	SMTP_HELP,
	SMTP_ETRN,
	SMTP_AUTH,
	SMTP_STARTTLS,
	SMTP_XCLIENT,
	SMTP_XFORWARD
};

/* Why a line was refused, and what to answer. */
enum smtp_fault {
	SMTP_FINE,
	SMTP_BAD_VERB, /* 500 5.5.2 or 502 5.5.1: not a command we know */
	SMTP_BAD_SYNTAX, /* 501 5.5.4 */
	SMTP_BAD_BYTES, /* 501 5.5.2: control bytes, or not UTF-8 */
	SMTP_NEED_ARG, /* 501 5.5.4: an argument is missing */
	SMTP_NO_ARG, /* 501 5.5.4: there must be none */
	SMTP_BAD_PATH, /* 501 5.1.7 (MAIL), 5.1.3 (RCPT): no <path> */
	SMTP_PARAM_UNKNOWN, /* 555 5.5.4; name in bad_param */
	SMTP_PARAM_BAD, /* 501 5.5.4; name in bad_param */
	SMTP_PARAM_TWICE, /* 501 5.5.4; name in bad_param */
	SMTP_PARAM_MANY /* 501 5.5.4 */
};

enum smtp_flag {
	SMTP_LENIENT = 1, /* blanks behind the colon and at the end, a path
			   * without brackets; strict_rfc821_envelopes = no */
};

enum smtp_body { SMTP_BODY_NONE, SMTP_7BIT, SMTP_8BITMIME, SMTP_BINARYMIME };
enum smtp_ret { SMTP_RET_NONE, SMTP_RET_FULL, SMTP_RET_HDRS };
enum smtp_notify { /* bits; 0: the parameter was not given */
	SMTP_NOTIFY_NEVER = 1,
	SMTP_NOTIFY_SUCCESS = 2,
	SMTP_NOTIFY_FAILURE = 4,
	SMTP_NOTIFY_DELAY = 8
};

/* NAME=value of XCLIENT and XFORWARD, the value decoded. */
struct smtp_attribute {
	struct span name, value;
};

/* Spans point into the line, or the arena where something was decoded. */
struct smtp_command {
	enum smtp_verb verb;
	struct span word; /* the verb as it was written */
	struct span arg; /* what stands behind it, blanks trimmed */

	/* HELO, EHLO, LHLO: arg is the name. VRFY, EXPN, ETRN, HELP, NOOP:
	 * arg is the argument as it is; of VRFY and EXPN without the SMTPUTF8
	 * behind it, which smtputf8 tells (RFC 6531, 3.7.4.2). */

	/* MAIL and RCPT. The path is what stands between the brackets: give it
	 * to address_parse_path(). */
	struct span path;
	struct span params; /* all of them, as they came */
	bool has_size, smtputf8, requiretls, has_auth, has_envid, has_orcpt;
	uint64_t size;
	enum smtp_body body;
	enum smtp_ret ret;
	struct span envid; /* decoded xtext, printable ASCII */
	struct span auth; /* decoded; empty for AUTH=<> */
	struct span hold; /* "for;3600", "until;2026-..Z", as RFC 4865, 5.1.2
			   * wants it; or empty */
	uint64_t hold_for; /* seconds; 0: hold_until */
	struct span hold_until; /* for date_parse_utc() */
	bool has_verp;
	struct span verp; /* what stands behind XVERP=, or empty */
	unsigned notify;
	struct span orcpt_type; /* "rfc822", "utf-8" */
	struct span orcpt; /* decoded */
	struct span orcpt_raw; /* type and value as they came */

	/* BDAT */
	uint64_t chunk;
	bool last;

	/* AUTH */
	struct span mechanism;
	struct span initial; /* base64 as it came */
	bool has_initial; /* "=" is an empty one: has_initial, initial empty */

	/* XCLIENT, XFORWARD */
	struct smtp_attribute *attributes; /* in the arena */
	size_t attribute_count;

	struct span bad_param;
};

/* line comes without its line end. Sets *out whatever is returned; word and
 * verb are good in any case. The caller checks order, policy and paths. */
enum smtp_fault smtp_command_parse(struct smtp_command *out, struct span line,
    unsigned flags, struct arena *a);
/* "MAIL"; "UNKNOWN" for none. */
const char *smtp_verb_name(enum smtp_verb v);
/* Of the verb alone, without regard to case. */
enum smtp_verb smtp_verb_of(struct span word);

/* xtext of RFC 3461, 4. Decoding is false, nothing appended, when it is not
 * well-formed. */
bool smtp_xtext_decode(struct buf *out, struct span s);
void smtp_xtext_encode(struct buf *out, struct span s);
/* The same for unitext of the type utf-8 (RFC 6533, 3): \x{HEX} too. wide:
 * what is not ASCII goes as it is, for servers with SMTPUTF8. */
bool smtp_unitext_decode(struct buf *out, struct span s);
void smtp_unitext_encode(struct buf *out, struct span s, bool wide);

#endif
