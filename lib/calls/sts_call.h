/* sts_call.h - asking sts what a domain's MTA-STS policy is (RFC 8461)
 *
 *   sts_ask -> sts_answer
 *
 * Open to smtp. It may ask about any name: each is a question to the DNS, and
 * at most one fetch in five minutes.
 */

#ifndef CALLS_STS_CALL_H
#define CALLS_STS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "wire/sts.h"

struct arena;
struct packet_in;
struct packet_out;

struct sts_answer {
	bool trouble; /* our own, and nothing may be concluded: ask later */
	bool found; /* else the domain has no policy that is known of */
	struct sts_policy policy;
};

/* domain: a host name (dns_name_is_host()). */
void sts_ask_put(struct packet_out *o, struct span domain);
bool sts_ask_get(struct packet_in *in, struct span *domain);
void sts_answer_put(
    struct packet_out *o, uint32_t id, const struct sts_answer *answer);
/* All lives in a. False: not such an answer. */
bool
sts_answer_get(struct packet_in *in, struct arena *a, struct sts_answer *out);

#endif
