/* spf_record.h - SPF records and their macros (RFC 7208, 4.6, 5 and 7) */

#ifndef MAUTH_SPF_RECORD_H
#define MAUTH_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "os/sock.h"

struct arena;
struct buf;

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS
};

struct spf_term {
	enum spf_kind kind;
	char qualifier; /* '+' '-' '~' '?' */
	struct span domain; /* with macros; empty: not given */
	unsigned prefix4, prefix6; /* bits */
	unsigned char bytes[16]; /* of ip4 and ip6 */
};

struct spf_record {
	struct spf_term *terms;
	size_t count;
	struct span redirect, exp; /* with macros; empty: none */
};

/* Is it an SPF record at all: "v=spf1", then a blank or nothing? */
bool spf_record_is(struct span text);
/* Read one that is. NULL when all is well, else what is wrong. */
const char *
spf_record_parse(struct span text, struct arena *a, struct spf_record *out);

/* What macros stand for. */
struct spf_facts {
	struct address ip;
	struct span sender_local, sender_domain; /* never empty */
	struct span helo, receiver;
	struct span domain; /* of the record at hand */
	struct span client; /* %{p}: a proved name, or "unknown" */
	int64_t now;
};

/* Is the text well-formed? explain: that of an explanation, where more letters
 * are allowed, and blanks. */
bool spf_macro_valid(struct span text, bool explain);
/* Does it use %{p}? */
bool spf_macro_needs_client(struct span text);
/* Append what a valid text stands for. */
void spf_macro_expand(
    struct span text, const struct spf_facts *facts, struct buf *out);
/* The same for a domain: labels at its left go until it is short enough. */
void spf_macro_domain(
    struct span text, const struct spf_facts *facts, struct buf *out);

#endif
