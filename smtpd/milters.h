/* milters.h - the milters of smtpd_milters are told and asked */

#ifndef SMTPD_MILTERS_H
#define SMTPD_MILTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "smtpd/policy.h"

struct arena;
struct milter_conf;
struct session;
struct smtpd;
struct smtpd_conf;
struct why;

/* Lives in a. NULL: why. */
struct milter_conf *
milters_conf(struct arena *a, const struct smtpd_conf *conf, struct why *why);
/* How many connections a client may take. */
size_t milters_most(const struct smtpd *smtpd);

/* As policy_run(); what that lets pass is told to the milters, who may refuse
 * it too. At POLICY_CONNECT it is found out which milters the client has. */
void
judge_run(struct session *s, enum policy_stage stage, policy_done_fn *done);
/* A command that nobody knows. */
void judge_unknown(struct session *s, struct span line, policy_done_fn *done);
/* The message is in its file, its edits are in s->mail->edits: milters look at
 * it and change it. False: there are none. done: r is set when it is refused;
 * drop: it is to be thrown away. */
typedef void
judge_message_fn(struct session *s, const struct refusal *r, bool drop);
bool judge_message(struct session *s, judge_message_fn *done);
/* The transaction is over. */
void judge_abort(struct session *s);
/* The client has gone, or is another one now. */
void judge_end(struct session *s);

#endif
