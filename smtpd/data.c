/*
 * data.c - DATA and BDAT (RFC 5321, 3.3; RFC 3030), up to the 250
 *
 * Content goes to the queue file as it comes. Whatever happens on the way, the
 * client's bytes are read to their end before it hears of it: only then do both
 * sides agree where the next command begins.
 */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "config/overrides.h"
#include "intake/content.h"
#include "message/header.h"
#include "smtpd/check_run.h"
#include "smtpd/clean.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/filter.h"
#include "smtpd/filter_mail.h"
#include "smtpd/log.h"
#include "smtpd/mauth.h"
#include "smtpd/milters.h"
#include "smtpd/policy.h"
#include "smtpd/queue.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

static void
came(void *arg, struct span bytes)
{
	mauth_feed(arg, bytes);
}

static void
passed_on(void *arg, struct span bytes)
{
	struct mail *m = arg;

	filter_content(m->filter, bytes);
}

/* What the filter gets is looked at when it comes back. */
static void
content_for_filter(struct session *s, struct content_conf *c)
{
	c->drop = SPAN("");
	c->checks = NULL;
	c->addresses = false;
	if (!filter_streams(s))
		return;
	c->fd = -1;
	c->came = passed_on;
	filter_head(s);
}

static void
content_begin(struct session *s)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	struct content_conf c = {
		.fd = s->mail->fd,
		.size_max = conf->message_size_limit,
		.header_size_max = (size_t)conf->check.header_size_limit,
		.drop = span_str(conf->check.message_drop_headers),
		.addresses = clean_wants_fields(s),
		.utf8 = s->smtpd->autodetect_utf8 && !s->mail->smtputf8,
		.checks = (s->smtpd->overrides & NO_HEADER_BODY_CHECKS) != 0
		    ? NULL
		    : s->smtpd->checks,
		.bytes = s->smtpd->bytes,
		.strict = check_params_strict(&conf->check, s->mail->smtputf8),
		.mode = s->client.bare_newline ? DOT_NORMALISE : DOT_STRICT,
		.came = !s->smtpd->filter && mauth_begin(s) ? came : NULL,
		.arg = s->mail,
	};

	if (s->smtpd->filter)
		content_for_filter(s, &c);
	s->mail->content = content_new(&c);
}

/* The transaction is over with that reply. */
static void
fail(struct session *s, enum reply which)
{
	session_mail_end(s);
	reply(s, which);
}

/* Taken; who delivers mail may make errors anew. */
static void
accepted(struct session *s)
{
	struct buf qid = BUF_EMPTY;

	buf_add_str(&qid, s->mail->qid);
	session_mail_end(s);
	s->errors = 0;
	s->junk = 0;
	reply_with(s, REPLY_QUEUED, buf_span(&qid));
	buf_free(&qid);
}

static void
queued(struct session *s, const struct refusal *r)
{
	if (r == NULL) {
		accepted(s);
		return;
	}
	session_mail_end(s);
	reply_refusal(s, r);
}

static void
end_judged(struct session *s, const struct refusal *r)
{
	if (r != NULL) {
		session_mail_end(s);
		reply_refusal(s, r);
	} else if (s->mail->discard ||
	    s->mail->checked.state == CHECKED_DISCARD) {
		accepted(s); /* and given up: the client need not know */
	} else if (s->smtpd->filter) {
		filter_commit(s);
	} else {
		queue_commit(s, queued);
	}
}

static void
refuse_logged(struct session *s, enum reply which, const char *text)
{
	event_policy(s, "reject", span_str(text));
	fail(s, which);
}

static void
strict_refuse(struct session *s, enum strict_fault fault)
{
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "550 5.6.0 %s", strict_text(fault));
	refuse_logged(s,
	    fault == STRICT_8BIT_HEADER     ? REPLY_8BIT_HEADER
		: fault == STRICT_8BIT_BODY ? REPLY_8BIT_BODY
					    : REPLY_ENCODING_DOMAIN,
	    buf_str(&text));
	buf_free(&text);
}

