/* dns.h - asking the DNS, less what smtp_dns_reply_filter passes over */

#ifndef SMTP_DNS_H
#define SMTP_DNS_H

#include <stdbool.h>

#include "base/span.h"
#include "calls/dns_call.h"

struct arena;
struct dns_query;
struct smtp_env;

/* The answer lives in the query's arena. emptied: it is DNS_TROUBLE because
 * each of its records was passed over. Called once, from the loop. */
typedef void
dns_query_fn(void *arg, const struct dns_answer *answer, bool emptied);

/* name is copied. */
struct dns_query_setup {
	struct span name;
	enum dns_type type;
	enum dns_hosts hosts;
};
struct dns_query *
dns_find(const struct smtp_env *env, const struct dns_query_setup *setup,
    struct arena *a, dns_query_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void dns_query_cancel(struct dns_query **q);

#endif
