/*
 * rule_route.c - restrictions on where an address leads: is it ours, does it
 * exist
 */

#include "config/overrides.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

static bool
no_rcpt(const struct policy *p)
{
	const struct mail *m = policy_session(p)->mail;

	return m == NULL || m->rcpt.p == NULL;
}

static struct policy_about
about_rcpt(const struct policy *p)
{
	return (struct policy_about){ policy_session(p)->mail->rcpt,
		policy_class_rcpt };
}

enum verdict
rule_auth_destination(struct policy *p, const struct rule *r)
{
	const struct fact_route *f;

	(void)r;
	if (no_rcpt(p))
		return NEXT;
	f = fact_route(policy_session(p), policy_session(p)->mail->rcpt);
	if (f == NULL)
		return WAIT;
	if (f->trouble)
		return NEXT;
	return f->class != CLASS_OTHER ? PERMIT : NEXT;
}

static enum verdict
unauth(struct policy *p, int code, const char *status)
{
	struct session *s = policy_session(p);
	const struct fact_route *f;
	struct buf text = BUF_EMPTY;
	enum verdict v;

	if (no_rcpt(p))
		return NEXT;
	f = fact_route(s, s->mail->rcpt);
	if (f == NULL)
		return WAIT;
	if (f->trouble)
		return policy_trouble(p, about_rcpt(p));
	if (f->class != CLASS_OTHER)
		return NEXT;
	buf_printf(&text, "<%.*s>: Relay access denied", (int)s->mail->rcpt.n,
	    s->mail->rcpt.p);
	v = policy_refuse_whole(p, code, status, buf_span(&text));
	buf_free(&text);
	return v;
}

enum verdict
rule_unauth_reject(struct policy *p, const struct rule *r)
{
	(void)r;
	return unauth(p,
	    policy_session(p)->smtpd->conf->relay_domains_reject_code, "5.7.1");
}

enum verdict
rule_unauth_defer(struct policy *p, const struct rule *r)
{
	(void)r;
	return unauth(p, 454, "4.7.1");
}

static int
unlisted_code(const struct smtpd_conf *conf, enum lookup_class class)
{
	switch (class) {
	case CLASS_VIRTUAL_ALIAS:
		return conf->unknown_virtual_alias_reject_code;
	case CLASS_VIRTUAL_MAILBOX:
		return conf->unknown_virtual_mailbox_reject_code;
	case CLASS_RELAY:
		return conf->unknown_relay_recipient_reject_code;
	case CLASS_LOCAL:
	case CLASS_OTHER:
		break;
	}
	return conf->unknown_local_recipient_reject_code;
}

static const char *
unlisted_text(const struct smtpd_conf *conf, enum lookup_class class)
{
	static const char *const texts[] = {
		[CLASS_LOCAL] = "User unknown in local recipient table",
		[CLASS_VIRTUAL_ALIAS] = "User unknown in virtual alias table",
		[CLASS_VIRTUAL_MAILBOX] =
		    "User unknown in virtual mailbox table",
		[CLASS_RELAY] = "User unknown in relay recipient table",
		[CLASS_OTHER] = "User unknown",
	};

	return conf->show_user_unknown_table_name ? texts[class]
						  : "User unknown";
}

static enum verdict
unlisted(struct policy *p, struct policy_about about)
{
	struct session *s = policy_session(p);
	const struct smtpd_conf *conf = s->smtpd->conf;
	const struct fact_route *f = fact_route(s, about.name);
	bool sender = about.class == policy_class_sender;
	const char *text;

	if (f == NULL)
		return WAIT;
	if (f->trouble || f->outcome == DEFER)
		return policy_trouble(p, about);
	if (f->outcome == DONE)
		return NEXT;
	text = span_is(span_str(f->status), "5.1.1")
	    ? unlisted_text(conf, f->class)
	    : f->text;
	return policy_refuse_about(p, about, unlisted_code(conf, f->class),
	    sender ? "5.1.0" : f->status, text);
}

enum verdict
rule_unlisted_rcpt(struct policy *p, const struct rule *r)
{
	unsigned overrides = policy_session(p)->smtpd->overrides;

	(void)r;
	if (no_rcpt(p) || (overrides & NO_UNKNOWN_RCPT_CHECKS) != 0)
		return NEXT;
	return unlisted(p, about_rcpt(p));
}

enum verdict
rule_unlisted_sender(struct policy *p, const struct rule *r)
{
	const struct mail *m = policy_session(p)->mail;
	struct policy_about about;

	(void)r;
	if (m == NULL || m->sender.n == 0)
		return NEXT;
	about = (struct policy_about){ m->sender, policy_class_sender };
	return unlisted(p, about);
}
