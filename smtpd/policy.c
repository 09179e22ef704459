/*
 * policy.c - the restriction lists are gone through
 *
 * Lists lie on a small stack (an access table may name another list). A rule
 * that needs an answer of another service asks and says WAIT; when the answer
 * is there it is run once more and finds it among the facts. So a rule is a
 * plain function, and what it does not yet know is the only state.
 */

#include "smtpd/policy.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/must.h"
#include "base/utf8.h"
#include "message/idn.h"
#include "os/loop.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/log.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { DEPTH_MAX = 10 };

struct frame {
	const struct rule_list *list;
	size_t at;
	bool apart; /* a permit ends this list, and nothing below it */
	bool warn; /* apart, and what refuses there is only logged */
};

struct policy {
	struct session *s;
	struct arena *arena; /* when there is no transaction */
	policy_done_fn *done;
	enum policy_stage stages[POLICY_STAGES]; /* to be looked at */
	unsigned stage_count, stage_at;
	struct frame stack[DEPTH_MAX];
	unsigned depth;
	struct loop_timer *nap; /* NULL: nobody rests */
	bool rested;
	bool warn; /* the rule at hand stands behind warn_if_reject */
	bool unlisted_due; /* smtpd_reject_unlisted_*, after the lists */
	struct refusal refusal;
	struct refusal if_permit, if_reject; /* code 0: not asked for */
};

const char policy_class_client[] = "Client host";
const char policy_class_reverse[] = "Unverified Client host";
const char policy_class_helo[] = "Helo command";
const char policy_class_sender[] = "Sender address";
const char policy_class_rcpt[] = "Recipient address";
const char policy_class_etrn[] = "Etrn command";

struct session *
policy_session(const struct policy *p)
{
	return p->s;
}

enum policy_stage
policy_stage(const struct policy *p)
{
	return p->stages[p->stage_at];
}

struct arena *
policy_arena(struct policy *p)
{
	if (p->s->mail != NULL)
		return p->s->mail->arena;
	if (p->arena == NULL)
		p->arena = arena_new();
	return p->arena;
}

struct span
policy_ascii(struct policy *p, struct span name)
{
	struct buf ascii = BUF_EMPTY;

	if (!utf8_wide(name))
		return name;
	if (idn_to_ascii(&ascii, name))
		name = arena_span(policy_arena(p), buf_span(&ascii));
	buf_free(&ascii);
	return name;
}

struct policy_about
policy_about_stage(const struct policy *p)
{
	const struct session *s = p->s;

	switch (policy_stage(p)) {
	case POLICY_CONNECT:
		return (struct policy_about){ span_str(s->client.label),
			policy_class_client };
	case POLICY_HELO:
		return (struct policy_about){ span_str(s->helo),
			policy_class_helo };
	case POLICY_MAIL:
		return (struct policy_about){ s->mail->sender,
			policy_class_sender };
	case POLICY_RELAY:
	case POLICY_RCPT:
	case POLICY_GREYLIST:
		return (
		    struct policy_about){ s->mail->rcpt, policy_class_rcpt };
	case POLICY_DATA:
		return (struct policy_about){ SPAN("DATA"), "Data command" };
	case POLICY_ETRN:
		return (struct policy_about){ span_str(s->etrn),
			policy_class_etrn };
	case POLICY_END_OF_DATA:
	case POLICY_STAGES:
		break;
	}
	return (struct policy_about){ SPAN("END-OF-MESSAGE"), "End-of-data" };
}

static void
refusal_set(struct refusal *r, int code, const char *status, struct span text)
{
	r->code = code;
	memcpy(r->status, status, strnlen(status, sizeof(r->status) - 1) + 1);
	buf_clear(&r->text);
	log_quote(&r->text, text, 900);
}

/* The first digit of the status follows the code. */
static void
refusal_agree(struct refusal *r, bool soft)
{
	if (soft && r->code >= 500)
		r->code -= 100;
	if (r->status[0] == '4' || r->status[0] == '5')
		r->status[0] = (char)('0' + r->code / 100);
}

