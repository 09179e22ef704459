/*
 * envelope.c - MAIL and RCPT (RFC 5321, 3.3)
 */

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "message/verp.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/filter_mail.h"
#include "smtpd/log.h"
#include "smtpd/milters.h"
#include "smtpd/path.h"
#include "smtpd/policy.h"
#include "smtpd/queue.h"
#include "smtpd/screen.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

/* A parameter of an extension that EHLO does not announce. */
static const char *
dsn_param(const struct smtp_command *c)
{
	if (c->ret != SMTP_RET_NONE)
		return "RET";
	if (c->has_envid)
		return "ENVID";
	if (c->notify != 0)
		return "NOTIFY";
	return c->has_orcpt ? "ORCPT" : NULL;
}

static const char *
not_offered(const struct session *s, const struct smtp_command *c)
{
	unsigned has;

	if (c->body == SMTP_BINARYMIME)
		return "BODY=BINARYMIME";
	if (c->params.n == 0)
		return NULL;
	has = hello_features(s);
	if (c->smtputf8 && (has & FEATURE_SMTPUTF8) == 0)
		return "SMTPUTF8";
	if (c->requiretls && (has & FEATURE_REQUIRETLS) == 0)
		return "REQUIRETLS";
	if (c->hold.n > 0 && (has & FEATURE_FUTURE) == 0)
		return c->hold_for > 0 ? "HOLDFOR" : "HOLDUNTIL";
	if (c->has_verp && (has & FEATURE_VERP) == 0)
		return "XVERP";
	return (has & FEATURE_DSN) == 0 ? dsn_param(c) : NULL;
}

/* What the sender asked to be told (RFC 3461), into the queue's words. */
static unsigned
notify_of(const struct smtp_command *c)
{
	static const struct {
		unsigned asked, kept;
	} bits[] = { { SMTP_NOTIFY_NEVER, NOTIFY_NEVER },
		{ SMTP_NOTIFY_SUCCESS, NOTIFY_SUCCESS },
		{ SMTP_NOTIFY_FAILURE, NOTIFY_FAILURE },
		{ SMTP_NOTIFY_DELAY, NOTIFY_DELAY } };
	unsigned kept = 0;

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if ((c->notify & bits[i].asked) != 0)
			kept |= bits[i].kept;
	return kept;
}

static struct span
orcpt_of(struct arena *a, const struct smtp_command *c)
{
	struct buf whole = BUF_EMPTY;
	struct span kept;

	if (!c->has_orcpt)
		return SPAN("");
	buf_add_span(&whole, c->orcpt_type);
	buf_add_byte(&whole, ';');
	buf_add_span(&whole, c->orcpt);
	kept = arena_span(a, buf_span(&whole));
	buf_free(&whole);
	return kept;
}

/* The sender is good, and its queue file is there where one was wanted. */
static void
mail_taken(struct session *s, const struct refusal *r)
{
	if (r != NULL) {
		session_mail_end(s);
		reply_refusal(s, r);
		return;
	}
	if (s->mail->fd != -1)
		event_client(s);
	s->state = AT_MAIL;
	reply(s, REPLY_SENDER_OK);
}

static void
mail_judged(struct session *s, const struct refusal *r)
{
	if (r == NULL && !s->smtpd->conf->smtpd_delay_open_until_valid_rcpt &&
	    !filter_streams(s))
		queue_open(s, mail_taken);
	else
		mail_taken(s, r);
}

/* The delimiters that XVERP asks for. A sender that there is none of cannot be
 * made another for each recipient. */
static bool
verp_known(const struct smtpd_conf *conf, const struct smtp_command *c,
    struct span *verp)
{
	*verp = SPAN("");
	if (!c->has_verp)
		return true;
	*verp =
	    c->verp.n > 0 ? c->verp : span_str(conf->default_verp_delimiters);
	return c->path.n > 0 &&
	    verp_delimiters_good(*verp, span_str(conf->verp_delimiter_filter));
}

static bool
mail_in_order(struct session *s, const struct smtp_command *c)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	const char *odd = not_offered(s, c);

	if (conf->smtpd_helo_required && s->helo == NULL)
		reply(s, REPLY_NEED_HELLO);
	else if (odd != NULL)
		reply_with(s, REPLY_PARAM_UNKNOWN, span_str(odd));
	else if (conf->message_size_limit > 0 && c->has_size &&
	    c->size > conf->message_size_limit)
		reply(s, REPLY_TOO_BIG_DECLARED);
	else if (!client_may(s, LIMIT_MESSAGES))
		reply_with(s, REPLY_TOO_MUCH_MAIL, span_str(s->client.addr));
	else
		return true;
	return false;
}

