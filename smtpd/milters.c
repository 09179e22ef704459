/*
 * milters.c - the milters of smtpd_milters are told and asked
 *
 * Restrictions come first: what they refuse no milter hears of. A milter that
 * refuses is logged as Postfix logs it.
 */

#include "smtpd/milters.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "config/overrides.h"
#include "intake/checks.h"
#include "intake/content.h"
#include "ipc/packet.h"
#include "message/header.h"
#include "milter/header.h"
#include "milter/milter.h"
#include "smtpd/check_run.h"
#include "smtpd/conf.h"
#include "smtpd/log.h"
#include "smtpd/milter_macros.h"
#include "smtpd/milter_route.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

static const char maps[] = "smtpd_milter_maps";

struct milter_conf *
milters_conf(struct arena *a, const struct smtpd_conf *conf, struct why *why)
{
	unsigned overrides =
	    overrides_parse(span_str(conf->receive_override_options));

	return milter_conf_new(a, &conf->milter, "smtpd_milters",
	    (overrides & NO_MILTERS) != 0 ? SPAN("")
					  : span_str(conf->smtpd_milters),
	    why);
}

/* What a table may say of a client is not known; it is rarely more. */
size_t
milters_most(const struct smtpd *smtpd)
{
	size_t usual = milter_conf_count(smtpd->milters);

	return usual == 0 && smtpd->conf->smtpd_milter_maps[0] != '\0' ? 1
								       : usual;
}

static bool
macro(void *arg, struct span name, struct buf *out)
{
	return milter_macro(arg, name, out);
}

static void
after(void *arg)
{
	session_run(arg);
}

static struct milters *
milters_of(struct session *s)
{
	struct milter_env env = { s->smtpd->loop, s->smtpd->connector, macro,
		after, s };

	if (s->milters == NULL)
		s->milters = milters_new(s->milter_conf, &env);
	return s->milters;
}

static bool
has_milters(const struct session *s)
{
	return s->milter_conf != NULL && milter_conf_count(s->milter_conf) > 0;
}

/* Refused: said and logged; true when it is so. */
static bool
refused(struct session *s, const struct milter_verdict *v, struct refusal *r)
{
	struct buf line = BUF_EMPTY;

	*r = (struct refusal){ .code = v->code };
	if (v->fate != MILTER_REFUSE)
		return false;
	memcpy(r->status, v->status, sizeof(r->status));
	buf_add_span(&r->text, v->text);
	/* as Postfix does, where it is about the whole message */
	if (!span_is(span_str(s->where), "END-OF-MESSAGE"))
		buf_printf(&line, "%d ", r->code);
	buf_printf(&line, "%s ", r->status);
	buf_add_span(&line, v->text);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\n')
			line.p[i] = ' ';
	event_milter(s, "milter-reject", buf_span(&line));
	buf_free(&line);
	return true;
}

static void
dropped(struct session *s)
{
	event_milter(
	    s, "milter-discard", SPAN("milter triggers DISCARD action"));
}

static void
told(void *arg, const struct milter_verdict *v)
{
	struct session *s = arg;
	policy_done_fn *done = s->judged;
	struct refusal r;
	bool no = refused(s, v, &r);

	if (v->fate == MILTER_DROP && s->mail != NULL) {
		dropped(s);
		s->mail->discard = true;
	}
	s->judged = NULL;
	done(s, no ? &r : NULL);
	buf_free(&r.text);
}

enum { WORDS_MAX = 8 };

static void
word_add(struct milter_told *t, struct span *words, struct span word)
{
	words[t->count++] = word;
	t->words = words;
}

static struct span
bracketed(struct arena *a, struct span address)
{
	return span_str(arena_printf(a, "<%.*s>", (int)address.n, address.p));
}

/* "NAME=value" as the client gave it. */
static void
param_add(struct milter_told *t, struct span *words, struct arena *a,
    const char *name, struct span value)
{
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "%s=", name);
	smtp_xtext_encode(&text, value);
	word_add(t, words, arena_span(a, buf_span(&text)));
	buf_free(&text);
}