enum verdict
policy_refuse_whole(
    struct policy *p, int code, const char *status, struct span text)
{
	refusal_set(&p->refusal, code, status, text);
	refusal_agree(&p->refusal, p->s->smtpd->conf->soft_bounce);
	return REFUSE;
}

static void
about_text(struct buf *out, struct policy_about about, const char *text)
{
	buf_add_byte(out, '<');
	log_quote(out, about.name, 300);
	buf_printf(out, ">: %s rejected: %s", about.class, text);
}

enum verdict
policy_refuse_about(struct policy *p, struct policy_about about, int code,
    const char *status, const char *text)
{
	struct buf whole = BUF_EMPTY;
	enum verdict v;

	about_text(&whole, about, text);
	v = policy_refuse_whole(p, code, status, buf_span(&whole));
	buf_free(&whole);
	return v;
}

enum verdict
policy_refuse(struct policy *p, int code, const char *status, const char *text)
{
	return policy_refuse_about(
	    p, policy_about_stage(p), code, status, text);
}

enum verdict
policy_trouble(struct policy *p, struct policy_about about)
{
	struct buf whole = BUF_EMPTY;
	enum verdict v;

	buf_add_byte(&whole, '<');
	log_quote(&whole, about.name, 300);
	buf_add_str(&whole, ">: Temporary lookup failure");
	v = policy_refuse_whole(p, 451, "4.3.0", buf_span(&whole));
	buf_free(&whole);
	return v;
}

void
policy_defer_if(struct policy *p, bool permit, struct policy_about about,
    const char *status, const char *text)
{
	struct refusal *r = permit ? &p->if_permit : &p->if_reject;
	struct buf whole = BUF_EMPTY;

	if (r->code != 0)
		return;
	about_text(&whole, about, text);
	refusal_set(r, 450, status, buf_span(&whole));
	buf_free(&whole);
}

static void
nap_over(void *arg)
{
	struct policy *p = arg;
	struct session *s = p->s;

	loop_timer_free(&p->nap);
	p->rested = true;
	policy_go_on(s);
	session_run(s);
}

bool
policy_nap(struct policy *p, int64_t ms)
{
	if (p->rested) {
		p->rested = false;
		return true;
	}
	if (p->nap == NULL) {
		p->nap = loop_timer_new(p->s->smtpd->loop, nap_over, p);
		loop_timer_set(p->nap, ms);
	}
	return false;
}

bool
policy_push(struct policy *p, const struct rule_list *list)
{
	if (p->depth == DEPTH_MAX)
		return false;
	p->stack[p->depth++] = (struct frame){ .list = list };
	return true;
}

bool
policy_push_apart(struct policy *p, const struct rule_list *list)
{
	if (!policy_push(p, list))
		return false;
	p->stack[p->depth - 1].apart = true;
	p->stack[p->depth - 1].warn = p->warn;
	return true;
}

const struct rule *
policy_rule_behind(const struct policy *p, const struct rule *r)
{
	const struct rule_list *list = p->stack[p->depth - 1].list;

	while (++r < list->rules + list->count)
		if (r->kind == NULL || r->kind->run != NULL)
			return r;
	return NULL;
}

void
policy_note(struct policy *p, const char *action, const char *text,
    struct policy_about about)
{
	struct buf whole = BUF_EMPTY;

	buf_add_byte(&whole, '<');
	log_quote(&whole, about.name, 300);
	buf_printf(&whole, ">: %s %s", about.class, text);
	event_policy(p->s, action, buf_span(&whole));
	buf_free(&whole);
}

static void
refusal_line(const struct refusal *r, struct buf *out)
{
	buf_printf(out, "%d ", r->code);
	if (r->status[0] != '\0')
		buf_printf(out, "%s ", r->status);
	buf_add_span(out, buf_span(&r->text));
}

static void
refusal_line_log(
    const struct session *s, const struct refusal *r, const char *action)
{
	struct buf line = BUF_EMPTY;

	refusal_line(r, &line);
	event_policy(s, action, buf_span(&line));
	buf_free(&line);
}

static void
refusal_log(const struct policy *p, const char *action)
{
	refusal_line_log(p->s, &p->refusal, action);
}

/* With -v, and for facteur trace: what each restriction said, in the words that
 * it reads. */
