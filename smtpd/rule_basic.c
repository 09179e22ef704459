/*
 * rule_basic.c - restrictions that need to know nothing, or only the session
 */

#include "base/number.h"
#include "smtpd/conf.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

static const struct smtpd_conf *
conf_of(const struct policy *p)
{
	return policy_session(p)->smtpd->conf;
}

enum verdict
rule_permit(struct policy *p, const struct rule *r)
{
	(void)p;
	(void)r;
	return PERMIT;
}

enum verdict
rule_reject(struct policy *p, const struct rule *r)
{
	(void)r;
	return policy_refuse(
	    p, conf_of(p)->reject_code, "5.7.1", "Access denied");
}

enum verdict
rule_defer(struct policy *p, const struct rule *r)
{
	(void)r;
	return policy_refuse(
	    p, conf_of(p)->defer_code, "4.3.2", "Try again later");
}

enum verdict
rule_defer_if_permit(struct policy *p, const struct rule *r)
{
	(void)r;
	policy_defer_if(p, true, policy_about_stage(p), "4.7.0",
	    "defer_if_permit requested");
	return NEXT;
}

enum verdict
rule_defer_if_reject(struct policy *p, const struct rule *r)
{
	(void)r;
	policy_defer_if(p, false, policy_about_stage(p), "4.7.0",
	    "defer_if_reject requested");
	return NEXT;
}

enum verdict
rule_plaintext(struct policy *p, const struct rule *r)
{
	(void)r;
	if (session_is_tls(policy_session(p)))
		return NEXT;
	return policy_refuse(p, conf_of(p)->plaintext_reject_code, "4.7.1",
	    "Session encryption is required");
}

/* The null sender has one recipient: whoever sent the mail that bounces. */
enum verdict
rule_bounce_rcpts(struct policy *p, const struct rule *r)
{
	const struct mail *m = policy_session(p)->mail;
	size_t so_far;

	(void)r;
	if (m == NULL || m->sender.n > 0)
		return NEXT;
	so_far = m->count +
	    (policy_stage(p) <= POLICY_RCPT && m->rcpt.p != NULL ? 1 : 0);
	if (so_far < 2)
		return NEXT;
	return policy_refuse(p, conf_of(p)->multi_recipient_bounce_reject_code,
	    "5.5.3", "Multi-recipient bounce");
}

enum verdict
rule_pipelining(struct policy *p, const struct rule *r)
{
	(void)r;
	if (!policy_session(p)->ill_pipelined)
		return NEXT;
	return policy_refuse(
	    p, 503, "5.5.0", "Improper use of SMTP command pipelining");
}

enum verdict
rule_sleep(struct policy *p, const struct rule *r)
{
	uint64_t seconds = 0;

	(void)number_parse(span_str(r->arg), 0, UINT32_MAX, &seconds);
	return policy_nap(p, (int64_t)seconds * 1000) ? NEXT : WAIT;
}