static void
mail_begin(struct session *s, const struct smtp_command *c, struct span sender,
    int64_t release)
{
	struct mail *m = session_mail_begin(s);

	m->sender = arena_span(m->arena, sender);
	m->auth = arena_span(m->arena, c->auth);
	m->size = c->has_size ? c->size : 0;
	m->eight_bit = c->body == SMTP_8BITMIME;
	m->smtputf8 = c->smtputf8;
	m->requiretls = c->requiretls;
	m->release = release;
	m->hold_param = arena_span(m->arena, c->hold);
	m->envid = arena_span(m->arena, c->envid);
	m->ret = c->ret == SMTP_RET_FULL ? RET_FULL
	    : c->ret == SMTP_RET_HDRS    ? RET_HDRS
					 : RET_NONE;
}

void
cmd_mail(struct session *s, const struct smtp_command *c)
{
	enum path_result got;
	struct span sender, verp;
	int64_t release;

	if (!mail_in_order(s, c))
		return;
	got = path_read(s->smtpd->conf, c->path, c->smtputf8, &sender);
	if (got == PATH_NOT_ASCII) {
		reply(s, REPLY_SENDER_NOT_ASCII);
	} else if (got == PATH_BAD) {
		reply(s, REPLY_BAD_SENDER);
	} else if (!future_time(s, c, &release)) {
		reply_with(s, REPLY_PARAM_BAD,
		    c->hold_for > 0 ? SPAN("HOLDFOR") : SPAN("HOLDUNTIL"));
	} else if (!verp_known(s->smtpd->conf, c, &verp)) {
		reply_with(s, REPLY_PARAM_BAD, SPAN("XVERP"));
	} else {
		mail_begin(s, c, sender, release);
		s->mail->verp = arena_span(s->mail->arena, verp);
		judge_run(s, POLICY_MAIL, mail_judged);
	}
}

static void
rcpt_add(struct session *s)
{
	struct mail *m = s->mail;

	if (m->count == m->room) {
		m->room = m->room == 0 ? 4 : m->room * 2;
		m->rcpts = mem_resize(m->rcpts, m->room, sizeof(*m->rcpts));
	}
	m->rcpts[m->count++] = (struct queue_rcpt){
		.address = m->rcpt, .orcpt = m->orcpt, .notify = m->notify
	};
	m->rcpt = span_of(NULL, 0);
	s->state = AT_RCPT;
	reply(s, REPLY_RCPT_OK);
}

static void
rcpt_refuse(struct session *s, const struct refusal *r)
{
	s->mail->rejected++;
	reply_refusal(s, r);
	s->mail->rcpt = span_of(NULL, 0);
}

static void
rcpt_opened(struct session *s, const struct refusal *r)
{
	if (r != NULL) {
		rcpt_refuse(s, r);
		return;
	}
	event_client(s);
	rcpt_add(s);
}

/* The filter before the queue has had its word. */
static void
rcpt_filtered(struct session *s, const struct refusal *r)
{
	if (r != NULL)
		rcpt_refuse(s, r);
	else if (s->mail->count == 0)
		rcpt_opened(s, NULL);
	else
		rcpt_add(s);
}

static void
rcpt_judged(struct session *s, const struct refusal *r)
{
	if (r != NULL)
		rcpt_refuse(s, r);
	else if (filter_streams(s))
		filter_rcpt(s, rcpt_filtered);
	else if (s->mail->qid[0] == '\0')
		queue_open(s, rcpt_opened);
	else
		rcpt_add(s);
}

static bool
rcpt_in_order(struct session *s, const struct smtp_command *c)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	const char *odd = not_offered(s, c);

	if (odd != NULL) {
		reply_with(s, REPLY_PARAM_UNKNOWN, span_str(odd));
	} else if (s->mail->count >= (size_t)conf->smtpd_recipient_limit) {
		reply(s, REPLY_TOO_MANY_RCPTS);
		/* a client that goes on in the next transaction does right */
		if (s->mail->overshot++ <
		    (unsigned)conf->smtpd_recipient_overshoot_limit)
			s->errors--;
	} else if (!client_may(s, LIMIT_RECIPIENTS)) {
		reply_with(s, REPLY_TOO_MUCH_RCPT, span_str(s->client.addr));
	} else {
		return true;
	}
	return false;
}

void
cmd_rcpt(struct session *s, const struct smtp_command *c)
{
	struct mail *m = s->mail;
	enum path_result got;
	struct span address;

	if (s->watched != 0)
		screen_done(s);
	if (!rcpt_in_order(s, c))
		return;
	got = path_read(s->smtpd->conf, c->path, m->smtputf8, &address);
	if (got == PATH_NOT_ASCII) {
		reply(s, REPLY_RCPT_NOT_ASCII);
	} else if (got != PATH_OK) {
		reply(s, REPLY_BAD_RCPT);
	} else {
		m->rcpt = arena_span(m->arena, address);
		m->orcpt = orcpt_of(m->arena, c);
		m->notify = notify_of(c);
		judge_run(s, POLICY_RCPT, rcpt_judged);
	}
}
