/*
 * rule_act.c - what an access(5) table or a policy server says is done
 */

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "intake/check_act.h"
#include "message/address.h"
#include "message/header.h"
#include "smtpd/access.h"
#include "smtpd/conf.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { PREPEND_MAX = 8192, BCC_MAX = 100 };

static void
status_of(const struct access_value *v, const char *otherwise, char status[12])
{
	struct span from = v->status.n > 0 ? v->status : span_str(otherwise);

	memcpy(status, from.p, from.n);
	status[from.n] = '\0';
}

static enum verdict
refuse(struct policy *p, struct policy_about about,
    const struct access_value *v, int code)
{
	char status[12], *text;

	status_of(v, code < 500 ? "4.7.1" : "5.7.1", status);
	text = arena_span_str(
	    policy_arena(p), v->text.n > 0 ? v->text : SPAN("Access denied"));
	return policy_refuse_about(p, about, code, status, text);
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

/* Not a mail's, or not a good address: nothing. */
static bool
address_take(struct policy *p, struct span text, struct span *out)
{
	struct mail *m = policy_session(p)->mail;
	struct address_path path;

	if (span_starts(text, "<") && span_ends(text, ">"))
		text = span_skip(span_head(text, text.n - 1), 1);
	if (m == NULL ||
	    address_parse_path(text,
		ADDRESS_BARE | ADDRESS_LONG_LOCAL | ADDRESS_LOOSE,
		&path) != ADDRESS_OK)
		return false;
	*out = arena_span(m->arena, text);
	return true;
}

static void
triggers(struct policy *p, struct policy_about about, const char *action,
    struct span text)
{
	char word[12];
	size_t n = 0;

	for (; action[n] != '\0'; n++)
		word[n] = (char)ascii_upper(action[n]);
	policy_note(p, action,
	    arena_printf(policy_arena(p), "triggers %.*s %.*s", (int)n, word,
		(int)text.n, text.p),
	    about);
}

static enum verdict
redirect(struct policy *p, struct policy_about about, struct span text)
{
	struct span address;

	if (!address_take(p, text, &address))
		return misconfigured(p, about, text, "no address");
	triggers(p, about, "redirect", text);
	policy_session(p)->mail->redirect = address;
	return NEXT;
}

static enum verdict
bcc(struct policy *p, struct policy_about about, struct span text)
{
	struct mail *m = policy_session(p)->mail;
	struct span address;
	struct bcc **end;
	unsigned n = 0;

	if (!address_take(p, text, &address))
		return misconfigured(p, about, text, "no address");
	triggers(p, about, "bcc", text);
	for (end = &m->bcc; *end != NULL; end = &(*end)->next)
		if (span_eq((*end)->address, address) || ++n == BCC_MAX)
			return NEXT;
	*end = arena_alloc(m->arena, sizeof(**end));
	(*end)->address = address;
	return NEXT;
}

/* The last one counts, for all of the message. */
static enum verdict
filter(struct policy *p, struct policy_about about, struct span text)
{
	struct mail *m = policy_session(p)->mail;

	if (!check_filter_good(text))
		return misconfigured(
		    p, about, text, "no filter (transport:nexthop)");
	triggers(p, about, "filter", text);
	if (m != NULL)
		m->filter_to = arena_span(m->arena, text);
	return NEXT;
}

static enum verdict
hold(struct policy *p, struct policy_about about, struct span text)
{
	struct mail *m = policy_session(p)->mail;

	policy_note(p, "hold", text_or(p, text, "triggers HOLD action"), about);
	if (m != NULL)
		m->hold = true;
	return NEXT;
}

static enum verdict
discard(struct policy *p, struct policy_about about, struct span text)
{
	struct mail *m = policy_session(p)->mail;

	policy_note(
	    p, "discard", text_or(p, text, "triggers DISCARD action"), about);
	if (m != NULL)
		m->discard = true;
	return PERMIT;
}

static enum verdict
defer_if(struct policy *p, struct policy_about about,
    const struct access_value *v, bool permit)
{
	char status[12];

	status_of(v, "4.7.1", status);
	policy_defer_if(p, permit, about, status,
	    text_or(p, v->text, "Service unavailable"));
	return NEXT;
}

enum verdict
rule_act(struct policy *p, struct policy_about about, struct span value)
{
	const struct smtpd_conf *conf = policy_session(p)->smtpd->conf;
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
		return defer_if(p, about, &v, true);
	case ACCESS_DEFER_IF_REJECT:
		return defer_if(p, about, &v, false);
	case ACCESS_WARN:
	case ACCESS_INFO:
		policy_note(p, v.action == ACCESS_WARN ? "warn" : "info",
		    text_or(p, v.text, ""), about);
		return NEXT;
	case ACCESS_HOLD:
		return hold(p, about, v.text);
	case ACCESS_DISCARD:
		return discard(p, about, v.text);
	case ACCESS_PREPEND:
		return prepend(p, about, v.text);
	case ACCESS_REDIRECT:
		return redirect(p, about, v.text);
	case ACCESS_BCC:
		return bcc(p, about, v.text);
	case ACCESS_FILTER:
		return filter(p, about, v.text);
	case ACCESS_LIST:
		return list(p, about, v.text);
	}
	return NEXT;
}
