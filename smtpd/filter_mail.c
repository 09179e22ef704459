/*
 * filter_mail.c - the session's mail, given to the filter before the queue
 *
 * What the filter answers goes to the client, who alone is told of a failure:
 * nothing is kept here once he has his reply. A filter that does not answer, or
 * not as it should, is 451.
 */

#include "smtpd/filter_mail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/overrides.h"
#include "config/param.h"
#include "intake/content.h"
#include "os/clock.h"
#include "os/file.h"
#include "smtpd/conf.h"
#include "smtpd/filter.h"
#include "smtpd/log.h"
#include "smtpd/policy.h"
#include "smtpd/received.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"
#include "wire/smtp_dsn.h"
#include "wire/smtp_reply.h"

enum { CHUNK = 32768 };

bool
filter_conf(struct smtpd *s, struct why *why)
{
	struct span rest = span_str(s->conf->smtpd_proxy_options), item;

	s->filter = span_trim(span_str(s->conf->smtpd_proxy_filter)).n > 0;
	while (param_list_next(&rest, &item)) {
		if (!span_iis(item, "speed_adjust")) {
			why_set(why, "4.3.5",
			    "smtpd_proxy_options: \"%.*s\" is not speed_adjust",
			    (int)item.n, item.p);
			return false;
		}
		s->filter_later = true;
	}
	if (!s->filter)
		return true;
	if (s->conf->smtpd_milters[0] != '\0' &&
	    (s->overrides & NO_MILTERS) == 0)
		log_warning("smtpd_milters are not asked about mail that "
			    "smtpd_proxy_filter gets");
	s->overrides |= NO_MILTERS;
	return true;
}

bool
filter_streams(const struct session *s)
{
	return s->smtpd->filter && !s->smtpd->filter_later;
}

/* ---- what it answers */

static void
reply_take(const struct smtp_reply *r, struct refusal *out)
{
	out->code = r->code;
	memcpy(out->status, r->status, sizeof(out->status));
	buf_add_span(&out->text, buf_span(&r->text));
}

/* The client's answer, where it is not what was hoped for: first is the first
 * digit of that. 421 would end our own session, and is not about it. */
static bool
refused(const struct smtp_reply *r, int first, struct refusal *out)
{
	*out = (struct refusal){ .code = 451, .status = "4.3.0" };
	if (r != NULL && r->code / 100 == first)
		return false;
	if (r == NULL || r->code / 100 < 4) {
		buf_add_str(&out->text, "Error: queue file write error");
		return true;
	}
	if (r->code != 421)
		reply_take(r, out);
	else
		buf_add_span(&out->text, buf_span(&r->text));
	return true;
}

static void
reply_log(
    const struct session *s, const char *action, const struct smtp_reply *r)
{
	struct buf text = BUF_EMPTY;

	if (r == NULL)
		buf_add_str(&text, "451 4.3.0 no answer");
	else
		buf_printf(&text, "%d %s", r->code, "");
	if (r != NULL)
		buf_add_span(&text, buf_span(&r->raw));
	event_policy(s, action, buf_span(&text));
	buf_free(&text);
}

/* The step's end, for the caller of one that streams. */
static void
step_end(struct session *s, const struct smtp_reply *r, int first)
{
	queue_fn *fn = s->filtered;
	struct refusal refusal;
	bool no = refused(r, first, &refusal);

	if (no)
		reply_log(s, "proxy-reject", r);
	fn(s, no ? &refusal : NULL);
	buf_free(&refusal.text);
}

/* ---- what it is told */

static void
mail_line(const struct session *s, unsigned caps, struct buf *line)
{
	const struct mail *m = s->mail;
	uint64_t size = m->size;

	if (s->smtpd->filter_later)
		size = content_size(m->content);
	buf_printf(line, "MAIL FROM:<%.*s>", (int)m->sender.n, m->sender.p);
	if (size > 0 && (caps & SMTP_CAP_SIZE) != 0)
		buf_printf(line, " SIZE=%llu", (unsigned long long)size);
	if (m->eight_bit && (caps & SMTP_CAP_8BITMIME) != 0)
		buf_add_str(line, " BODY=8BITMIME");
	/* without it the filter has to say what it thinks of such mail */
	if (m->smtputf8)
		buf_add_str(line, " SMTPUTF8");
	if ((caps & SMTP_CAP_DSN) != 0) {
		if (m->ret != RET_NONE)
			buf_printf(line, " RET=%s",
			    m->ret == RET_FULL ? "FULL" : "HDRS");
		if (m->envid.n > 0) {
			buf_add_str(line, " ENVID=");
			smtp_xtext_encode(line, m->envid);
		}
	}
	buf_add_str(line, "\r\n");
}

/* What the queue keeps is what the protocol has. */
_Static_assert((int)NOTIFY_NEVER == (int)SMTP_NOTIFY_NEVER &&
	(int)NOTIFY_SUCCESS == (int)SMTP_NOTIFY_SUCCESS &&
	(int)NOTIFY_FAILURE == (int)SMTP_NOTIFY_FAILURE &&
	(int)NOTIFY_DELAY == (int)SMTP_NOTIFY_DELAY,
    "bits of NOTIFY");

