/* arc.h - what others found before the message came here (RFC 8617) */

#ifndef MAUTH_ARC_H
#define MAUTH_ARC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "mauth/dkim.h"

struct arena;
struct bodies;
struct buf;
struct dns_answer;
struct field;
struct fields;

enum arc_result { ARC_NONE, ARC_FAIL, ARC_PASS };

const char *arc_result_name(enum arc_result result);

enum { ARC_SETS_MAX = 50 };

struct arc_set {
	const struct field *results, *message, *seal;
};

struct arc {
	struct arc_set sets[ARC_SETS_MAX];
	unsigned count; /* the highest instance */
	enum arc_result result;
	const char *reason; /* of ARC_FAIL; or NULL */
	bool sealed_broken; /* the last seal says so: nothing is added */
	struct dkim_check check; /* the signature being verified */
	unsigned seal_at; /* instance of its seal; 0: it is the message's */
};

/* At the header's end: look at the chain and say which body it wants. The
 * fields must outlive it. */
void arc_begin(struct arc *c, const struct fields *f, struct bodies *bodies,
    struct arena *a);
/* At the body's end. */
void arc_body(struct arc *c, const struct bodies *bodies, int64_t now);
/* As with dkim.h. */
bool arc_question(const struct arc *c, struct buf *name);
void arc_answer(struct arc *c, const struct fields *f,
    const struct dns_answer *answer, struct arena *a);

/* The instance that a seal of ours would have; 0: the chain takes none. */
unsigned arc_next(const struct arc *c);
/* Sealing: when the results (authres.h) and the signature of the message
 * (dkim_sign_begin(), ARC_MESSAGE_SIGNATURE) are written, append the seal
 * with an empty b=, and what is to be signed; dkim_sign_end() does the rest. */
struct arc_seal {
	const struct dkim_want *want; /* instance: arc_next() */
	struct span results, message; /* the two fields of the same set */
};
void arc_seal_begin(const struct arc *c, const struct arc_seal *s,
    struct buf *out, unsigned char digest[SHA256_BYTES]);

#endif