static void
mail_words(struct session *s, struct milter_told *t, struct span *words)
{
	struct mail *m = s->mail;

	word_add(t, words, bracketed(m->arena, m->sender));
	if (m->size > 0)
		word_add(t, words,
		    span_str(arena_printf(
			m->arena, "SIZE=%llu", (unsigned long long)m->size)));
	if (m->eight_bit)
		word_add(t, words, SPAN("BODY=8BITMIME"));
	if (m->smtputf8)
		word_add(t, words, SPAN("SMTPUTF8"));
	if (m->requiretls)
		word_add(t, words, SPAN("REQUIRETLS"));
	if (m->ret != RET_NONE)
		word_add(t, words,
		    m->ret == RET_FULL ? SPAN("RET=FULL") : SPAN("RET=HDRS"));
	if (m->envid.n > 0)
		param_add(t, words, m->arena, "ENVID", m->envid);
}

static struct span
notify_words(struct arena *a, unsigned notify)
{
	static const struct {
		unsigned bit;
		const char *word;
	} rows[] = { { NOTIFY_NEVER, "NEVER" }, { NOTIFY_SUCCESS, "SUCCESS" },
		{ NOTIFY_FAILURE, "FAILURE" }, { NOTIFY_DELAY, "DELAY" } };
	struct buf text = BUF_EMPTY;
	struct span kept;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((notify & rows[i].bit) != 0)
			buf_printf(&text, "%s%s",
			    text.n > 0 ? "," : "NOTIFY=", rows[i].word);
	kept = arena_span(a, buf_span(&text));
	buf_free(&text);
	return kept;
}

static void
rcpt_words(struct session *s, struct milter_told *t, struct span *words)
{
	struct mail *m = s->mail;

	word_add(t, words, bracketed(m->arena, m->rcpt));
	if (m->notify != 0)
		word_add(t, words, notify_words(m->arena, m->notify));
	if (m->orcpt.n > 0)
		param_add(t, words, m->arena, "ORCPT", m->orcpt);
}

static void
connect_words(struct session *s, struct milter_told *t, struct span *words)
{
	word_add(t, words, span_str(s->client.name));
	word_add(t, words, span_str(s->client.addr));
	t->family = s->client.bytes_n == 16 ? 6 : 4;
	t->port = s->client.port;
}

static void
tell(struct session *s, enum milter_event event)
{
	struct span words[WORDS_MAX];
	struct milter_told t = { .event = event };

	switch (event) {
	case MILTER_ON_CONNECT:
		connect_words(s, &t, words);
		break;
	case MILTER_ON_HELO:
		word_add(&t, words, span_str(s->helo));
		break;
	case MILTER_ON_MAIL:
		mail_words(s, &t, words);
		break;
	case MILTER_ON_RCPT:
		rcpt_words(s, &t, words);
		break;
	case MILTER_ON_DATA:
	case MILTER_ON_UNKNOWN:
	case MILTER_ON_END:
		break;
	}
	milters_tell(milters_of(s), &t, told);
}

static void
stage_tell(struct session *s)
{
	static const enum milter_event events[] = {
		[POLICY_CONNECT] = MILTER_ON_CONNECT,
		[POLICY_HELO] = MILTER_ON_HELO,
		[POLICY_MAIL] = MILTER_ON_MAIL,
		[POLICY_RCPT] = MILTER_ON_RCPT,
		[POLICY_DATA] = MILTER_ON_DATA,
	};

	tell(s, events[s->judged_stage]);
}

/* The restrictions of a stage have let it pass, or not. */
static void
permitted(struct session *s, const struct refusal *r)
{
	policy_done_fn *done = s->judged;
	bool mail = s->judged_stage == POLICY_MAIL,
	     rcpt = s->judged_stage == POLICY_RCPT;

	if (r != NULL || (s->mail != NULL && s->mail->discard)) {
		s->judged = NULL;
		done(s, r);
	} else if ((!mail && !rcpt) || !milter_route_ask(s, rcpt, stage_tell)) {
		stage_tell(s);
	}
}

