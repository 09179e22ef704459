/*
 * rule_access.c - restrictions that an access(5) table decides
 */

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "config/param.h"
#include "message/header.h"
#include "smtpd/access.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { PREPEND_MAX = 8192 };

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
refuse(struct policy *p, struct policy_about about,
    const struct access_value *v, int code)
{
	char status[12] = "5.7.1", *text;
	enum verdict verdict;

	if (code < 500)
		status[0] = '4';
	if (v->status.n > 0) {
		memcpy(status, v->status.p, v->status.n);
		status[v->status.n] = '\0';
	}
	text = arena_span_str(
	    policy_arena(p), v->text.n > 0 ? v->text : SPAN("Access denied"));
	verdict = policy_refuse_about(p, about, code, status, text);
	return verdict;
}

static enum verdict
misconfigured(struct policy *p, struct policy_about about, struct span value,
    const char *what)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, value, 200);
	log_warning("access table: \"%s\": %s", buf_str(&text), what);
	buf_free(&text);
	return policy_refuse_about(
	    p, about, 451, "4.3.5", "Server configuration error");
}

static enum verdict
prepend(struct policy *p, struct policy_about about, struct span text)
{
	struct mail *m = policy_session(p)->mail;
	size_t colon = span_find(text, ':');

	if (colon == text.n || !header_name_valid(span_head(text, colon)) ||
	    span_has_break(text))
		return misconfigured(p, about, text, "no header field");
	if (m != NULL && m->prepend.n + text.n < PREPEND_MAX) {
		buf_add_span(&m->prepend, text);
		buf_add_byte(&m->prepend, '\n');
	}
	return NEXT;
}

/* The value names restrictions: go through them first. */
static enum verdict
list(struct policy *p, struct policy_about about, struct span text)
{
	struct session *s = policy_session(p);
	struct rules rules = *s->smtpd->rules;
	struct rule_list *l;
	struct why why;
	enum verdict v = NEXT;

	why_init(&why);
	rules.arena = policy_arena(p);
	l = arena_alloc(rules.arena, sizeof(*l));
	if (!rule_list_parse(&rules, text, NULL, l, &why))
		v = misconfigured(p, about, text, why_text(&why));
	else if (!policy_push(p, l))
		v = misconfigured(p, about, text, "nested too deep");
	why_free(&why);
	return v;
}

static const char *
text_or(struct policy *p, struct span text, const char *otherwise)
{
	return text.n > 0 ? arena_span_str(policy_arena(p), text) : otherwise;
}

static enum verdict
act(struct policy *p, struct policy_about about, struct span value)
{
	struct session *s = policy_session(p);
	const struct smtpd_conf *conf = s->smtpd->conf;
	struct access_value v;

	access_value_parse(value, &v);
	switch (v.action) {
	case ACCESS_OK:
		return PERMIT;
	case ACCESS_DUNNO:
		return NEXT;
	case ACCESS_REJECT:
		return refuse(p, about, &v, conf->access_map_reject_code);
	case ACCESS_DEFER:
		return refuse(p, about, &v, conf->access_map_defer_code);
	case ACCESS_CODE:
		return refuse(p, about, &v, v.code);
	case ACCESS_DEFER_IF_PERMIT:
	case ACCESS_DEFER_IF_REJECT:
		policy_defer_if(p, v.action == ACCESS_DEFER_IF_PERMIT, about,
		    text_or(p, v.text, "Service unavailable"));
		return NEXT;
	case ACCESS_WARN:
		policy_note(p, "warn", text_or(p, v.text, ""), about);
		return NEXT;
	case ACCESS_INFO:
		policy_note(p, "info", text_or(p, v.text, ""), about);
		return NEXT;
	case ACCESS_HOLD:
		policy_note(
		    p, "hold", text_or(p, v.text, "triggers HOLD"), about);
		if (s->mail != NULL)
			s->mail->hold = true;
		return NEXT;
	case ACCESS_DISCARD:
		policy_note(p, "discard",
		    text_or(p, v.text, "triggers DISCARD"), about);
		if (s->mail != NULL)
			s->mail->discard = true;
		return PERMIT;
	case ACCESS_PREPEND:
		return prepend(p, about, v.text);
	case ACCESS_MISSING:
		return misconfigured(
		    p, about, value, "this action is not available");
	case ACCESS_LIST:
		return list(p, about, v.text);
	}
	return NEXT;
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
			return act(p, about, f->value);
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
