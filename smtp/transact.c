/*
 * transact.c - MAIL, RCPT, DATA and the message
 *
 * RFC 5321, 3.3 and 4.5.4; pipelining: RFC 2920; LMTP: RFC 2033. Commands are
 * numbered: 0 is MAIL, then one for each recipient of the plan, then DATA. With
 * PIPELINING all are sent at once, else each waits for the reply to the one
 * before. A recipient that the server takes gets its word with the reply to
 * the final dot: only a 250 that was read there makes it DONE.
 */

#include "smtp/inside.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "os/clock.h"
#include "os/loop.h"
#include "queue/edits.h"
#include "smtp/content.h"
#include "smtp/destination.h"
#include "smtp/path.h"
#include "tls/conn.h"
#include "wire/smtp_command.h"
#include "wire/smtp_dsn.h"

enum { CHUNK_MAX = 65536, MAIL_STEP = 0 };

static size_t
data_step(const struct session *s)
{
	return s->plan_count + 1;
}

static struct letter_rcpt *
planned(const struct session *s, size_t i)
{
	must(i < s->plan_count);
	return &s->letter->rcpts[s->plan[i]];
}

/* The last word of this host on a recipient. */
static void
word_set(
    struct session *s, struct letter_rcpt *r, const struct why *why, bool last)
{
	if (r->decided)
		return;
	why_copy(&r->why, why);
	r->where = s->letter->target;
	r->conn_use = s->uses;
	r->told = (s->caps & SMTP_CAP_DSN) != 0;
	r->decided = last || why->outcome != DEFER;
}

static void
words_set(struct session *s, const struct why *why, bool accepted_only)
{
	for (size_t i = 0; i < s->plan_count; i++)
		if (!accepted_only || s->accepted[i])
			word_set(s, planned(s, i), why, false);
}

static void
words_set_reply(struct session *s, const struct smtp_reply *r,
    const char *command, bool accepted_only)
{
	struct why why;

	why_init(&why);
	reply_why(s, r, command, &why);
	words_set(s, &why, accepted_only);
	why_free(&why);
}

/* This letter is over at this host; the conversation goes on. */
static void
finish(struct session *s, bool dirty)
{
	s->dirty = dirty;
	s->letter = NULL;
	content_free(&s->content);
	session_is_ready(s, false);
}

void
transact_broken(struct session *s, const struct why *why)
{
	/* after the final dot nobody knows whether the server has it: it is
	 * not offered to another host at once, lest it come twice */
	bool last = s->state == FINAL_DOT && !s->chunk_broke;

	if (s->letter == NULL)
		return;
	for (size_t i = 0; i < s->plan_count; i++) {
		struct letter_rcpt *r = planned(s, i);

		/* a refusal of its own says more */
		if (s->accepted[i] || r->where != s->letter->target)
			word_set(s, r, why, last && s->accepted[i]);
	}
	s->letter = NULL;
	content_free(&s->content);
}

static void
put_dsn_mail(const struct letter *l, struct buf *out)
{
	if (l->ret != RET_NONE)
		buf_printf(
		    out, " RET=%s", l->ret == RET_FULL ? "FULL" : "HDRS");
	if (l->envid.n > 0) {
		buf_add_str(out, " ENVID=");
		smtp_xtext_encode(out, l->envid);
	}
}

static unsigned
path_forms(const struct session *s)
{
	return (s->env->conf->smtp_quote_rfc821_envelope ? 0U : PATH_BARE) |
	    (s->utf8 ? 0U : PATH_ASCII);
}

static void
put_mail(struct session *s, struct buf *out)
{
	const struct letter *l = s->letter;

	buf_add_str(out, "MAIL FROM:<");
	(void)path_print(out, l->sender, path_forms(s));
	buf_add_byte(out, '>');
	if ((s->caps & SMTP_CAP_SIZE) != 0)
		buf_printf(out, " SIZE=%llu",
		    (unsigned long long)edited_size(l->message));
	if ((l->flags & QUEUE_8BIT) != 0 && (s->caps & SMTP_CAP_8BITMIME) != 0)
		buf_add_str(out, " BODY=8BITMIME");
	/* nobody: for servers that want to be told (RFC 4954, 5) */
	if (s->logged_in && s->env->conf->smtp_send_dummy_mail_auth)
		buf_add_str(out, " AUTH=<>");
	if (s->utf8)
		buf_add_str(out, " SMTPUTF8");
	if (fit_wants_requiretls(s))
		buf_add_str(out, " REQUIRETLS");
	if ((s->caps & SMTP_CAP_DSN) != 0)
		put_dsn_mail(l, out);
	buf_add_str(out, "\r\n");
}

