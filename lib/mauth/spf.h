/* spf.h - may that client send for that domain? (RFC 7208) */

#ifndef MAUTH_SPF_H
#define MAUTH_SPF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "dns/answer.h"
#include "os/sock.h"

struct arena;

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR
};

const char *spf_result_name(enum spf_result result);

struct spf_want {
	struct address ip;
	struct span sender; /* of MAIL; empty: HELO is judged */
	struct span helo; /* may be empty */
	struct span receiver; /* our name */
	int64_t now;
};

struct spf;

/* Lives in a; so do the answers it is given as far as they are needed. */
struct spf *spf_new(struct arena *a, const struct spf_want *want);
/* True: ask this, then spf_answer(). False: it is over. */
bool spf_question(const struct spf *s, enum dns_type *type, struct span *name);
void spf_answer(struct spf *s, const struct dns_answer *answer);

enum spf_result spf_result(const struct spf *s);
/* The domain that was judged, and whether that of HELO. */
struct span spf_domain(const struct spf *s);
bool spf_is_helo(const struct spf *s);
/* Why it is an error, or NULL. */
const char *spf_reason(const struct spf *s);
/* What the domain says about a FAIL: printable ASCII; may be empty. */
struct span spf_explanation(const struct spf *s);

#endif