static void
judge(struct session *s)
{
	if (has_milters(s)) {
		policy_run(s, s->judged_stage, permitted);
	} else {
		policy_done_fn *done = s->judged;

		s->judged = NULL;
		policy_run(s, s->judged_stage, done);
	}
}

/* No milters, or those of the table; false: it says what cannot be. */
static bool
own_milters(struct session *s, struct span value)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	struct why why;
	bool good;

	s->milter_arena = arena_new();
	why_init(&why);
	value = arena_span(s->milter_arena, span_trim(value));
	s->milter_conf = milter_conf_new(s->milter_arena, &conf->milter, maps,
	    span_iis(value, "DISABLE") ? SPAN("") : value, &why);
	good = s->milter_conf != NULL;
	if (!good)
		log_warning("%s", why_text(&why));
	why_free(&why);
	return good;
}

/* What smtpd_milter_maps says of the client. */
static void
mapped(struct session *s, struct packet_in *in)
{
	policy_done_fn *done = s->judged;
	struct refusal r = { .code = 421, .status = "4.3.0" };
	struct span value;
	bool found = false, good;
	struct why why;

	why_init(&why);
	good = in != NULL && lookup_value_get(in, &found, &value, &why) &&
	    (found || why.outcome == DONE);
	if (!good)
		log_warning("%s: %s: lookup error", maps, s->client.addr);
	why_free(&why);
	if (good && (!found || own_milters(s, value))) {
		judge(s);
		return;
	}
	s->judged = NULL;
	buf_add_str(&r.text, "Error: temporary lookup failure");
	done(s, &r);
	buf_free(&r.text);
}

static void
connect_judge(struct session *s)
{
	struct packet_out o = { .fd_count = 0 };

	s->milter_conf = s->smtpd->milters;
	if (s->smtpd->conf->smtpd_milter_maps[0] == '\0' ||
	    (s->smtpd->overrides & NO_MILTERS) != 0) {
		judge(s);
		return;
	}
	lookup_map_put(&o, span_str(s->smtpd->conf->smtpd_milter_maps),
	    span_str(s->client.addr));
	session_ask(s, s->smtpd->lookup, &o, mapped);
	packet_done(&o);
}

void
judge_run(struct session *s, enum policy_stage stage, policy_done_fn *done)
{
	if (stage != POLICY_CONNECT && !has_milters(s)) {
		policy_run(s, stage, done);
		return;
	}
	if (stage == POLICY_CONNECT)
		judge_end(s); /* XCLIENT: another client */
	must(s->judged == NULL);
	s->judged = done;
	s->judged_stage = stage;
	if (stage == POLICY_CONNECT)
		connect_judge(s);
	else
		judge(s);
}

void
judge_unknown(struct session *s, struct span line, policy_done_fn *done)
{
	struct milter_told t = {
		.event = MILTER_ON_UNKNOWN, .words = &line, .count = 1
	};

	if (!has_milters(s)) {
		done(s, NULL);
		return;
	}
	s->judged = done;
	milters_tell(milters_of(s), &t, told);
}

static void
rcpt_add(void *arg, const struct queue_rcpt *r)
{
	struct mail *m = ((struct session *)arg)->mail;

	for (size_t i = 0; i < m->count; i++)
		if (span_ieq(m->rcpts[i].address, r->address))
			return;
	m->rcpts = mem_resize(m->rcpts, m->count + 1, sizeof(*m->rcpts));
	m->rcpts[m->count++] = *r;
	m->room = m->count;
}

static void
rcpt_remove(void *arg, struct span address)
{
	struct mail *m = ((struct session *)arg)->mail;
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++)
		if (!span_ieq(m->rcpts[i].address, address))
			m->rcpts[kept++] = m->rcpts[i];
	m->count = kept;
}

