/*
 * rule_client.c - restrictions on who the client is
 */

#include <string.h>

#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum verdict
rule_mynetworks(struct policy *p, const struct rule *r)
{
	(void)r;
	return policy_session(p)->client.trusted ? PERMIT : NEXT;
}

enum verdict
rule_own(struct policy *p, const struct rule *r)
{
	(void)r;
	return policy_session(p)->client.own ? PERMIT : NEXT;
}

enum verdict
rule_sasl(struct policy *p, const struct rule *r)
{
	(void)r;
	return policy_session(p)->sasl_username != NULL ? PERMIT : NEXT;
}

/* POP-before-SMTP: when auth does not answer, the client is a stranger. */
enum verdict
rule_pbs(struct policy *p, const struct rule *r)
{
	struct session *s = policy_session(p);
	const struct fact_value *f = fact_pbs(s);

	(void)r;
	if (f != NULL && (f->trouble || !f->found) &&
	    s->smtpd->conf->pop_before_smtp_maps[0] != '\0')
		f = fact_value(
		    s, "pop_before_smtp_maps", span_str(s->client.addr));
	if (f == NULL)
		return WAIT;
	return !f->trouble && f->found ? PERMIT : NEXT;
}

static enum verdict
unknown(struct policy *p, const char *what)
{
	const struct session *s = policy_session(p);
	struct buf text = BUF_EMPTY;
	enum verdict v;

	buf_printf(&text, "Client host rejected: cannot find your %s, [%s]",
	    what, s->client.addr);
	v = policy_refuse_whole(p, s->smtpd->conf->unknown_client_reject_code,
	    "4.7.25", buf_span(&text));
	buf_free(&text);
	return v;
}

enum verdict
rule_client_unknown(struct policy *p, const struct rule *r)
{
	(void)r;
	if (strcmp(policy_session(p)->client.name, "unknown") != 0)
		return NEXT;
	return unknown(p, "hostname");
}

enum verdict
rule_reverse_unknown(struct policy *p, const struct rule *r)
{
	(void)r;
	if (policy_session(p)->client.reverse != NULL)
		return NEXT;
	return unknown(p, "reverse hostname");
}
