/* sts.h - the MTA-STS policy of a next hop, from sts (RFC 8461) */

#ifndef SMTP_STS_H
#define SMTP_STS_H

#include <stdbool.h>

#include "base/span.h"
#include "calls/sts_call.h"

struct arena;
struct smtp_env;
struct sts_query;

/* Called once, from the loop. trouble is set when sts does not answer: mail
 * waits then, for a policy might forbid what would be done without it. */
typedef void sts_fn(void *arg, const struct sts_answer *answer);

/* What is found lives in a. */
struct sts_query *sts_find(const struct smtp_env *env, struct span domain,
    struct arena *a, sts_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void sts_cancel(struct sts_query **q);

/* A policy that says something about mail servers. */
bool sts_binds(const struct sts_answer *answer);
/* Is host one of those that the policy names? */
bool sts_names(const struct sts_answer *answer, struct span host);

#endif