static void
changed(struct session *s, const struct milter_mail *from)
{
	struct mail *m = s->mail;
	struct buf text = BUF_EMPTY;

	if (from->hold) {
		buf_add_str(&text, "milter triggers HOLD action: ");
		buf_add_span(&text, from->hold_reason);
		event_milter(s, "milter-hold", buf_span(&text));
		buf_free(&text);
		m->hold = true;
	}
	if (from->sender_changed) {
		m->sender = from->sender;
		m->ret = from->has_ret ? from->ret : m->ret;
		m->envid = from->has_envid ? from->envid : m->envid;
	}
	if (from->body_replaced)
		content_replaced(m->content, from->size, from->crc);
}

/* They refuse nothing. */
static void
message_taken(struct session *s)
{
	struct mail *m = s->mail;

	milter_mail_edits(m->milter_mail);
	changed(s, m->milter_mail);
	if (m->count == 0)
		dropped(s);
	s->judged_message(s, NULL, m->count == 0);
}

/* What milter_header_checks say of it as a whole. */
static void
header_checked(struct session *s)
{
	struct mail *m = s->mail;
	struct milter_header *h = m->milter_mail->header;
	struct refusal r = { .code = 451, .status = "4.3.0" };

	if (m->checked.state == CHECKED_GOOD &&
	    !milter_header_edit(h, buf_span(&m->milter_edits)))
		m->checked.state = CHECKED_TROUBLE;
	if (m->checked.state == CHECKED_GOOD) {
		message_taken(s);
		return;
	}
	if (m->checked.state == CHECKED_REJECT) {
		r.code = m->checked.status[0] == '4' ? 450 : 550;
		memcpy(
		    r.status, m->checked.status, strlen(m->checked.status) + 1);
		buf_add_span(&r.text, m->checked.text);
	} else {
		buf_add_str(&r.text, "Error: temporary lookup failure");
	}
	s->judged_message(s, m->checked.state == CHECKED_DISCARD ? NULL : &r,
	    m->checked.state == CHECKED_DISCARD);
	buf_free(&r.text);
}

/* Fields that milters made are to be looked at. False: there are none. */
static bool
header_check(struct session *s)
{
	struct mail *m = s->mail;
	const struct checks_conf *conf = s->smtpd->milter_checks;
	struct milter_made made;
	size_t at = 0;

	if (conf == NULL ||
	    !milter_header_made(m->milter_mail->header, &at, &made))
		return false;
	m->milter_checks = checks_new(conf);
	do
		checks_field(
		    m->milter_checks, made.name, made.all, made.number);
	while (milter_header_made(m->milter_mail->header, &at, &made));
	check_run(s, header_checked);
	return true;
}

/* The milters have had their say about the message. */
static void
message_told(void *arg, const struct milter_verdict *v)
{
	struct session *s = arg;
	struct refusal r;
	bool no = refused(s, v, &r);

	if (v->fate == MILTER_GO_ON) {
		if (!header_check(s))
			message_taken(s);
		return;
	}
	if (v->fate == MILTER_DROP)
		dropped(s);
	s->judged_message(s, no ? &r : NULL, v->fate == MILTER_DROP);
	buf_free(&r.text);
}

bool
judge_message(struct session *s, judge_message_fn *done)
{
	struct mail *m = s->mail;

	if (!has_milters(s) || m->checked.pass)
		return false;
	m->milter_mail = arena_alloc(m->arena, sizeof(*m->milter_mail));
	*m->milter_mail = (struct milter_mail){ .fd = m->fd,
		.body_at = content_facts(m->content)->body_at,
		.size = content_size(m->content),
		.size_max = s->smtpd->conf->message_size_limit,
		.arena = m->arena,
		.edits = &m->edits,
		.qid = m->qid,
		.utf8 = m->smtputf8,
		.rcpt_add = rcpt_add,
		.rcpt_remove = rcpt_remove,
		.arg = s };
	s->judged_message = done;
	milters_message(milters_of(s), m->milter_mail, message_told);
	return true;
}

void
judge_abort(struct session *s)
{
	if (s->milters != NULL)
		milters_abort(s->milters);
	s->judged = NULL;
}

void
judge_end(struct session *s)
{
	milters_free(&s->milters);
	arena_free(&s->milter_arena);
	s->milter_conf = NULL;
	s->judged = NULL;
}
