/*
 * rule_access.c - restrictions that an access(5) table decides
 */

#include <string.h>

#include "config/param.h"
#include "smtpd/access.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

static bool
parents_match(const struct smtpd_conf *conf)
{
	struct span rest = span_str(conf->parent_domain_matches_subdomains);
	struct span item;

	while (param_list_next(&rest, &item))
		if (span_is(item, "smtpd_access_maps"))
			return true;
	return false;
}

/* Tables of patterns see whole strings only. */
static bool
is_pattern(const char *table)
{
	static const char *const types[] = { "regexp:", "pcre:", "cidr:" };

	if (strncmp(table, "proxy:", 6) == 0)
		table += 6;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strncmp(table, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

static struct access_style
style_of(const struct policy *p, const struct rule *r)
{
	const struct smtpd_conf *conf = policy_session(p)->smtpd->conf;

	return (struct access_style){ is_pattern(r->arg), parents_match(conf),
		conf->recipient_delimiter, conf->smtpd_null_access_lookup_key };
}

static enum verdict
check(struct policy *p, const struct rule *r, const struct access_keys *keys,
    struct policy_about about)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct fact_value *f =
		    fact_value(policy_session(p), r->arg, keys->keys[i]);

		if (f == NULL)
			return WAIT;
		if (f->trouble)
			return policy_trouble(p, about);
		if (f->found)
			return rule_act(p, about, f->value);
	}
	return NEXT;
}

enum verdict
rule_check_client(struct policy *p, const struct rule *r)
{
	const struct client *c = &policy_session(p)->client;
	struct access_style style = style_of(p, r);
	struct access_keys keys = { .count = 0 };

	access_keys_name(&keys, policy_arena(p), span_str(c->name), &style);
	access_keys_host(&keys, policy_arena(p), span_str(c->addr), &style);
	return check(p, r, &keys,
	    (struct policy_about){ span_str(c->label), policy_class_client });
}

enum verdict
rule_check_helo(struct policy *p, const struct rule *r)
{
	struct span helo = span_str(policy_session(p)->helo);
	struct access_style style = style_of(p, r);
	struct access_keys keys = { .count = 0 };

	if (helo.n == 0)
		return NEXT;
	access_keys_name(&keys, policy_arena(p), helo, &style);
	return check(
	    p, r, &keys, (struct policy_about){ helo, policy_class_helo });
}

enum verdict
rule_check_sender(struct policy *p, const struct rule *r)
{
	const struct mail *m = policy_session(p)->mail;
	struct access_style style = style_of(p, r);
	struct access_keys keys = { .count = 0 };

	if (m == NULL)
		return NEXT;
	access_keys_mail(&keys, policy_arena(p), m->sender, &style);
	return check(p, r, &keys,
	    (struct policy_about){ m->sender, policy_class_sender });
}

enum verdict
rule_check_rcpt(struct policy *p, const struct rule *r)
{
	const struct mail *m = policy_session(p)->mail;
	struct access_style style = style_of(p, r);
	struct access_keys keys = { .count = 0 };

	if (m == NULL || m->rcpt.p == NULL)
		return NEXT;
	access_keys_mail(&keys, policy_arena(p), m->rcpt, &style);
	return check(
	    p, r, &keys, (struct policy_about){ m->rcpt, policy_class_rcpt });
}

enum verdict
rule_check_sasl(struct policy *p, const struct rule *r)
{
	const struct session *s = policy_session(p);
	struct access_keys keys = { .count = 1 };

	if (s->sasl_username == NULL)
		return NEXT;
	keys.keys[0] = span_str(s->sasl_username);
	return check(p, r, &keys,
	    (struct policy_about){ keys.keys[0], "SASL login name" });
}
