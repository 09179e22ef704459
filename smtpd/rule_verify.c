/*
 * rule_verify.c - reject_unverified_sender and reject_unverified_recipient:
 * would mail to that address be taken?
 */

#include <string.h>

#include "base/arena.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

/* What main.cf says for the one or the other. */
struct terms {
	int reject_code, defer_code;
	const char *reject_reason, *tempfail_action, *status;
};

static enum verdict
refuse(struct policy *p, struct policy_about about, const struct terms *t,
    const struct fact_verified *f)
{
	bool known = f->outcome == BOUNCE;
	const char *text = arena_printf(policy_arena(p),
	    "unverified address: %s",
	    known && t->reject_reason[0] != '\0' ? t->reject_reason : f->text);
	int code = known ? t->reject_code : t->defer_code;
	const char *status =
	    arena_printf(policy_arena(p), "%c%s", code < 500 ? '4' : '5',
		(known || t->status == NULL ? f->status : t->status) + 1);

	if (known || strcmp(t->tempfail_action, "defer") == 0)
		return policy_refuse_about(p, about, code, status, text);
	if (strcmp(t->tempfail_action, "permit") == 0)
		return NEXT;
	policy_defer_if(p, true, about, status, text);
	return NEXT;
}

static enum verdict
verify(struct policy *p, struct policy_about about, const struct terms *t)
{
	const struct fact_verified *f =
	    fact_verified(policy_session(p), about.name);

	if (f == NULL)
		return WAIT;
	return f->outcome == DONE ? NEXT : refuse(p, about, t, f);
}

enum verdict
rule_unverified_sender(struct policy *p, const struct rule *r)
{
	const struct smtpd_conf *c = policy_session(p)->smtpd->conf;
	const struct mail *m = policy_session(p)->mail;
	struct terms t = { c->unverified_sender_reject_code,
		c->unverified_sender_defer_code,
		c->unverified_sender_reject_reason,
		c->unverified_sender_tempfail_action, "4.1.7" };

	(void)r;
	if (m == NULL || m->sender.n == 0)
		return NEXT;
	return verify(
	    p, (struct policy_about){ m->sender, policy_class_sender }, &t);
}

enum verdict
rule_unverified_rcpt(struct policy *p, const struct rule *r)
{
	const struct smtpd_conf *c = policy_session(p)->smtpd->conf;
	const struct mail *m = policy_session(p)->mail;
	struct terms t = { c->unverified_recipient_reject_code,
		c->unverified_recipient_defer_code,
		c->unverified_recipient_reject_reason,
		c->unverified_recipient_tempfail_action, "4.1.1" };

	(void)r;
	if (m == NULL || m->rcpt.p == NULL || m->rcpt.n == 0)
		return NEXT;
	return verify(
	    p, (struct policy_about){ m->rcpt, policy_class_rcpt }, &t);
}
