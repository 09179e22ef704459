/*
 * rule_name.c - restrictions on the names that the client gives
 */

#include "message/address.h"

#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

static const struct smtpd_conf *
conf_of(const struct policy *p)
{
	return policy_session(p)->smtpd->conf;
}

static struct policy_about
about_helo(const struct policy *p)
{
	return (struct policy_about){ span_str(policy_session(p)->helo),
		policy_class_helo };
}

static struct policy_about
about_sender(const struct policy *p)
{
	return (struct policy_about){ policy_session(p)->mail->sender,
		policy_class_sender };
}

static struct policy_about
about_rcpt(const struct policy *p)
{
	return (struct policy_about){ policy_session(p)->mail->rcpt,
		policy_class_rcpt };
}

static bool
is_literal(struct span name)
{
	return span_at(name, 0) == '[' && address_literal_valid(name);
}

static bool
is_name(struct span name)
{
	return address_domain_valid(name, ADDRESS_LOOSE);
}

/* A dot inside, and no number for a last label. */
static bool
is_complete(struct span name)
{
	size_t dot;

	if (span_ends(name, "."))
		name = span_head(name, name.n - 1);
	dot = span_rfind(name, '.');
	return is_name(name) && dot < name.n && dot > 0 &&
	    ascii_alpha(span_at(name, dot + 1));
}

enum verdict
rule_helo_invalid(struct policy *p, const struct rule *r)
{
	const struct session *s = policy_session(p);

	(void)r;
	if (s->helo == NULL || is_literal(span_str(s->helo)) ||
	    is_name(span_str(s->helo)))
		return NEXT;
	return policy_refuse_about(p, about_helo(p),
	    conf_of(p)->invalid_hostname_reject_code, "5.5.2", "Invalid name");
}

enum verdict
rule_helo_fqdn(struct policy *p, const struct rule *r)
{
	const struct session *s = policy_session(p);

	(void)r;
	if (s->helo == NULL || is_literal(span_str(s->helo)) ||
	    is_complete(span_str(s->helo)))
		return NEXT;
	return policy_refuse_about(p, about_helo(p),
	    conf_of(p)->non_fqdn_reject_code, "5.5.2",
	    "need fully-qualified hostname");
}

/* Does the DNS know where mail or connections for that name go? PERMIT: yes;
 * REFUSE: it says no; NEXT: it does not answer. *null_mx: it says that there is
 * no mail (RFC 7505). */
static enum verdict
domain_known(struct session *s, struct span name, bool *null_mx)
{
	static const enum dns_type types[] = { DNS_MX, DNS_A, DNS_AAAA };
	bool trouble = false;

	*null_mx = false;
	for (size_t i = 0; i < 3; i++) {
		const struct fact_dns *f = fact_dns(s, types[i], name);

		if (f == NULL)
			return WAIT;
		if (f->result == DNS_TROUBLE)
			trouble = true;
		if (f->result == DNS_NXDOMAIN)
			return REFUSE;
		if (f->result != DNS_FOUND)
			continue;
		if (types[i] != DNS_MX || f->answer->count != 1 ||
		    f->answer->records[0].data.n > 0)
			return PERMIT;
		*null_mx = true;
		return REFUSE;
	}
	return trouble ? NEXT : REFUSE;
}

/* The DNS does not say: "defer" at once, or defer_if_permit. */
static enum verdict
not_now(struct policy *p, const char *action, struct policy_about about,
    const char *status, const char *text)
{
	if (span_is(span_trim(span_str(action)), "defer"))
		return policy_refuse_about(p, about, 450, status, text);
	policy_defer_if(p, true, about, status, text);
	return NEXT;
}

enum verdict
rule_helo_unknown(struct policy *p, const struct rule *r)
{
	struct session *s = policy_session(p);
	bool null_mx;

	(void)r;
	if (s->helo == NULL || is_literal(span_str(s->helo)))
		return NEXT;
	if (!is_name(span_str(s->helo)))
		return rule_helo_invalid(p, r);
	switch (domain_known(s, span_str(s->helo), &null_mx)) {
	case WAIT:
		return WAIT;
	case REFUSE:
		return policy_refuse_about(p, about_helo(p),
		    conf_of(p)->unknown_hostname_reject_code, "4.7.1",
		    "Host not found");
	case NEXT:
		return not_now(p,
		    conf_of(p)->unknown_helo_hostname_tempfail_action,
		    about_helo(p), "4.7.1", "Host not found");
	case PERMIT:
		break;
	}
	return NEXT;
}

static enum verdict
address_fqdn(struct policy *p, struct policy_about about)
{
	struct span local, domain;

	if (about.name.n == 0)
		return NEXT;
	if (address_split(about.name, &local, &domain) &&
	    (is_literal(domain) || is_complete(policy_ascii(p, domain))))
		return NEXT;
	/* everybody has a postmaster (RFC 5321, 4.5.1) */
	if (domain.n == 0 && span_iis(local, "postmaster"))
		return NEXT;
	return policy_refuse_about(p, about, conf_of(p)->non_fqdn_reject_code,
	    "5.5.2", "need fully-qualified address");
}

enum verdict
rule_sender_fqdn(struct policy *p, const struct rule *r)
{
	(void)r;
	if (policy_session(p)->mail == NULL)
		return NEXT;
	return address_fqdn(p, about_sender(p));
}

enum verdict
rule_rcpt_fqdn(struct policy *p, const struct rule *r)
{
	(void)r;
	if (policy_session(p)->mail == NULL ||
	    policy_session(p)->mail->rcpt.p == NULL)
		return NEXT;
	return address_fqdn(p, about_rcpt(p));
}

static enum verdict
domain_refuse(struct policy *p, struct policy_about about, bool null_mx)
{
	bool sender = about.class == policy_class_sender;

	if (null_mx)
		return policy_refuse_about(p, about, sender ? 550 : 556,
		    sender ? "5.7.27" : "5.1.10",
		    "Domain does not accept mail (nullMX)");
	return policy_refuse_about(p, about,
	    conf_of(p)->unknown_address_reject_code, sender ? "4.1.8" : "4.1.2",
	    "Domain not found");
}

static enum verdict
address_domain(struct policy *p, struct policy_about about)
{
	struct session *s = policy_session(p);
	const struct fact_route *route;
	struct span local, domain;
	bool null_mx;

	if (!address_split(about.name, &local, &domain) || is_literal(domain))
		return NEXT;
	/* our own need not be in the DNS */
	route = fact_route(s, about.name);
	if (route == NULL)
		return WAIT;
	if (!route->trouble && route->class != CLASS_OTHER)
		return NEXT;
	if (!is_name(domain))
		return domain_refuse(p, about, false);
	switch (domain_known(s, domain, &null_mx)) {
	case WAIT:
		return WAIT;
	case REFUSE:
		return domain_refuse(p, about, null_mx);
	case NEXT:
		return not_now(p, conf_of(p)->unknown_address_tempfail_action,
		    about,
		    about.class == policy_class_sender ? "4.1.8" : "4.1.2",
		    "Domain not found");
	case PERMIT:
		break;
	}
	return NEXT;
}

enum verdict
rule_sender_domain(struct policy *p, const struct rule *r)
{
	(void)r;
	if (policy_session(p)->mail == NULL)
		return NEXT;
	return address_domain(p, about_sender(p));
}

enum verdict
rule_rcpt_domain(struct policy *p, const struct rule *r)
{
	(void)r;
	if (policy_session(p)->mail == NULL ||
	    policy_session(p)->mail->rcpt.p == NULL)
		return NEXT;
	return address_domain(p, about_rcpt(p));
}
