/* claims.h - what a service says of a token (RFC 7662, 2.2) */

#ifndef AUTH_CLAIMS_H
#define AUTH_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

enum { CLAIMS_BODY_MAX = 65536, CLAIM_USER_MAX = 255 };

/* What must be in it. */
struct claims_rules {
	const char *user_claim; /* "username" */
	const char *scope; /* words that must all be granted; "": none */
	const char *audience; /* one of these must be meant; "": whoever */
	int64_t now; /* wall-clock second */
};

enum claims_verdict {
	CLAIMS_GOOD,
	CLAIMS_INACTIVE, /* revoked, over, not yet, never was, or not for us */
	CLAIMS_SCOPE, /* good, but not for this */
	CLAIMS_NOBODY, /* good, but says not whose it is */
	CLAIMS_BAD /* ill-formed: the service is not right */
};

struct claims {
	struct buf user;
	int64_t until; /* when it ends; 0: it is not said */
};

/* Pure. end out with claims_done() in any case. */
enum claims_verdict claims_read(
    struct span body, const struct claims_rules *rules, struct claims *out);
void claims_done(struct claims *c);

#endif