static void
rcpt_say(struct session *s, const struct queue_rcpt *r, filter_fn *fn)
{
	struct mail *m = s->mail;
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "RCPT TO:<%.*s>", (int)r->address.n, r->address.p);
	if ((filter_caps(m->filter) & SMTP_CAP_DSN) != 0) {
		smtp_notify_put(&line, r->notify);
		smtp_orcpt_put(&line, r->orcpt, m->smtputf8);
	}
	buf_add_str(&line, "\r\n");
	filter_say(m->filter, buf_span(&line), fn);
	buf_free(&line);
}

void
filter_head(struct session *s)
{
	struct buf head = BUF_EMPTY;

	received_line(s, &head);
	buf_add_span(&head, buf_span(&s->mail->prepend));
	filter_content(s->mail->filter, buf_span(&head));
	buf_free(&head);
}

/* ---- as it comes */

/* It has no recipient yet: the next one may find it in a better state. */
static void
give_up(struct session *s)
{
	if (s->mail->count == 0)
		filter_free(&s->mail->filter);
}

static void
rcpt_heard(struct session *s, const struct smtp_reply *r)
{
	step_end(s, r, 2);
	if (r == NULL)
		give_up(s);
}

static void
mail_heard(struct session *s, const struct smtp_reply *r)
{
	const struct mail *m = s->mail;
	struct queue_rcpt rcpt = {
		.address = m->rcpt, .orcpt = m->orcpt, .notify = m->notify
	};

	if (r != NULL && r->code / 100 == 2) {
		rcpt_say(s, &rcpt, rcpt_heard);
		return;
	}
	step_end(s, r, 2);
	give_up(s);
}

void
filter_rcpt(struct session *s, queue_fn *fn)
{
	static const struct smtp_reply ready = { .code = 250 };
	struct mail *m = s->mail;

	s->filtered = fn;
	if (m->filter != NULL) {
		mail_heard(s, &ready);
		return;
	}
	m->arrival = clock_wall();
	m->filter = filter_new(s);
	filter_open(m->filter, mail_line, mail_heard);
}

static void
data_heard(struct session *s, const struct smtp_reply *r)
{
	step_end(s, r, 3);
}

void
filter_data(struct session *s, queue_fn *fn)
{
	s->filtered = fn;
	filter_say(s->mail->filter, SPAN("DATA\r\n"), data_heard);
}

/* ---- the end, and all at once */

/* The reply is the filter's, which goes with the mail. */
static void
committed(struct session *s, const struct smtp_reply *r)
{
	struct refusal answer;
	bool no = refused(r, 2, &answer);

	if (!no)
		reply_take(r, &answer);
	reply_log(s, no ? "proxy-reject" : "proxy-accept", r);
	session_mail_end(s);
	if (!no) /* who delivers mail may make errors anew */
		s->errors = s->junk = 0;
	reply_text(s, answer.code, answer.status, buf_span(&answer.text));
	buf_free(&answer.text);
}

/* As much of the file as the filter takes now. */
static void
content_send(struct session *s)
{
	struct mail *m = s->mail;
	uint64_t size = content_size(m->content);
	char *chunk = mem_new(CHUNK);

	while (
	    m->filter_at < size && !filter_is_full(m->filter, content_send)) {
		size_t n = size - m->filter_at < CHUNK
		    ? (size_t)(size - m->filter_at)
		    : CHUNK;

		if (file_read_at(m->fd, chunk, n, m->filter_at) == -1) {
			log_error("%s: read the message for the filter: %s",
			    m->qid, strerror(errno));
			free(chunk);
			committed(s, NULL);
			return;
		}
		filter_content(m->filter, span_of(chunk, n));
		m->filter_at += n;
	}
	free(chunk);
	if (m->filter_at == size)
		filter_end(m->filter, committed);
}

static void
all_data_heard(struct session *s, const struct smtp_reply *r)
{
	if (r == NULL || r->code / 100 != 3) {
		committed(s, r);
		return;
	}
	filter_head(s);
	content_send(s);
}

/* Who accepts mail for one recipient and not for another cannot say so to a
 * client who has had his answers: all of it is refused. */
static void
all_heard(struct session *s, const struct smtp_reply *r)
{
	struct mail *m = s->mail;

	if (r == NULL || r->code / 100 != 2)
		committed(s, r);
	else if (m->filter_rcpt < m->count)
		rcpt_say(s, &m->rcpts[m->filter_rcpt++], all_heard);
	else
		filter_say(m->filter, SPAN("DATA\r\n"), all_data_heard);
}

void
filter_commit(struct session *s)
{
	struct mail *m = s->mail;

	if (m->hold || m->redirect.n > 0 || m->filter_to.n > 0 ||
	    m->bcc != NULL)
		log_warning("HOLD, REDIRECT, FILTER and BCC of access tables "
			    "have no effect with smtpd_proxy_filter");
	if (filter_streams(s)) {
		filter_end(m->filter, committed);
		return;
	}
	m->filter = filter_new(s);
	filter_open(m->filter, mail_line, all_heard);
}
