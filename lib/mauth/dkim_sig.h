/* dkim_sig.h - what stands in DKIM-Signature and in key records (RFC 6376)
 *
 * ARC-Message-Signature and ARC-Seal (RFC 8617) are of the same make.
 */

#ifndef MAUTH_DKIM_SIG_H
#define MAUTH_DKIM_SIG_H

#include <stdbool.h>
#include <stdint.h>

#include "mauth/canon.h"
#include "mauth/crypto.h"

struct arena;
struct buf;

enum dkim_kind { DKIM_SIGNATURE, ARC_MESSAGE_SIGNATURE, ARC_SEAL };

enum { DKIM_NAMES_MAX = 200 }; /* in h= */

struct dkim_sig {
	enum mauth_algorithm algorithm;
	enum canon header, body;
	struct span domain, selector; /* fit for a question to the DNS */
	struct span identity; /* i=, or empty; of DKIM-Signature only */
	struct span names; /* h=, as it stands */
	struct span signature, body_digest; /* decoded */
	uint64_t length; /* l=, or BODIES_WHOLE */
	int64_t time, expires; /* t=, x=; -1: not given */
	unsigned instance; /* i= of ARC */
	struct span cv; /* of ARC-Seal */
};

/* What does not live in value lives in a. NULL when all is well, else what is
 * wrong, in words for a header. */
const char *dkim_sig_parse(enum dkim_kind kind, struct span value,
    struct arena *a, struct dkim_sig *out);
/* Append "selector._domainkey.domain". */
void dkim_sig_question(const struct dkim_sig *s, struct buf *out);
/* Append the field with nothing behind its b=, for its own digest. */
void dkim_sig_strip(struct span all, struct buf *out);
const char *dkim_algorithm_name(enum mauth_algorithm algorithm);

struct dkim_key {
	enum mauth_algorithm algorithm;
	struct span bytes; /* decoded */
	bool revoked; /* p= is empty */
	bool testing; /* t=y */
	bool exact; /* t=s: i= may not be a subdomain */
};

/* A key record. NULL when it is one for mail and SHA-256, else what is wrong.
 */
const char *
dkim_key_parse(struct span text, struct arena *a, struct dkim_key *out);

#endif