static void
put_rcpt(struct session *s, const struct letter_rcpt *r, struct buf *out)
{
	buf_add_str(out, "RCPT TO:<");
	(void)path_print(out, r->address, path_forms(s));
	buf_add_byte(out, '>');
	if ((s->caps & SMTP_CAP_DSN) != 0) {
		smtp_notify_put(out, r->to->notify);
		smtp_orcpt_put(out, r->to->orcpt, s->utf8);
	}
	buf_add_str(out, "\r\n");
}

static void
command_send(struct session *s, size_t step)
{
	struct buf line = BUF_EMPTY;

	if (step == MAIL_STEP)
		put_mail(s, &line);
	else if (step < data_step(s))
		put_rcpt(s, planned(s, step - 1), &line);
	else
		buf_add_str(&line, "DATA\r\n");
	session_say(s, buf_span(&line));
	buf_free(&line);
}

static void
await(struct session *s)
{
	const struct smtp_conf *c = s->env->conf;

	if (s->answered == MAIL_STEP)
		session_expect(
		    s, ENVELOPE, "sending MAIL FROM", c->smtp_mail_timeout);
	else if (s->answered < data_step(s))
		session_expect(
		    s, ENVELOPE, "sending RCPT TO", c->smtp_rcpt_timeout);
	else
		session_expect(s, ENVELOPE, "sending DATA command",
		    c->smtp_data_init_timeout);
}

static bool
is_probe(const struct session *s)
{
	return (s->letter->flags & QUEUE_PROBE) != 0;
}

/* smtp_address_verify_target: rcpt, or data where servers say it late. */
static bool
ends_early(const struct session *s)
{
	return is_probe(s) &&
	    strcasecmp(s->env->conf->smtp_address_verify_target, "data") != 0;
}

static bool
is_ahead(const struct session *s)
{
	return conn_input(s->conn).n > 0 || !smtp_reply_idle(s->reader);
}

/* The server spoke before it was asked. Whatever it says next would be taken
 * for the answer to something else, in the end a word about another command for
 * its word that it has the message. True: the session is over. */
static bool
spoke_ahead(struct session *s)
{
	struct why why;

	if (!is_ahead(s))
		return false;
	why_init(&why);
	why_set(&why, "4.5.0",
	    "protocol error: host %s replied before it was asked, while %s",
	    s->name, s->doing);
	session_fail(s, &why);
	why_free(&why);
	return true;
}

/* Send what may be sent now. False: nothing is left to ask for. */
static bool
commands_send(struct session *s)
{
	bool at_once = (s->caps & SMTP_CAP_PIPELINING) != 0;
	/* DATA is one of them, BDAT comes with the content, and a probe ends
	 * before both, unless it is to see what DATA says */
	size_t end = data_step(s) + (s->chunk || ends_early(s) ? 0 : 1);

	if (s->sent == end ||
	    (s->sent == data_step(s) && !at_once && s->accepted_count == 0))
		return false;
	if (spoke_ahead(s))
		return true;
	do {
		command_send(s, s->sent++);
	} while (at_once && s->sent < end);
	conn_flush(s->conn);
	await(s);
	return true;
}

/* This host cannot, which says nothing of others; and one that could not be
 * reached may have been able to: then it is tried again. */
static void
word_lack(struct session *s, struct letter_rcpt *r, const struct why *why)
{
	if (r->decided || (r->where != NULL && r->why.outcome == DEFER))
		return;
	why_copy(&r->why, why);
	r->where = s->letter->target;
	r->conn_use = s->uses;
}

/* False: the address cannot be sent here, and has its word. */
static bool
rcpt_fit(struct session *s, struct letter_rcpt *r)
{
	struct why why;
	enum fit got;

	why_init(&why);
	got = fit_rcpt(s, r, &why);
	if (got == FIT_NEVER)
		word_set(s, r, &why, true);
	else if (got == FIT_ELSEWHERE)
		word_lack(s, r, &why);
	why_free(&why);
	return got == FIT;
}

static void
plan_make(struct session *s)
{
	struct letter *l = s->letter;
	size_t most = s->rcpt_max > 0 && s->rcpt_max < DELIVERY_RCPTS_MAX
	    ? (size_t)s->rcpt_max
	    : DELIVERY_RCPTS_MAX;

	s->plan_count = s->accepted_count = 0;
	memset(s->accepted, 0, sizeof(s->accepted));
	memset(s->crowded, 0, sizeof(s->crowded));
	for (size_t i = 0; i < l->count && s->plan_count < most; i++) {
		if (l->rcpts[i].decided || l->rcpts[i].tried)
			continue;
		l->rcpts[i].tried = true;
		if (rcpt_fit(s, &l->rcpts[i]))
			s->plan[s->plan_count++] = (uint16_t)i;
	}
}

