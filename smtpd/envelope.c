/*
 * envelope.c - MAIL and RCPT (RFC 5321, 3.3)
 */

#include "message/address.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "os/clock.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/limits.h"
#include "smtpd/log.h"
#include "smtpd/milters.h"
#include "smtpd/policy.h"
#include "smtpd/queue.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

static unsigned
path_flags(const struct session *s)
{
	unsigned flags = ADDRESS_BARE | ADDRESS_LONG_LOCAL;

	if (!s->smtpd->conf->strict_rfc821_envelopes)
		flags |= ADDRESS_LOOSE;
	return flags;
}

/* The address without its source route (RFC 5321, 3.3: to be ignored). */
static struct span
address_of(struct span inside, const struct address_path *path)
{
	return path->route.n == 0
	    ? inside
	    : span_skip(inside, (size_t)(path->local.p - inside.p));
}

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
	if (c->smtputf8)
		return "SMTPUTF8";
	if (c->requiretls)
		return "REQUIRETLS";
	if (c->body == SMTP_BINARYMIME)
		return "BODY=BINARYMIME";
	if ((hello_features(s) & FEATURE_DSN) == 0)
		return dsn_param(c);
	return NULL;
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

static void
mail_judged(struct session *s, const struct refusal *r)
{
	if (r != NULL) {
		session_mail_end(s);
		reply_refusal(s, r);
		return;
	}
	s->state = AT_MAIL;
	reply(s, REPLY_SENDER_OK);
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
	else if (!limits_count(s->counted, LIMIT_MESSAGES, clock_ms()) &&
	    !s->client.unlimited)
		reply_with(s, REPLY_TOO_MUCH_MAIL, span_str(s->client.addr));
	else
		return true;
	return false;
}

void
cmd_mail(struct session *s, const struct smtp_command *c)
{
	struct address_path path;
	enum address_result got;
	struct mail *m;

	if (!mail_in_order(s, c))
		return;
	got = address_parse_path(c->path, path_flags(s), &path);
	if (got != ADDRESS_OK && got != ADDRESS_NULL) {
		reply(s, REPLY_BAD_SENDER);
		return;
	}
	m = session_mail_begin(s);
	if (got == ADDRESS_OK)
		m->sender = arena_span(m->arena, address_of(c->path, &path));
	else
		m->sender = span_of("", 0);
	m->auth = arena_span(m->arena, c->auth);
	m->size = c->has_size ? c->size : 0;
	m->eight_bit = c->body == SMTP_8BITMIME;
	m->envid = arena_span(m->arena, c->envid);
	m->ret = c->ret == SMTP_RET_FULL ? RET_FULL
	    : c->ret == SMTP_RET_HDRS    ? RET_HDRS
					 : RET_NONE;
	judge_run(s, POLICY_MAIL, mail_judged);
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
	s->mail->rcpt = span_of(NULL, 0);
	reply_refusal(s, r);
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

static void
rcpt_judged(struct session *s, const struct refusal *r)
{
	if (r != NULL)
		rcpt_refuse(s, r);
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
	} else if (!limits_count(s->counted, LIMIT_RECIPIENTS, clock_ms()) &&
	    !s->client.unlimited) {
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
	struct address_path path;

	if (!rcpt_in_order(s, c))
		return;
	if (address_parse_path(c->path, path_flags(s), &path) != ADDRESS_OK) {
		reply(s, REPLY_BAD_RCPT);
		return;
	}
	m->rcpt = arena_span(m->arena, address_of(c->path, &path));
	m->orcpt = orcpt_of(m->arena, c);
	m->notify = notify_of(c);
	judge_run(s, POLICY_RCPT, rcpt_judged);
}