static void
verdict_log(
    const struct policy *p, const char *rule, const char *arg, enum verdict v)
{
	static const char *const words[] = { [NEXT] = "no opinion",
		[PERMIT] = "permit",
		[REFUSE] = "reject",
		[WAIT] = "" };

	if (log_verbose() == 0)
		return;
	log_debug("restriction %s: %s%s%s: %s",
	    policy_stage_parameter(policy_stage(p)), rule,
	    arg == NULL ? "" : " ", arg == NULL ? "" : arg,
	    v == REFUSE && p->warn ? "warning only" : words[v]);
}

/* smtpd_log_access_permit_actions: "static:" is any. */
static void
permit_log(const struct policy *p, const char *rule)
{
	struct span list =
	    span_str(p->s->smtpd->conf->smtpd_log_access_permit_actions);
	struct span item;
	struct buf text = BUF_EMPTY;

	while (param_list_next(&list, &item)) {
		if (!span_iis(item, rule) && !span_istarts(item, "static:"))
			continue;
		buf_printf(&text, "action=%s", rule);
		event_policy(p->s, "permit", buf_span(&text));
		break;
	}
	buf_free(&text);
}

/* Run the rule on top of the stack. NEXT: it has been dealt with. */
static enum verdict
step(struct policy *p)
{
	struct frame *top = &p->stack[p->depth - 1];
	const struct rule *r = &top->list->rules[top->at];
	unsigned depth = p->depth;
	enum verdict v;

	if (r->class != NULL) {
		top->at++;
		if (policy_push(p, r->class))
			return NEXT;
		log_warning("restriction classes are nested too deep");
		return policy_refuse(
		    p, 451, "4.3.5", "Server configuration error");
	}
	if (r->kind->run == NULL) { /* warn_if_reject */
		p->warn = true;
		top->at++;
		return NEXT;
	}
	v = r->kind->run(p, r);
	if (v == WAIT)
		return WAIT;
	verdict_log(p, r->kind->name, r->arg, v);
	if (v == PERMIT)
		permit_log(p, r->kind->name);
	/* what it pushed lies above: then it is the frame below that is done */
	p->stack[depth - 1].at++;
	if (v == REFUSE && p->warn) {
		refusal_log(p, "reject_warning");
		v = NEXT;
	}
	p->warn = false;
	return v;
}

/* What is decided in a list apart, or below it, ends that list alone: a permit
 * does, and a refusal that is only to be logged. */
static enum verdict
apart_end(struct policy *p, enum verdict v)
{
	unsigned top = p->depth;

	while (top > 0 && !p->stack[top - 1].apart)
		top--;
	if (top == 0 || (v == REFUSE && !p->stack[top - 1].warn))
		return v;
	if (v == REFUSE)
		refusal_log(p, "reject_warning");
	p->depth = top - 1;
	return NEXT;
}

/* One list to its end. */
static enum verdict
run_list(struct policy *p)
{
	while (p->depth > 0) {
		struct frame *top = &p->stack[p->depth - 1];
		enum verdict v = NEXT;

		if (top->at < top->list->count)
			v = step(p);
		else
			p->depth--;
		if (v == PERMIT || v == REFUSE)
			v = apart_end(p, v);
		if (v != NEXT)
			return v;
	}
	return NEXT;
}

/* Unknown recipients and senders, when no list looked at them. */
static enum verdict
run_unlisted(struct policy *p)
{
	const struct smtpd_conf *conf = p->s->smtpd->conf;
	const char *parameter = NULL;
	enum verdict v = NEXT;

	if (policy_stage(p) == POLICY_MAIL &&
	    conf->smtpd_reject_unlisted_sender) {
		parameter = "smtpd_reject_unlisted_sender";
		v = rule_unlisted_sender(p, NULL);
	} else if (policy_stage(p) == POLICY_RCPT &&
	    conf->smtpd_reject_unlisted_recipient) {
		parameter = "smtpd_reject_unlisted_recipient";
		v = rule_unlisted_rcpt(p, NULL);
	}
	if (parameter != NULL && v != WAIT)
		verdict_log(p, parameter, NULL, v);
	return v == PERMIT ? NEXT : v;
}

