/* dkim.h - verifying and making DKIM signatures (RFC 6376)
 *
 * A message's header and the digests of its body are there already
 * (mauth/passage.h, mauth/canon.h); here it is judged what they are worth.
 */

#ifndef MAUTH_DKIM_H
#define MAUTH_DKIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mauth/dkim_sig.h"

struct arena;
struct bodies;
struct buf;
struct dns_answer;
struct fields;

enum dkim_result { /* RFC 8601, 2.7.1 */
	DKIM_NONE,
	DKIM_PASS,
	DKIM_FAIL,
	DKIM_POLICY,
	DKIM_NEUTRAL,
	DKIM_TEMPERROR,
	DKIM_PERMERROR
};

const char *dkim_result_name(enum dkim_result result);

/* One signature, as it stands after each step. */
struct dkim_check {
	struct span field; /* the whole field */
	struct dkim_sig sig;
	bool parsed; /* sig can be shown */
	int body; /* its number among the bodies */
	bool waits; /* for its key */
	enum dkim_result result;
	const char *reason; /* NULL: none */
	unsigned bits; /* of the key */
	bool testing; /* the key says t=y */
};

/* Append the digest of the fields that sig names and of its own field, self
 * (one of f), to out. */
void dkim_header_digest(const struct fields *f, const struct dkim_sig *sig,
    struct span self, unsigned char out[SHA256_BYTES]);
/* Judge what needs no key: the body's digest. now: seconds. */
void
dkim_check_body(struct dkim_check *c, const struct bodies *bodies, int64_t now);
/* The answer for its key record: result is set. */
void dkim_check_key(struct dkim_check *c, const struct fields *f,
    const struct dns_answer *answer, struct arena *a);
/* digest: what was signed. For signatures that are no DKIM-Signature. */
void dkim_check_digest(struct dkim_check *c,
    const unsigned char digest[SHA256_BYTES], const struct dns_answer *answer,
    struct arena *a);

/* All signatures of a message. */
enum { DKIM_CHECKS_MAX = 10 }; /* more are passed over */

struct dkim {
	struct dkim_check checks[DKIM_CHECKS_MAX];
	size_t count;
};

/* At the header's end: find signatures and say which bodies they want. */
void dkim_begin(struct dkim *d, const struct fields *f, struct bodies *bodies,
    struct arena *a);
/* At the body's end. */
void dkim_body(struct dkim *d, const struct bodies *bodies, int64_t now);
/* The next question: true and the name, appended; then dkim_answer(). */
bool dkim_question(const struct dkim *d, struct buf *name);
void dkim_answer(struct dkim *d, const struct fields *f,
    const struct dns_answer *answer, struct arena *a);

/*
 * Signing: the field with an empty b= and the digest to be signed, then the
 * field with its signature.
 */
struct dkim_want {
	enum dkim_kind kind; /* DKIM_SIGNATURE or ARC_MESSAGE_SIGNATURE */
	enum mauth_algorithm algorithm;
	struct span domain, selector;
	unsigned instance; /* of ARC */
	int64_t now;
};

/* Append the field to out; relaxed/relaxed. body: its digest in that form. From
 * is signed once more than it is there, so that none can be added. */
void dkim_sign_begin(const struct dkim_want *w, const struct fields *f,
    const unsigned char *body, struct buf *out,
    unsigned char digest[SHA256_BYTES]);
/* The signature goes where the field in out ends. */
void dkim_sign_end(struct buf *out, struct span signature);
/* Append base64 in lines that a header can hold. */
void dkim_base64_folded(struct buf *out, struct span bytes);

#endif
