/* address.h - addresses of header fields (RFC 5322) and of envelopes (RFC 5321)
 */

#ifndef MESSAGE_ADDRESS_H
#define MESSAGE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum {
	ADDRESS_COUNT_MAX = 1000, /* entries of one list that are kept */
	ADDRESS_LIST_MAX = 1 << 20, /* bytes of one list that are read */
	ADDRESS_LOCAL_MAX = 64, /* RFC 5321, 4.5.3.1.1 */
	ADDRESS_DOMAIN_MAX = 255, /* 4.5.3.1.2 */
	ADDRESS_PATH_MAX = 254, /* 4.5.3.1.3, without the angle brackets */
};

enum address_kind { ADDRESS_MAILBOX, ADDRESS_GROUP_START, ADDRESS_GROUP_END };

/* One entry of an address list. A group is GROUP_START (its name in name), its
 * members, GROUP_END. Quotes, comments and folding are gone; encoded words
 * (RFC 2047) are left as they came, see encode_words_decode(). No span holds
 * CR, LF or NUL. */
struct address_entry {
	enum address_kind kind;
	struct span name; /* display name, else a comment that stood behind */
	struct span route; /* obsolete source route "@a,@b" */
	struct span local; /* without quotes; empty for "<>" */
	struct span domain; /* empty when there is none; a literal with [] */
	size_t at, end; /* where local@domain stands in the value */
};

struct address_list {
	struct address_entry *list; /* in the arena */
	size_t count;
	bool cut; /* there was more than the limits let in */
	bool malformed; /* something was passed over or guessed */
	uint64_t work; /* steps taken, for tests of linear time */
};

/* Read the value of From, To and the like: RFC 5322, 3.4 and 4.4, and what
 * people write (8-bit names, bare users, missing quotes). Never fails: what
 * makes no sense is passed over to the next comma. */
void address_list_parse(
    struct arena *a, struct span value, struct address_list *out);

/* Does the value hold an address that names must be completed in: without a
 * domain, or with one without a dot, or with a dot at its end? */
bool address_is_unfinished(struct arena *a, struct span value);

enum address_result {
	ADDRESS_OK,
	ADDRESS_NULL, /* nothing between the brackets: the null sender */
	ADDRESS_SYNTAX,
	ADDRESS_NO_DOMAIN, /* a local part alone, and ADDRESS_BARE not given */
	ADDRESS_BAD_DOMAIN, /* the domain or literal is ill-formed */
	ADDRESS_TOO_LONG,
	ADDRESS_NOT_ASCII /* and ADDRESS_UTF8 not given */
};

enum address_flag {
	ADDRESS_UTF8 = 1, /* SMTPUTF8 was given (RFC 6531, 3.3) */
	ADDRESS_BARE = 2, /* the domain may be absent */
	ADDRESS_LOOSE = 4, /* dots anywhere in the local part, '_' in domains */
	ADDRESS_LONG_LOCAL = 8 /* only the limit of the path (SRS, VERP) */
};

/* A path as it stood: the spans point into what was parsed. */
struct address_path {
	struct span route; /* "@a,@b" without the colon; to be ignored */
	struct span local; /* as written, with its quotes */
	struct span domain; /* with [] for a literal; may be empty */
	bool quoted; /* the local part is a quoted string */
	bool literal;
	bool utf8; /* something is not ASCII */
};

/* inside is what stands between '<' and '>' (RFC 5321, 4.1.2: Path without
 * its brackets). No blanks are taken. *out is set when ADDRESS_OK or
 * ADDRESS_NULL is returned. IPv4 literals with leading zeros are refused. */
enum address_result address_parse_path(
    struct span inside, unsigned flags, struct address_path *out);
/* "bad syntax" and the like, for logs and replies. */
const char *address_result_text(enum address_result r);

/* A domain of RFC 5321 (not a literal): labels of 1..63, letters, digits,
 * hyphens inside, at most 255 bytes; with ADDRESS_UTF8 other characters too;
 * with ADDRESS_LOOSE '_'. */
bool address_domain_valid(struct span domain, unsigned flags);
/* An address literal with its brackets: [1.2.3.4], [IPv6:...]. */
bool address_literal_valid(struct span literal);

/* Split at the '@' before the domain. Quotes are respected. False when there
 * is none: *local is then everything, *domain empty. */
bool
address_split(struct span address, struct span *local, struct span *domain);

/* Append the local part as the mailbox's owner knows it: quotes and
 * backslashes taken away (only if it is a quoted string). */
void address_unquote(struct buf *out, struct span local);
/* Append an unquoted local part as a path needs it: quoted when it is not a
 * dot-atom. CR, LF and NUL are left out: they can stand in no path. */
void address_quote(struct buf *out, struct span local);
/* Append address with a local part quoted only where it must be; with
 * lower_domain the domain's ASCII letters in lower case. What ADDRESS_LOOSE let
 * through grows by two quotes. */
void address_normalise(struct buf *out, struct span address, bool lower_domain);

/* Split an unquoted local part at the first byte that is in delimiters
 * (recipient_delimiter): "user+ext". False, *user all and *extension empty,
 * when there is none, when it comes first, for postmaster, mailer-daemon and
 * double-bounce, and with '-' for owner-x and x-request, as in Postfix. */
bool address_extension(struct span local, const char *delimiters,
    struct span *user, struct span *extension);

#endif