static void
stage_begin(struct policy *p)
{
	const struct rules *rules = p->s->smtpd->rules;

	p->depth = 0;
	p->warn = false;
	p->unlisted_due = false;
	(void)policy_push(p, &rules->stages[policy_stage(p)]);
}

static enum verdict
run_stage(struct policy *p)
{
	enum verdict v;

	if (!p->unlisted_due) {
		v = run_list(p);
		if (v == WAIT || v == REFUSE)
			return v;
		p->depth = 0;
		p->unlisted_due = true;
	}
	return run_unlisted(p);
}

static enum verdict
run_stages(struct policy *p)
{
	for (;;) {
		enum verdict v = run_stage(p);

		if (v == WAIT || v == REFUSE)
			return v;
		if (p->stage_at + 1 == p->stage_count)
			return PERMIT;
		p->stage_at++;
		stage_begin(p);
	}
}

void
policy_free(struct policy **pp)
{
	struct policy *p = *pp;

	if (p == NULL)
		return;
	loop_timer_free(&p->nap);
	buf_free(&p->refusal.text);
	buf_free(&p->if_permit.text);
	buf_free(&p->if_reject.text);
	arena_free(&p->arena);
	free(p);
	*pp = NULL;
}

/* Something earlier may have kept us from refusing, or from permitting. */
static struct refusal *
result(struct policy *p, enum verdict v)
{
	if (v == REFUSE)
		return p->refusal.code >= 500 && p->if_reject.code != 0
		    ? &p->if_reject
		    : &p->refusal;
	return p->if_permit.code != 0 ? &p->if_permit : NULL;
}

static void
finish(struct policy *p, enum verdict v)
{
	struct session *s = p->s;
	struct refusal *r = result(p, v);

	s->policy = NULL;
	if (r != NULL) {
		if (r != &p->refusal)
			refusal_set(&p->refusal, r->code, r->status,
			    buf_span(&r->text));
		refusal_log(p, "reject");
		/* the same order */
		metric_count((enum metric)(
		    METRIC_REJECT_CLIENT + (unsigned)policy_stage(p)));
	}
	if (s->mail == NULL)
		facts_free(&s->facts);
	p->done(s, r);
	policy_free(&p);
}

void
policy_go_on(struct session *s)
{
	enum verdict v = run_stages(s->policy);

	if (v != WAIT)
		finish(s->policy, v);
}

static void
stage_add(struct policy *p, enum policy_stage stage)
{
	p->stages[p->stage_count++] = stage;
}

static void
stages_add(struct policy *p, enum policy_stage stage)
{
	const struct smtpd_conf *conf = p->s->smtpd->conf;
	bool relay_first = conf->smtpd_relay_before_recipient_restrictions;

	if (stage != POLICY_RCPT) {
		stage_add(p, stage);
		return;
	}
	if (conf->smtpd_delay_reject) {
		stage_add(p, POLICY_CONNECT);
		if (p->s->helo != NULL)
			stage_add(p, POLICY_HELO);
		stage_add(p, POLICY_MAIL);
	}
	if (relay_first)
		stage_add(p, POLICY_RELAY);
	stage_add(p, POLICY_RCPT);
	if (!relay_first)
		stage_add(p, POLICY_RELAY);
	if (conf->smtpd_greylist)
		stage_add(p, POLICY_GREYLIST);
}

void
policy_run(struct session *s, enum policy_stage stage, policy_done_fn *done)
{
	struct policy *p;

	must(s->policy == NULL);
	if (s->smtpd->conf->smtpd_delay_reject && stage < POLICY_RELAY) {
		done(s, NULL);
		return;
	}
	/* who was found out before the greeting; but not who has logged in */
	if (stage == POLICY_RCPT && s->screened.code != 0 &&
	    s->sasl_username == NULL) {
		refusal_line_log(s, &s->screened, "reject");
		metric_count(METRIC_REJECT_CLIENT);
		done(s, &s->screened);
		return;
	}
	facts_trim(&s->facts);
	p = mem_new(sizeof(*p));
	p->s = s;
	p->done = done;
	s->policy = p;
	stages_add(p, stage);
	stage_begin(p);
	policy_go_on(s);
}