/* header_checks or body_checks want something else than to go on. */
static void
checks_refuse(struct session *s)
{
	struct mail *m = s->mail;
	struct buf text = BUF_EMPTY;
	char status[12];

	if (m->checked.state == CHECKED_TROUBLE) {
		fail(s, REPLY_CHECK_TROUBLE);
		return;
	}
	memcpy(status, m->checked.status, strlen(m->checked.status) + 1);
	buf_add_span(&text, m->checked.text);
	session_mail_end(s);
	reply_text(s, status[0] == '4' ? 450 : 550, status, buf_span(&text));
	buf_free(&text);
}

/* It is known whose it is. */
static void
authenticated(struct session *s, const struct refusal *r)
{
	if (r != NULL)
		end_judged(s, r);
	else
		policy_run(s, POLICY_END_OF_DATA, end_judged);
}

/* All of the content is looked at. */
static void
message_checked(struct session *s)
{
	struct content *c = s->mail->content;
	int error;

	if (!content_finish(c)) {
		error = errno;
		log_error(
		    "%s: write queue file: %s", s->mail->qid, strerror(error));
		fail(s,
		    error == ENOSPC || error == EDQUOT ? REPLY_QUEUE_FULL
						       : REPLY_QUEUE_TROUBLE);
		return;
	}
	if (content_too_big(c))
		refuse_logged(
		    s, REPLY_TOO_BIG, "552 5.3.4 Error: message file too big");
	else if (content_facts(c)->received >
	    (unsigned)s->smtpd->conf->hopcount_limit)
		refuse_logged(
		    s, REPLY_TOO_MANY_HOPS, "554 5.4.6 Error: too many hops");
	else if (content_bad_bytes(c))
		refuse_logged(
		    s, REPLY_BAD_CONTENT, "550 5.7.1 disallowed character");
	else if (content_fault(c) != STRICT_FINE)
		strict_refuse(s, content_fault(c));
	else if (s->mail->checked.state == CHECKED_REJECT ||
	    s->mail->checked.state == CHECKED_TROUBLE)
		checks_refuse(s);
	else
		mauth_run(s, authenticated);
}

/* LMTP: whatever the answer, each recipient hears it (RFC 2033, 4.2). */
static void
answer_each(struct session *s)
{
	if (s->smtpd->lmtp)
		s->repeat = s->mail->count;
}

/* All of the content is there. */
static void
message_end(struct session *s)
{
	s->where = "END-OF-MESSAGE";
	answer_each(s);
	content_end(s->mail->content);
	check_run(s, message_checked);
}

static void
data_ready(struct session *s, const struct refusal *r)
{
	if (r != NULL) {
		reply_refusal(s, r);
		return;
	}
	content_begin(s);
	reply_say(s, REPLY_GO_AHEAD, span_of("", 0));
	s->reading = READ_CONTENT;
	s->busy = false;
}

static void
data_judged(struct session *s, const struct refusal *r)
{
	if (r == NULL && filter_streams(s))
		filter_data(s, data_ready);
	else
		data_ready(s, r);
}

void
cmd_data(struct session *s, const struct smtp_command *c)
{
	(void)c;
	judge_run(s, POLICY_DATA, data_judged);
}

/* S1: what follows a lone CR or LF cannot be trusted to be what it seems. */
static void
bare_newline(struct session *s)
{
	const struct smtpd_conf *conf = s->smtpd->conf;

	event_after(s, "bare newline");
	s->reading = READ_COMMAND;
	s->busy = true;
	session_mail_end(s);
	session_close(s);
	reply_coded(s, REPLY_BARE_NEWLINE,
	    conf->smtpd_forbid_bare_newline_reject_code,
	    span_str(conf->myhostname));
}

static void
input_over(struct session *s)
{
	s->reading = READ_COMMAND;
	s->busy = true;
	s->deadline_ms = 0;
}

