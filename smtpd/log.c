/*
 * log.c - the lines that log readers know
 *
 * Shapes are Postfix's, since administrators have tools that read them.
 * Whatever a client said goes through log_quote().
 */

#include "smtpd/log.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/metric.h"
#include "intake/checks.h"
#include "intake/content.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"

enum { VALUE_MAX = 200, REPLY_MAX = 1000 };

void
event_connect(const struct session *s)
{
	log_info("connect from %s", s->client.label);
}

static void
count_add(struct buf *line, const char *name, unsigned success, unsigned total)
{
	if (total == 0)
		return;
	if (success == total)
		buf_printf(line, " %s=%u", name, total);
	else
		buf_printf(line, " %s=%u/%u", name, success, total);
}

void
event_disconnect(const struct session *s)
{
	struct buf line = BUF_EMPTY;
	unsigned success = 0, total = 0;

	for (unsigned i = 0; i < COUNT_KINDS; i++) {
		count_add(
		    &line, command_count_name(i), s->success[i], s->total[i]);
		success += s->success[i];
		total += s->total[i];
	}
	if (total == 0)
		buf_add_str(&line, " commands=0/0");
	else
		count_add(&line, "commands", success, total);
	log_info("disconnect from %s%s", s->client.label, buf_str(&line));
	buf_free(&line);
}

void
event_after(const struct session *s, const char *what)
{
	if (s->reading == READ_CONTENT || s->reading == READ_CHUNK)
		log_info("%s after %s (%llu bytes) from %s", what, s->where,
		    (unsigned long long)content_size(
			s->mail == NULL ? NULL : s->mail->content),
		    s->client.label);
	else
		log_info(
		    "%s after %s from %s", what, s->where, s->client.label);
}

void
event_pipelining(const struct session *s, struct span behind)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, span_trim_right(span_head(behind, 100)), 100);
	log_info("improper command pipelining after %s from %s: %s", s->where,
	    s->client.label, buf_str(&text));
	buf_free(&text);
}

static void
pair_add(struct buf *line, const char *name, struct span value)
{
	buf_add_str(line, name);
	log_quote(line, value, VALUE_MAX);
	buf_add_byte(line, '>');
}

static const char *
forwarded_or(
    const struct session *s, enum forward_part part, const char *otherwise)
{
	return s->forwarded[part] == NULL ? otherwise : s->forwarded[part];
}

/* What a filter before the queue gets is in no queue. */
static const char *
queue_name(const struct session *s)
{
	return s->mail == NULL || s->mail->qid[0] == '\0' || s->smtpd->filter
	    ? "NOQUEUE"
	    : s->mail->qid;
}

void
event_client(const struct session *s)
{
	struct buf line = BUF_EMPTY;

	if (s->sasl_username != NULL) {
		buf_printf(
		    &line, ", sasl_method=%s, sasl_username=", s->sasl_method);
		log_quote(&line, span_str(s->sasl_username), VALUE_MAX);
	}
	if (s->forwarded[FORWARD_IDENT] != NULL) {
		buf_add_str(&line, ", orig_queue_id=");
		log_quote(
		    &line, span_str(s->forwarded[FORWARD_IDENT]), VALUE_MAX);
	}
	if (s->forwarded[FORWARD_NAME] != NULL ||
	    s->forwarded[FORWARD_ADDR] != NULL)
		buf_printf(&line, ", orig_client=%s[%s]",
		    forwarded_or(s, FORWARD_NAME, "unknown"),
		    forwarded_or(s, FORWARD_ADDR, "unknown"));
	log_info(
	    "%s: client=%s%s", queue_name(s), s->client.label, buf_str(&line));
	buf_free(&line);
}

void
event_message_id(const struct session *s, struct span message_id)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, message_id, REPLY_MAX);
	if (text.n == 0)
		buf_add_str(&text, "<>");
	log_info_as(
	    "cleanup", "%s: message-id=%s", s->mail->qid, buf_str(&text));
	buf_free(&text);
}

/* "WHERE from CLIENT: TEXT; from=<> to=<> proto= helo=<>" */
static void
about_add(struct buf *line, const struct session *s, struct span text,
    struct span rcpt)
{
	buf_printf(line, "%s from %s: ", s->where, s->client.label);
	log_quote(line, text, REPLY_MAX);
	buf_add_byte(line, ';');
	if (s->mail != NULL)
		pair_add(line, " from=<", s->mail->sender);
	if (rcpt.p != NULL)
		pair_add(line, " to=<", rcpt);
	buf_printf(line, " proto=%s", s->esmtp ? "ESMTP" : "SMTP");
	if (s->helo != NULL)
		pair_add(line, " helo=<", span_str(s->helo));
	if (s->sasl_username != NULL)
		pair_add(line, " sasl_username=<", span_str(s->sasl_username));
}

void
event_policy(const struct session *s, const char *action, struct span text)
{
	struct buf line = BUF_EMPTY;

	about_add(
	    &line, s, text, s->mail != NULL ? s->mail->rcpt : span_of(NULL, 0));
	log_info("%s: %s: %s", queue_name(s), action, buf_str(&line));
	buf_free(&line);
}

void
event_milter(const struct session *s, const char *action, struct span text)
{
	const struct mail *m = s->mail;
	struct buf line = BUF_EMPTY;

	if (!span_is(span_str(s->where), "END-OF-MESSAGE")) {
		event_policy(s, action, text);
		return;
	}
	about_add(&line, s, text,
	    m->count > 0 ? m->rcpts[0].address : span_of(NULL, 0));
	log_info_as("cleanup", "%s: %s: %s", m->qid, action, buf_str(&line));
	buf_free(&line);
}

void
event_check(const struct session *s, const char *action,
    const struct check_item *item, struct span text)
{
	const struct mail *m = s->mail;
	struct buf line = BUF_EMPTY;

	if (span_is(span_str(action), "reject"))
		metric_count(METRIC_REJECT_CONTENT);
	log_quote(&line, item->text, VALUE_MAX);
	buf_printf(&line, " from %s;", s->client.label);
	pair_add(&line, " from=<", m->sender);
	if (m->count > 0)
		pair_add(&line, " to=<", m->rcpts[0].address);
	buf_printf(&line, " proto=%s", s->esmtp ? "ESMTP" : "SMTP");
	if (s->helo != NULL)
		pair_add(&line, " helo=<", span_str(s->helo));
	if (text.n > 0) {
		buf_add_str(&line, ": ");
		log_quote(&line, text, REPLY_MAX);
	} else if (span_is(span_str(action), "reject")) {
		buf_add_str(&line, ": 5.7.1 message content rejected");
	}
	if (m->milter_checks != NULL)
		log_info_as("cleanup", "%s: milter-header-%s: %s", m->qid,
		    action, buf_str(&line));
	else
		log_info_as("cleanup", "%s: %s: %s %s", m->qid, action,
		    item->table == CHECK_BODY ? "body" : "header",
		    buf_str(&line));
	buf_free(&line);
}

void
event_tls(const struct session *s)
{
	const struct tls_stream *stream = conn_stream(s->conn);
	struct buf info = BUF_EMPTY;

	if (s->smtpd->conf->smtpd_tls_loglevel < 1)
		return;
	tls_stream_info(stream, &info);
	log_info("%s TLS connection established from %s: %s",
	    tls_trust_name(tls_stream_trust(stream)), s->client.label,
	    buf_str(&info));
	buf_free(&info);
}
