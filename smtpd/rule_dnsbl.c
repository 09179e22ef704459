/*
 * rule_dnsbl.c - restrictions that a list in the DNS decides
 *
 * Those that stand side by side are asked together: the first that must wait
 * sends the questions of all behind it too. What they mean is looked at in
 * their order. A list that does not answer blocks nobody.
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "base/why.h"
#include "config/macro.h"
#include "intake/check_act.h"
#include "message/address.h"
#include "smtpd/access.h"
#include "smtpd/conf.h"
#include "smtpd/dnsbl.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { AHEAD_MAX = 32, REPLY_MAX = 900 };

static struct span
mail_domain(struct span address)
{
	struct span local, domain;

	return address_split(address, &local, &domain) ? domain : SPAN("");
}

static struct span
host_name(const char *name)
{
	return name == NULL || strcmp(name, "unknown") == 0 ? SPAN("")
							    : span_str(name);
}

/* What the rule looks for in its list; name is empty when there is nothing. */
struct listed {
	struct span name; /* of a domain */
	struct policy_about about; /* as the answer has it */
	bool address; /* it is the client's address that counts */
};

static struct listed
listed_client(const struct session *s)
{
	return (struct listed){ .name = span_str(s->client.addr),
		.about = { span_str(s->client.addr), policy_class_client },
		.address = true };
}

static struct listed
listed_name(const struct session *s)
{
	struct span name = host_name(s->client.name);

	return (struct listed){ name, { name, policy_class_client }, false };
}

static struct listed
listed_reverse(const struct session *s)
{
	struct span name = host_name(s->client.reverse);

	return (struct listed){ name, { name, policy_class_reverse }, false };
}

static struct listed
listed_helo(const struct session *s)
{
	struct span name = span_str(s->helo);

	return (struct listed){ name, { name, policy_class_helo }, false };
}

static struct listed
listed_sender(const struct session *s)
{
	struct span a = s->mail == NULL ? SPAN("") : s->mail->sender;

	return (
	    struct listed){ mail_domain(a), { a, policy_class_sender }, false };
}

static struct listed
listed_rcpt(const struct session *s)
{
	struct span a = s->mail == NULL ? SPAN("") : s->mail->rcpt;

	return (
	    struct listed){ mail_domain(a), { a, policy_class_rcpt }, false };
}