static void
envelope_begin(struct session *s)
{
	if (s->xforward_left != 0) {
		xforward_send(s);
		return;
	}
	s->sent = s->answered = s->told = 0;
	s->mail_refused = false;
	if (s->letter->transfer_us == 0)
		s->letter->transfer_us = clock_wall_us();
	(void)commands_send(s);
}

/* False: it cannot go to this host, and all of the plan have their word. */
static bool
letter_fit(struct session *s)
{
	struct why why;
	enum fit got;

	why_init(&why);
	got = fit_letter(s, &why);
	if (got == FIT_NEVER)
		words_set(s, &why, false);
	for (size_t i = 0; got == FIT_ELSEWHERE && i < s->plan_count; i++)
		word_lack(s, planned(s, i), &why);
	why_free(&why);
	return got == FIT;
}

void
session_send(struct session *s, struct letter *letter)
{
	must(s->state == READY);
	s->letter = letter;
	s->plan_count = 0;
	s->uses++;
	if (spoke_ahead(s))
		return;
	s->utf8 = fit_wants_utf8(s);
	plan_make(s);
	if (!letter_fit(s) || s->plan_count == 0) {
		finish(s, s->dirty);
		return;
	}
	s->chunk = (s->caps & SMTP_CAP_CHUNKING) != 0 && !is_probe(s) &&
	    !s->setup.no_chunks && edited_size(letter->message) <= CHUNK_MAX;
	s->xforward_left = xforward_wanted(s);
	if (!s->dirty) {
		envelope_begin(s);
		return;
	}
	session_say(s, SPAN("RSET\r\n"));
	conn_flush(s->conn);
	session_expect(
	    s, RESETTING, "sending RSET", s->env->conf->smtp_rset_timeout);
}

/* The same before the content: what it said is the last word on it, whatever it
 * is. True: none is sent. */
static bool
has_spoken(struct session *s)
{
	if (is_ahead(s))
		session_expect(s, CONTENT, "sending message body",
		    s->env->conf->smtp_data_xfer_timeout);
	return is_ahead(s);
}

/* Some were taken, and this one was more than the server takes at once. */
static bool
is_crowded(const struct session *s, const struct smtp_reply *r)
{
	struct span status = span_str(r->status);

	return (r->code == 452 || r->code == 552) && s->accepted_count > 0 &&
	    (status.n == 0 || span_ends(status, ".5.3"));
}

static void taken(struct session *s, size_t i, const struct smtp_reply *r);

static void
rcpt_replied(struct session *s, size_t i, const struct smtp_reply *r)
{
	struct why why;

	if (s->mail_refused)
		return;
	if (r->code / 100 == 2) {
		s->accepted[i] = true;
		s->accepted_count++;
		if (ends_early(s))
			taken(s, i, r);
		return;
	}
	s->crowded[i] = is_crowded(s, r);
	why_init(&why);
	reply_why(s, r, "RCPT TO command", &why);
	if (r->code == 552) {
		/* "too many recipients" of old (RFC 5321, 4.5.3.1.10) */
		why.outcome = DEFER;
		why.status[0] = '4';
	}
	word_set(s, planned(s, i), &why, false);
	why_free(&why);
}

/* It would have the message, which there is not: hang up, so that nothing can
 * be taken for one. */
static void
probe_replied(struct session *s, const struct smtp_reply *r)
{
	struct why why;

	for (size_t i = 0; i < s->plan_count; i++)
		if (s->accepted[i])
			taken(s, i, r);
	why_init(&why);
	why_set(&why, "4.4.2", "the probe is over");
	session_fail(s, &why);
	why_free(&why);
}

static void
data_replied(struct session *s, const struct smtp_reply *r)
{
	if (r->code / 100 == 3 && is_probe(s)) {
		probe_replied(s, r);
	} else if (r->code / 100 == 3 && s->accepted_count > 0) {
		if (!has_spoken(s))
			transfer_begin(s);
	} else if (r->code / 100 == 3) {
		/* pipelined DATA, and nobody to send to (RFC 2920, 3.1) */
		session_say(s, SPAN(".\r\n"));
		conn_flush(s->conn);
		session_expect(s, EMPTY_DOT, "ending an empty message",
		    s->env->conf->smtp_data_init_timeout);
	} else if (r->code / 100 == 2) {
		session_refused(s, r, "DATA command");
	} else {
		words_set_reply(s, r, "DATA command", true);
		finish(s, true);
	}
}

/* The command whose reply is due. */
static const char *
command_name(const struct session *s)
{
	if (s->state == RESETTING)
		return "RSET command";
	if (s->state == FORWARDING)
		return "XFORWARD command";
	if (s->state != ENVELOPE || s->answered == data_step(s))
		return "DATA command";
	return s->answered == MAIL_STEP ? "MAIL FROM command"
					: "RCPT TO command";
}

