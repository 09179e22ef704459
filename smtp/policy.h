/* policy.h - how much TLS a next hop wants (smtp_tls_policy_maps) */

#ifndef SMTP_POLICY_H
#define SMTP_POLICY_H

#include "smtp/conf.h"

struct arena;
struct policy_query;
struct smtp_env;
struct why;

struct policy {
	enum tls_level level;
	bool listed; /* an entry said so, not main.cf's level */
	/* each empty: main.cf's */
	struct span match; /* names for the certificate */
	struct span
	    anchors; /* file of the certificates that may vouch for it */
	struct span protocols, ciphers, exclude, servername;
	bool reuse; /* the connection may serve again */
};

/* policy is NULL when why tells what is wrong with the tables or the entry.
 * Called once, from the loop. */
typedef void
policy_fn(void *arg, const struct policy *policy, const struct why *why);

/* Strings of the policy live in a. */
struct policy_query *policy_find(const struct smtp_env *env,
    struct span nexthop, struct arena *a, policy_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void policy_cancel(struct policy_query **q);

#endif
