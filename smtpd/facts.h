/* facts.h - what other services say, asked once and remembered
 *
 * Each of these gives the answer when it is known; else it sends the question,
 * once, and gives NULL: when the answer is there, the policy is run again.
 * Several may be under way. Answers are forgotten at the end of the
 * transaction.
 */

#ifndef SMTPD_FACTS_H
#define SMTPD_FACTS_H

#include <stdbool.h>

#include "base/span.h"
#include "calls/auth_call.h"
#include "calls/lookup_call.h"
#include "dns/answer.h"

struct facts;
struct session;

struct fact_route {
	bool trouble; /* lookup did not answer */
	enum lookup_class class;
	enum outcome outcome;
	const char *status, *text; /* when it is not DONE */
	/* Of an address that exists and no table replaces; else empty. */
	struct span transport, nexthop;
};

struct fact_value {
	bool trouble;
	bool found;
	struct span value;
};

struct fact_dns {
	enum dns_result result;
	const struct dns_answer *answer; /* NULL: DNS_TROUBLE */
};

struct fact_verified {
	enum outcome outcome; /* would mail be taken there? */
	const char *status, *text; /* when it is not DONE */
};

const struct fact_route *fact_route(struct session *s, struct span address);
/* The same without a question: NULL when nobody has asked. */
const struct fact_route *
fact_route_known(const struct session *s, struct span address);
/* table: "type:name" or a parameter's name. Keys are folded to lower case. */
const struct fact_value *
fact_value(struct session *s, const char *table, struct span key);
const struct fact_dns *
fact_dns(struct session *s, enum dns_type type, struct span name);
/* Did the client's address log in lately (POP-before-SMTP)? found says so. */
const struct fact_value *fact_pbs(struct session *s);

/* What a probe of it says: see calls/verify_call.h. */
const struct fact_verified *
fact_verified(struct session *s, struct span address);

/* Has the client come back with this mail? The question itself is remembered
 * there: it is asked once. */
struct fact_greylist {
	bool trouble;
	struct auth_greylist_answer answer;
};
const struct fact_greylist *
fact_greylist(struct session *s, const struct auth_greylist *ask);

void facts_free(struct facts **f);
/* Between two evaluations: forget all when it has become much. */
void facts_trim(struct facts **f);

#endif
