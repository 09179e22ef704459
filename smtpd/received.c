/*
 * received.c - what smtpd adds to a message: Received and what is missing
 */

#include "smtpd/received.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "intake/content.h"
#include "message/compose.h"
#include "message/date.h"
#include "message/header.h"
#include "message/idn.h"
#include "queue/edits.h"
#include "smtpd/clean.h"
#include "smtpd/conf.h"
#include "smtpd/mauth.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "tls/tls_peer.h"

enum { FOR_MAX = 255 };

/* A name of the client's choice, inside quotes inside a comment. */
static void
name_put(struct buf *line, struct span name)
{
	buf_add_byte(line, '"');
	for (size_t i = 0; i < name.n; i++) {
		int c = span_at(name, i);

		buf_add_byte(line,
		    c < 32 || c > 126 || strchr("()\\\"", c) != NULL ? '?'
								     : (char)c);
	}
	buf_add_byte(line, '"');
}

static void
certificate_put(const struct session *s, struct buf *line)
{
	const struct smtpd_conf *conf = s->smtpd->conf;

	if (s->peer != NULL) {
		buf_add_str(line, "\n\t(Client CN ");
		name_put(line, buf_span(&s->peer->subject));
		buf_add_str(line, ", Issuer ");
		name_put(line, buf_span(&s->peer->issuer));
		buf_add_str(line,
		    s->peer->trusted ? " (verified OK))" : " (not verified))");
	} else if (conf->smtpd_tls_ask_ccert || conf->smtpd_tls_req_ccert) {
		buf_add_str(line, "\n\t(Client did not present a certificate)");
	} else {
		buf_add_str(line, "\n\t(No client certificate requested)");
	}
}

static void
tls_put(const struct session *s, struct buf *line)
{
	if (!s->smtpd->conf->smtpd_tls_received_header || !session_is_tls(s))
		return;
	buf_add_str(line, "\n\t(using ");
	tls_stream_info(conn_stream(s->conn), line);
	buf_add_byte(line, ')');
	certificate_put(s, line);
}

static void
login_put(const struct session *s, struct buf *line)
{
	if (!s->smtpd->conf->smtpd_sasl_authenticated_header ||
	    s->sasl_username == NULL)
		return;
	buf_add_str(line, "\n\t(Authenticated sender: ");
	for (const char *c = s->sasl_username; *c != '\0'; c++)
		buf_add_byte(line,
		    strchr("()\\", *c) != NULL || (*c & 0x80) != 0 ? '?' : *c);
	buf_add_byte(line, ')');
}

/* A recipient is named only when it is the only one: others need not know. And
 * only in ASCII, so that our own field does not stop a message at a server
 * without SMTPUTF8 that it could pass otherwise. */
static void
for_put(const struct mail *m, struct buf *line)
{
	struct buf address = BUF_EMPTY;

	if (m->count == 1 && m->rcpts[0].address.n <= FOR_MAX)
		(void)idn_address_to_ascii(&address, m->rcpts[0].address);
	if (address.n > 0 && !utf8_wide(buf_span(&address)))
		buf_printf(line, "\n\tfor <%s>; ", buf_str(&address));
	else
		buf_add_str(line, ";\n\t");
	buf_free(&address);
}

/* RFC 6531, 4.3 */
static const char *
with(const struct session *s)
{
	bool tls = session_is_tls(s);

	if (!s->mail->smtputf8)
		return session_protocol(s);
	if (s->sasl_username != NULL)
		return tls ? "UTF8SMTPSA" : "UTF8SMTPA";
	return tls ? "UTF8SMTPS" : "UTF8SMTP";
}

void
received_line(const struct session *s, struct buf *line)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	const struct mail *m = s->mail;

	buf_printf(line, "Received: from %s (%s [%s%s])",
	    s->helo == NULL ? "unknown" : s->helo, s->client.name,
	    s->client.bytes_n == 16 ? "IPv6:" : "", s->client.addr);
	tls_put(s, line);
	login_put(s, line);
	buf_printf(line, "\n\tby %s (%s) with %s", conf->myhostname,
	    conf->mail_name, with(s));
	if (!s->smtpd->filter) /* else it is in no queue of ours */
		buf_printf(line, " id %s", m->qid);
	for_put(m, line);
	date_print(line, m->arrival, date_local_zone(m->arrival));
	buf_add_byte(line, '\n');
}

void
received_put(const struct session *s, struct buf *edits)
{
	struct buf line = BUF_EMPTY;

	received_line(s, &line);
	edits_add(edits, EDIT_PREPEND, 0, buf_span(&line));
	buf_free(&line);
}

/* Whose messages are completed: those of our own machine and users. */
static bool
is_ours(const struct session *s)
{
	return s->smtpd->conf->always_add_missing_headers ||
	    s->sasl_username != NULL || clean_is_local(s);
}

static void
missing_make(struct session *s, struct buf *fields)
{
	unsigned seen = content_facts(s->mail->content)->seen;
	struct compose *c = compose_new(fields);
	struct buf id = BUF_EMPTY;

	if ((seen & HEADER_MESSAGE_ID) == 0) {
		compose_message_id(
		    c, span_str(s->smtpd->conf->myhostname), &id);
		s->mail->made_id = arena_span(s->mail->arena, buf_span(&id));
	}
	if ((seen & HEADER_DATE) == 0)
		compose_date(
		    c, s->mail->arrival, date_local_zone(s->mail->arrival));
	if ((seen & HEADER_FROM) == 0)
		(void)compose_from(c, SPAN(""), s->mail->sender,
		    span_str(s->smtpd->conf->myorigin));
	check_params_undisclosed(&s->smtpd->conf->check, seen, c);
	compose_free(&c);
	buf_free(&id);
}

/* Behind the header. When a line that is no field ended it, the empty line
 * that is missing comes too. */
static void
missing_put(struct session *s, struct buf *edits)
{
	const struct header_facts *facts = content_facts(s->mail->content);
	/* not where the message is all header */
	bool junk = facts->ended && !facts->blank &&
	    facts->body_at < content_size(s->mail->content);
	struct buf fields = BUF_EMPTY;

	if (is_ours(s))
		missing_make(s, &fields);
	if (junk) {
		buf_add_byte(&fields, '\n');
		edits_add(edits, EDIT_INSERT, facts->fields, buf_span(&fields));
	} else if (fields.n > 0) {
		edits_add(edits, EDIT_APPEND, 0, buf_span(&fields));
	}
	buf_free(&fields);
}

void
received_edits(struct session *s, struct buf *edits)
{
	struct mail *m = s->mail;

	buf_add_span(edits, content_drops(m->content));
	clean_edits(m, edits);
	mauth_edits(m, edits);
	if (m->prepend.n > 0)
		edits_add(edits, EDIT_PREPEND, 0, buf_span(&m->prepend));
	missing_put(s, edits);
}

struct span
received_message_id(const struct session *s)
{
	if (s->mail->made_id.n > 0)
		return s->mail->made_id;
	return span_head(
	    buf_span(&content_facts(s->mail->content)->message_id), 500);
}