/* The client's next bytes may come. */
static void
read_on(struct session *s)
{
	s->busy = false;
}

/* What came is to be looked up first, or goes on to a filter that has no room.
 */
static void
look(struct session *s)
{
	struct mail *m = s->mail;

	if (m->filter != NULL && filter_is_full(m->filter, read_on)) {
		s->busy = true;
		s->deadline_ms = 0; /* it is not the client that is slow */
	}
	if (content_pending(s->mail->content) == NULL)
		return;
	s->busy = true;
	check_run(s, read_on);
}

static size_t
data_dots(struct session *s, struct span bytes)
{
	size_t used;

	switch (content_dots(s->mail->content, bytes, &used)) {
	case DOT_MORE:
		look(s);
		break;
	case DOT_END:
		input_over(s);
		message_end(s);
		break;
	case DOT_BAD:
		bare_newline(s);
		break;
	}
	return used;
}

static void
chunk_checked(struct session *s)
{
	struct mail *m = s->mail;
	struct buf size = BUF_EMPTY;

	/* many small ones would else pile up before a filter that waits */
	if (m->filter != NULL && filter_is_full(m->filter, chunk_checked))
		return;
	buf_printf(&size, "%llu", (unsigned long long)s->chunk_size);
	reply_with(s, REPLY_CHUNK_OK, buf_span(&size));
	buf_free(&size);
}

/* The chunk is read: answer it. */
static void
chunk_end(struct session *s)
{
	input_over(s);
	if (s->chunk_refused != REPLY_OK) {
		if (s->chunk_last && s->mail != NULL)
			answer_each(s);
		fail(s, s->chunk_refused);
		return;
	}
	s->state = AT_BDAT;
	if (s->chunk_last) {
		message_end(s);
		return;
	}
	if (content_too_big(s->mail->content)) {
		fail(s, REPLY_TOO_BIG);
		return;
	}
	check_run(s, chunk_checked);
}

static size_t
data_chunk(struct session *s, struct span bytes)
{
	bytes = span_head(
	    bytes, s->chunk_left < bytes.n ? (size_t)s->chunk_left : bytes.n);
	s->chunk_left -= bytes.n;
	if (s->chunk_refused == REPLY_OK &&
	    !content_chunk(s->mail->content, bytes))
		bare_newline(s);
	else if (s->chunk_left == 0)
		chunk_end(s);
	else if (s->chunk_refused == REPLY_OK)
		look(s);
	return bytes.n;
}

size_t
data_input(struct session *s, struct span bytes)
{
	return s->reading == READ_CHUNK ? data_chunk(s, bytes)
					: data_dots(s, bytes);
}

/* Read the chunk, to keep it or to pass over it. */
static void
chunk_begin(struct session *s, enum reply refused)
{
	s->chunk_refused = refused;
	if (refused == REPLY_OK && s->mail->content == NULL)
		content_begin(s);
	if (s->chunk_left == 0) {
		chunk_end(s);
		return;
	}
	s->reading = READ_CHUNK;
	s->busy = false;
}

static void
chunk_ready(struct session *s, const struct refusal *r)
{
	if (r == NULL)
		chunk_begin(s, REPLY_OK);
	else
		chunk_begin(s, REPLY_CHUNK_REFUSED);
}

static void
chunk_judged(struct session *s, const struct refusal *r)
{
	if (r == NULL && filter_streams(s))
		filter_data(s, chunk_ready);
	else
		chunk_ready(s, r);
}

void
cmd_bdat(struct session *s, const struct smtp_command *c)
{
	s->chunk_left = s->chunk_size = c->chunk;
	s->chunk_last = c->last;
	if (s->mail == NULL)
		chunk_begin(s, REPLY_NEED_MAIL);
	else if (s->mail->count == 0)
		chunk_begin(s, REPLY_NO_VALID_RCPT);
	else if (s->state == AT_BDAT)
		chunk_begin(s, REPLY_OK);
	else
		judge_run(s, POLICY_DATA, chunk_judged);
}
