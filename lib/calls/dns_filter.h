/* dns_filter.h - tables that have records passed over (smtp_dns_reply_filter,
 * smtpd_dns_reply_filter)
 *
 * The key is a record as people write it, "name. 300 IN MX 10 host.", the value
 * IGNORE. An answer of which no record is left is known as such: it is neither
 * that there are none, nor that somebody should ask again at once.
 */

#ifndef CALLS_DNS_FILTER_H
#define CALLS_DNS_FILTER_H

#include <stdbool.h>

#include "base/span.h"
#include "dns/answer.h"

struct arena;
struct channel;
struct dns_filter;

/* The answer as the tables leave it, in the arena; they could not be read:
 * DNS_TROUBLE. emptied: all of its records were passed over; it is DNS_TROUBLE
 * then, too. Called once, from the loop. */
typedef void
dns_filter_fn(void *arg, const struct dns_answer *answer, bool emptied);

/* Ask lookup about each record of an answer of that type to that name, which
 * has some. All of answer, and parameter, live until fn is called, from the
 * loop. */
struct dns_filter_question {
	struct channel *lookup;
	const char
	    *tables; /* "smtp_dns_reply_filter", with a value or without */
	struct span name;
	enum dns_type type;
	const struct dns_answer *answer;
	struct arena *arena;
};
struct dns_filter *dns_filter_start(
    const struct dns_filter_question *q, dns_filter_fn *fn, void *arg);
/* fn will not be called; *f is cleared. */
void dns_filter_cancel(struct dns_filter **f);

#endif
