/*
 * rule_access.c - restrictions that an access(5) table decides
 */

#include <string.h>

#include "base/log.h"
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

struct access_style
rule_access_style(const struct policy *p, const struct rule *r)
{
	const struct smtpd_conf *conf = policy_session(p)->smtpd->conf;

	return (struct access_style){ is_pattern(r->arg), parents_match(conf),
		conf->recipient_delimiter, conf->smtpd_null_access_lookup_key };
}

/* The value of the first key that is there. PERMIT: there is one. */
static enum verdict
find(struct policy *p, const struct rule *r, const struct access_keys *keys,
    struct policy_about about, struct span *value)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct fact_value *f =
		    fact_value(policy_session(p), r->arg, keys->keys[i]);

		if (f == NULL)
			return WAIT;
		if (f->trouble)
			return policy_trouble(p, about);
		if (f->found) {
			*value = f->value;
			return PERMIT;
		}
	}
	return NEXT;
}

enum verdict
rule_access_check(struct policy *p, const struct rule *r,
    const struct access_keys *keys, struct policy_about about)
{
	struct span value = SPAN("");
	enum verdict v = find(p, r, keys, about, &value);

	return v == PERMIT ? rule_act(p, about, value) : v;
}

enum verdict
rule_access_look(struct policy *p, const struct rule *r,
    const struct access_keys *keys, struct policy_about about)
{
	struct access_value parsed;
	struct span value;
	enum verdict v = find(p, r, keys, about, &value);

	if (v != PERMIT)
		return v;
	access_value_parse(value, &parsed);
	if (parsed.action != ACCESS_OK)
		return rule_act(p, about, value);
	log_warning("%s %s: OK is not allowed here, as strangers choose their "
		    "servers; say DUNNO",
	    r->kind->name, r->arg);
	return policy_refuse_about(
	    p, about, 451, "4.3.5", "Server configuration error");
}

enum verdict
rule_check_client(struct policy *p, const struct rule *r)
{
	const struct client *c = &policy_session(p)->client;
	struct access_style style = rule_access_style(p, r);
	struct access_keys keys = { .count = 0 };

	access_keys_name(&keys, policy_arena(p), span_str(c->name), &style);
	access_keys_host(&keys, policy_arena(p), span_str(c->addr), &style);
	return rule_access_check(p, r, &keys,
	    (struct policy_about){ span_str(c->label), policy_class_client });
}

enum verdict
rule_check_reverse(struct policy *p, const struct rule *r)
{
	const struct client *c = &policy_session(p)->client;
	struct access_style style = rule_access_style(p, r);
	struct access_keys keys = { .count = 0 };
	struct span name =
	    c->reverse == NULL ? span_str(c->name) : span_str(c->reverse);

	access_keys_name(&keys, policy_arena(p), name, &style);
	access_keys_host(&keys, policy_arena(p), span_str(c->addr), &style);
	return rule_access_check(
	    p, r, &keys, (struct policy_about){ name, policy_class_reverse });
}

enum verdict
rule_check_etrn(struct policy *p, const struct rule *r)
{
	struct span name = span_str(policy_session(p)->etrn);
	struct access_style style = rule_access_style(p, r);
	struct access_keys keys = { .count = 0 };

	if (name.n == 0)
		return NEXT;
	access_keys_name(&keys, policy_arena(p), name, &style);
	return rule_access_check(
	    p, r, &keys, (struct policy_about){ name, policy_class_etrn });
}

enum verdict
rule_check_helo(struct policy *p, const struct rule *r)
{
	struct span helo = span_str(policy_session(p)->helo);
	struct access_style style = rule_access_style(p, r);
	struct access_keys keys = { .count = 0 };

	if (helo.n == 0)
		return NEXT;
	access_keys_name(&keys, policy_arena(p), helo, &style);
	return rule_access_check(
	    p, r, &keys, (struct policy_about){ helo, policy_class_helo });
}

enum verdict
rule_check_sender(struct policy *p, const struct rule *r)
{
	const struct mail *m = policy_session(p)->mail;
	struct access_style style = rule_access_style(p, r);
	struct access_keys keys = { .count = 0 };

	if (m == NULL)
		return NEXT;
	access_keys_mail(&keys, policy_arena(p), m->sender, &style);
	return rule_access_check(p, r, &keys,
	    (struct policy_about){ m->sender, policy_class_sender });
}

enum verdict
rule_check_rcpt(struct policy *p, const struct rule *r)
{
	const struct mail *m = policy_session(p)->mail;
	struct access_style style = rule_access_style(p, r);
	struct access_keys keys = { .count = 0 };

	if (m == NULL || m->rcpt.p == NULL)
		return NEXT;
	access_keys_mail(&keys, policy_arena(p), m->rcpt, &style);
	return rule_access_check(
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
	return rule_access_check(p, r, &keys,
	    (struct policy_about){ keys.keys[0], "SASL login name" });
}