static void
envelope_replied(struct session *s, const struct smtp_reply *r)
{
	size_t step = s->answered;

	if (r->code / 100 == 3 && step < data_step(s)) {
		session_refused(s, r, command_name(s));
		return;
	}
	s->answered++;
	if (step == data_step(s)) { /* never with a chunk */
		data_replied(s, r);
		return;
	}
	if (step > MAIL_STEP) {
		rcpt_replied(s, step - 1, r);
	} else if (r->code / 100 != 2) {
		words_set_reply(s, r, "MAIL FROM command", false);
		s->mail_refused = true;
	}
	if (s->answered < s->sent)
		await(s);
	else if (s->chunk && s->answered == data_step(s) &&
	    s->accepted_count > 0) {
		if (!has_spoken(s))
			transfer_chunk(s);
	} else if (s->mail_refused || !commands_send(s))
		finish(s, true);
}

/* "250 2.0.0 Ok: queued as 4F00D": the server has it. */
static void
taken(struct session *s, size_t i, const struct smtp_reply *r)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	reply_text(r, &text);
	why_init(&why);
	why_set(&why, r->status[0] == '2' ? r->status : "2.0.0", "%s",
	    buf_str(&text));
	word_set(s, planned(s, i), &why, true);
	why_free(&why);
	buf_free(&text);
}

static void
end_word(struct session *s, size_t i, const struct smtp_reply *r)
{
	struct why why;

	if (r->code / 100 == 2) {
		taken(s, i, r);
		return;
	}
	why_init(&why);
	reply_why(s, r, "end of DATA command", &why);
	word_set(s, planned(s, i), &why, false);
	why_free(&why);
}

/* LMTP: a reply for each recipient that was accepted, in order. */
static void
end_replied_lmtp(struct session *s, const struct smtp_reply *r)
{
	while (s->told < s->plan_count && !s->accepted[s->told])
		s->told++;
	must(s->told < s->plan_count);
	end_word(s, s->told, r);
	s->accepted[s->told++] = false;
	if (--s->accepted_count > 0)
		session_expect(s, FINAL_DOT, s->doing,
		    s->env->conf->smtp_data_done_timeout);
	else
		finish(s, false);
}

/* BDAT was offered, and is not known after all: nothing of the message was
 * taken, and what it may have been taken for instead is not our concern in a
 * fresh session without it. */
static bool
chunk_unknown(const struct session *s, const struct smtp_reply *r)
{
	return s->chunk && r->code >= 500 && r->code <= 504;
}

static void
chunk_give_up(struct session *s, const struct smtp_reply *r)
{
	struct why why;

	s->chunk_broke = true;
	why_init(&why);
	reply_why(s, r, "BDAT command", &why);
	why.outcome = DEFER;
	why.status[0] = '4';
	session_fail(s, &why);
	why_free(&why);
}

/* It has a word for the message, and closes (RFC 5321, 3.8). */
static void
end_closing(struct session *s, const struct smtp_reply *r)
{
	for (size_t i = 0; i < s->plan_count; i++)
		if (s->accepted[i])
			end_word(s, i, r);
	s->letter = NULL;
	content_free(&s->content);
	session_refused(s, r, "end of DATA command");
}

static void
end_replied(struct session *s, const struct smtp_reply *r)
{
	if (chunk_unknown(s, r)) {
		chunk_give_up(s, r);
		return;
	}
	if (r->code == 421 && !s->setup.lmtp) {
		end_closing(s, r);
		return;
	}
	if (s->setup.lmtp) {
		end_replied_lmtp(s, r);
		return;
	}
	for (size_t i = 0; i < s->plan_count; i++) {
		if (s->accepted[i])
			end_word(s, i, r);
		else if (s->crowded[i] && r->code / 100 == 2)
			planned(s, i)->tried = false; /* at once again */
	}
	finish(s, false);
}

void
transact_reply(struct session *s, const struct smtp_reply *r)
{
	/* RFC 5321, 3.8: it closes now */
	if (r->code == 421 && s->state != FINAL_DOT && s->state != CONTENT) {
		session_refused(s, r, command_name(s));
		return;
	}
	if (s->state == FORWARDING) {
		if (r->code / 100 != 2)
			log_info("host %s does not take XFORWARD", s->name);
		envelope_begin(s);
	} else if (s->state == RESETTING) {
		if (r->code / 100 == 2)
			envelope_begin(s);
		else
			session_refused(s, r, command_name(s));
	} else if (s->state == ENVELOPE) {
		envelope_replied(s, r);
	} else if (s->state == CONTENT) {
		/* it has had enough before the end */
		session_refused(s, r, "message content");
	} else if (s->state == FINAL_DOT) {
		end_replied(s, r);
	} else {
		finish(s, false); /* the empty message: no word counts */
	}
}
