/* imap_value.h - an IMAP server's answers as values (RFC 3501, section 9)
 *
 * Pure. A response line, literals included, becomes a flat run of tokens; lists
 * are their brackets. No recursion: who wants to pass a list over counts.
 */

#ifndef WEBMAIL_CGI_IMAP_VALUE_H
#define WEBMAIL_CGI_IMAP_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;

enum imap_token_kind {
	TOKEN_ATOM, /* also numbers, flags, "BODY[1.2]" */
	TOKEN_STRING, /* quoted or literal, decoded */
	TOKEN_NIL,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_END
};

struct imap_token {
	enum imap_token_kind kind;
	struct span text;
};

struct imap_tokens {
	const struct imap_token *list; /* in the arena; TOKEN_END is the last */
	size_t count; /* without TOKEN_END */
};

enum { IMAP_TOKENS_MAX = 200000 };

/* Is a whole response at the front of input? Its octets, literals and last
 * CRLF included; 0: not yet. */
size_t imap_response_length(struct span input);
/* line: a whole response. False when it is ill-formed. Literals are spans of
 * line, quoted strings are copied where they hold escapes. */
bool
imap_tokens_parse(struct arena *a, struct span line, struct imap_tokens *out);
/* The token behind the value that begins at t (a list is one value). */
const struct imap_token *imap_token_next(const struct imap_token *t);
/* Text of an atom or string; empty for NIL and the rest. */
struct span imap_token_text(const struct imap_token *t);
/* In a list of name value pairs that begins at t (TOKEN_OPEN), the value of
 * name; NULL when there is none. */
const struct imap_token *
imap_token_find(const struct imap_token *t, const char *name);

#endif