/* Which rule looks at what. */
static const struct {
	const char *rule;
	struct listed (*what)(const struct session *s);
} kinds[] = {
	{ "reject_rbl_client", listed_client },
	{ "reject_rbl", listed_client },
	{ "permit_dnswl_client", listed_client },
	{ "reject_rhsbl_client", listed_name },
	{ "permit_rhswl_client", listed_name },
	{ "reject_rhsbl_reverse_client", listed_reverse },
	{ "reject_rhsbl_helo", listed_helo },
	{ "reject_rhsbl_sender", listed_sender },
	{ "reject_rhsbl_recipient", listed_rcpt },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* What the rule asks the DNS for; false: nothing, or it is no such rule. */
static bool
question(const struct session *s, const struct rule *r, struct dnsbl *l,
    struct listed *what, struct buf *name)
{
	struct why why;
	bool good = false;

	for (size_t i = 0; r->kind != NULL && i < KINDS; i++) {
		if (strcmp(r->kind->name, kinds[i].rule) != 0)
			continue;
		why_init(&why);
		*what = kinds[i].what(s);
		good = what->name.n > 0 &&
		    dnsbl_parse(span_str(r->arg), false, l, &why);
		why_free(&why);
	}
	buf_clear(name);
	if (!good)
		return false;
	return what->address ? dnsbl_address_put(name, l,
				   span_of(s->client.bytes, s->client.bytes_n))
			     : dnsbl_name_put(name, l, what->name);
}

/* The same for those behind it. */
static void
ask_ahead(struct policy *p, const struct rule *r)
{
	struct session *s = policy_session(p);
	struct buf name = BUF_EMPTY;
	struct listed what;
	struct dnsbl l;

	for (int i = 0; i < AHEAD_MAX; i++) {
		r = policy_rule_behind(p, r);
		if (r == NULL || !question(s, r, &l, &what, &name))
			break;
		(void)fact_dns(s, DNS_A, buf_span(&name));
	}
	buf_free(&name);
}

static bool
counts(const struct dnsbl *l, const struct fact_dns *f)
{
	if (f->result != DNS_FOUND)
		return false;
	for (size_t i = 0; i < f->answer->count; i++)
		if (dnsbl_counts(l, f->answer->records[i].data))
			return true;
	return false;
}

/* PERMIT: it is in the list; NEXT: not, or nothing to look for; REFUSE: the
 * list does not answer. */
static enum verdict
look(struct policy *p, const struct rule *r, struct dnsbl *l,
    struct listed *what, struct span *name)
{
	struct session *s = policy_session(p);
	struct buf asked = BUF_EMPTY;
	const struct fact_dns *f;

	if (!question(s, r, l, what, &asked)) {
		buf_free(&asked);
		return NEXT;
	}
	*name = arena_span(policy_arena(p), buf_span(&asked));
	buf_free(&asked);
	f = fact_dns(s, DNS_A, *name);
	if (f == NULL) {
		ask_ahead(p, r);
		return WAIT;
	}
	if (f->result == DNS_TROUBLE) {
		log_warning("%.*s: RBL lookup error: no answer from the DNS",
		    (int)name->n, name->p);
		return REFUSE;
	}
	return counts(l, f) ? PERMIT : NEXT;
}

/* Values of a reply's template; what others wrote is no template itself. */
struct reply_values {
	struct policy *p;
	const struct dnsbl *list;
	const struct listed *what;
	struct span reason;
};

static struct span
value_of(const struct reply_values *v, struct span name)
{
	const struct session *s = policy_session(v->p);
	struct span sender = s->mail == NULL ? SPAN("") : s->mail->sender;
	struct span rcpt = s->mail == NULL ? SPAN("") : s->mail->rcpt;
	const struct {
		const char *name;
		struct span value;
	} rows[] = {
		{ "rbl_class", span_str(v->what->about.class) },
		{ "rbl_domain", v->list->domain },
		{ "rbl_reason", v->reason },
		{ "rbl_txt", v->reason },
		{ "rbl_what", v->what->about.name },
		{ "client", span_str(s->client.label) },
		{ "client_address", span_str(s->client.addr) },
		{ "client_name", span_str(s->client.name) },
		{ "reverse_client_name", span_str(s->client.reverse) },
		{ "helo_name", span_str(s->helo) },
		{ "sender", sender.n > 0 ? sender : SPAN("<>") },
		{ "sender_name", span_head(sender, span_rfind(sender, '@')) },
		{ "sender_domain", mail_domain(sender) },
		{ "recipient", rcpt },
		{ "recipient_name", span_head(rcpt, span_rfind(rcpt, '@')) },
		{ "recipient_domain", mail_domain(rcpt) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_is(name, rows[i].name))
			return rows[i].value;
	return SPAN("");
}

static bool
value_look(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	const struct reply_values *v = from;
	const struct session *s = policy_session(v->p);
	struct span plain = value_of(v, name);
	struct buf text = BUF_EMPTY, escaped = BUF_EMPTY;

	(void)why;
	if (span_is(name, "rbl_code"))
		buf_printf(
		    &escaped, "%d", s->smtpd->conf->maps_rbl_reject_code);
	log_quote(&text, plain, REPLY_MAX);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$')
			buf_add_byte(&escaped, '$');
		buf_add_byte(&escaped, text.p[i]);
	}
	value->text = arena_str(policy_arena(v->p), buf_str(&escaped));
	value->where = NULL;
	buf_free(&text);
	buf_free(&escaped);
	return true;
}

/* "550 5.7.1 text": a code, perhaps a status, the words. */
static enum verdict
refuse(struct policy *p, struct span reply)
{
	struct span rest = reply, word = { "", 0 }, status;
	char code_status[12] = "5.7.1";
	uint64_t code;

	if (!span_word(&rest, " \t", &word) || word.n != 3 ||
	    !number_parse(word, 400, 599, &code)) {
		log_warning("rbl reply: \"%.*s\" does not begin with a code",
		    (int)reply.n, reply.p);
		return policy_refuse(
		    p, 451, "4.3.5", "Server configuration error");
	}
	rest = span_trim_left(rest);
	status = check_status_take(&rest);
	if (status.n > 0) {
		memcpy(code_status, status.p, status.n);
		code_status[status.n] = '\0';
	}
	return policy_refuse_whole(p, (int)code, code_status, rest);
}

/* The template is the list's own, or that of all. */
static enum verdict
template_find(struct policy *p, const struct dnsbl *l, struct span *out)
{
	struct session *s = policy_session(p);
	const struct smtpd_conf *conf = s->smtpd->conf;
	struct span keys[2] = { l->name, l->domain };
	const struct fact_value *f;

	*out = span_str(conf->default_rbl_reply);
	for (size_t i = l->filtered ? 0 : 1;
	     conf->rbl_reply_maps[0] != '\0' && i < 2; i++) {
		f = fact_value(s, "rbl_reply_maps", keys[i]);
		if (f == NULL)
			return WAIT;
		if (f->trouble)
			return policy_trouble(p,
			    (struct policy_about){
				l->domain, policy_class_client });
		if (f->found) {
			*out = f->value;
			return NEXT;
		}
	}
	return NEXT;
}

static enum verdict
block(struct policy *p, const struct dnsbl *l, const struct listed *what,
    struct span name)
{
	const struct fact_dns *txt = fact_dns(policy_session(p), DNS_TXT, name);
	struct reply_values v = { p, l, what, { "", 0 } };
	struct macro_source source = { value_look, &v };
	struct buf reply = BUF_EMPTY;
	enum verdict got;
	struct span template;
	struct why why;

	if (txt == NULL)
		return WAIT;
	got = template_find(p, l, &template);
	if (got != NEXT)
		return got;
	if (txt->result == DNS_FOUND)
		v.reason = txt->answer->records[0].data;
	why_init(&why);
	if (!macro_expand(
		&source, "default_rbl_reply", template, &reply, &why)) {
		log_warning("%s", why_text(&why));
		buf_clear(&reply);
	}
	got = refuse(p, buf_span(&reply));
	buf_free(&reply);
	why_free(&why);
	return got;
}

enum verdict
rule_dnsbl_reject(struct policy *p, const struct rule *r)
{
	struct listed what;
	struct dnsbl l;
	struct span name;

	switch (look(p, r, &l, &what, &name)) {
	case WAIT:
		return WAIT;
	case PERMIT:
		return block(p, &l, &what, name);
	case REFUSE:
	case NEXT:
		break;
	}
	return NEXT;
}

/* A list of the good opens no relay: what leads elsewhere is for others to
 * say. */
static enum verdict
let_in(struct policy *p)
{
	struct session *s = policy_session(p);
	const struct fact_route *route;

	if (s->mail == NULL || s->mail->rcpt.p == NULL)
		return PERMIT;
	route = fact_route(s, s->mail->rcpt);
	if (route == NULL)
		return WAIT;
	return !route->trouble && route->class != CLASS_OTHER ? PERMIT : NEXT;
}

enum verdict
rule_dnsbl_permit(struct policy *p, const struct rule *r)
{
	struct listed what;
	struct dnsbl l;
	struct span name;

	switch (look(p, r, &l, &what, &name)) {
	case WAIT:
		return WAIT;
	case PERMIT:
		return let_in(p);
	case REFUSE:
		/* it might have been let in: do not turn it away for good */
		policy_defer_if(
		    p, false, what.about, "4.7.1", "Service unavailable");
		return NEXT;
	case NEXT:
		break;
	}
	return NEXT;
}
