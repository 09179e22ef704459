/*
 * rule_login.c - restrictions on who may use a sender address:
 * smtpd_sender_login_maps says which login owns which
 */

#include "message/address.h"

#include "base/arena.h"
#include "config/param.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

static const char maps[] = "smtpd_sender_login_maps";

/* The owners of the sender: its own entry, its address without extension, its
 * domain's. NULL with *wait false: nobody's. */
static const struct fact_value *
owners(struct policy *p, bool *wait)
{
	struct session *s = policy_session(p);
	struct span sender = s->mail->sender, local, domain, user, extension;
	struct arena *a = policy_arena(p);
	const struct fact_value *f;
	struct span keys[3];
	size_t n = 0;

	keys[n++] = sender;
	if (address_split(sender, &local, &domain)) {
		if (address_extension(local,
			s->smtpd->conf->recipient_delimiter, &user, &extension))
			keys[n++] = span_str(arena_printf(a, "%.*s@%.*s",
			    (int)user.n, user.p, (int)domain.n, domain.p));
		keys[n++] =
		    span_str(arena_printf(a, "@%.*s", (int)domain.n, domain.p));
	}
	*wait = false;
	for (size_t i = 0; i < n; i++) {
		f = fact_value(s, maps, keys[i]);
		*wait = f == NULL;
		if (f == NULL || f->found || f->trouble)
			return f;
	}
	return NULL;
}

static bool
owned_by(struct span owners_list, const char *user)
{
	struct span item;

	while (param_list_next(&owners_list, &item))
		if (span_iis(item, user))
			return true;
	return false;
}

enum { WHEN_LOGGED_IN = 1, WHEN_NOT = 2, KNOWN_ONLY = 4 };

static enum verdict
mismatch(struct policy *p, unsigned when)
{
	const struct session *s = policy_session(p);
	const struct fact_value *f;
	struct policy_about about;
	struct buf text = BUF_EMPTY;
	enum verdict v;
	bool wait;

	if (s->mail == NULL || s->mail->sender.n == 0 ||
	    (when & (s->sasl_username != NULL ? WHEN_LOGGED_IN : WHEN_NOT)) ==
		0)
		return NEXT;
	about = (struct policy_about){ s->mail->sender, policy_class_sender };
	f = owners(p, &wait);
	if (wait)
		return WAIT;
	if (f != NULL && f->trouble)
		return policy_trouble(p, about);
	if (s->sasl_username == NULL)
		return f == NULL ? NEXT
				 : policy_refuse_about(
				       p, about, 553, "5.7.1", "not logged in");
	if (f == NULL ? (when & KNOWN_ONLY) != 0
		      : owned_by(f->value, s->sasl_username))
		return NEXT;
	buf_printf(&text, "not owned by user %s", s->sasl_username);
	v = policy_refuse_about(p, about, 553, "5.7.1", buf_str(&text));
	buf_free(&text);
	return v;
}

enum verdict
rule_login_mismatch(struct policy *p, const struct rule *r)
{
	(void)r;
	return mismatch(p, WHEN_LOGGED_IN | WHEN_NOT);
}

enum verdict
rule_login_known(struct policy *p, const struct rule *r)
{
	(void)r;
	return mismatch(p, WHEN_LOGGED_IN | WHEN_NOT | KNOWN_ONLY);
}

enum verdict
rule_login_authenticated(struct policy *p, const struct rule *r)
{
	(void)r;
	return mismatch(p, WHEN_LOGGED_IN);
}

enum verdict
rule_login_unauthenticated(struct policy *p, const struct rule *r)
{
	(void)r;
	return mismatch(p, WHEN_NOT);
}
