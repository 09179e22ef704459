/* policy.h - the restriction lists: who may do what */

#ifndef SMTPD_POLICY_H
#define SMTPD_POLICY_H

#include <stdbool.h>

#include "base/buf.h"

struct arena;
struct main_cf;
struct policy;
struct rules;
struct session;
struct smtpd_conf;
struct why;

enum policy_stage {
	POLICY_CONNECT,
	POLICY_HELO,
	POLICY_MAIL,
	POLICY_RELAY,
	POLICY_RCPT,
	POLICY_GREYLIST, /* smtpd_greylist, behind the lists of RCPT */
	POLICY_DATA,
	POLICY_END_OF_DATA,
	POLICY_ETRN,
	POLICY_STAGES
};

/* The parameter of a stage's list: "smtpd_relay_restrictions". */
const char *policy_stage_parameter(enum policy_stage stage);

/* What to answer instead of yes. The text comes whole: "<x>: Relay access
 * denied". */
struct refusal {
	int code;
	char status[12];
	struct buf text;
};

/* Read the lists of main.cf. NULL: a name that is no restriction, or one that
 * is not available, or an open relay; why says which, where and what to do. m
 * may be NULL. Lives in a. */
struct rules *rules_new(struct arena *a, const struct smtpd_conf *conf,
    const struct main_cf *m, struct why *why);

/* r is NULL when the client may; it lives until done returns. */
typedef void policy_done_fn(struct session *s, const struct refusal *r);
/* Look at the lists of a stage. With smtpd_delay_reject POLICY_RCPT also looks
 * at those of the stages before, which are then nothing by themselves. done is
 * called at once, or later when others had to be asked. */
void
policy_run(struct session *s, enum policy_stage stage, policy_done_fn *done);
/* An answer came: go on. */
void policy_go_on(struct session *s);
void policy_free(struct policy **p);

#endif
