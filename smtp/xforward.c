/*
 * xforward.c - telling a filter behind us who the client was
 *
 * XFORWARD as in Postfix's XFORWARD_README: for its log alone. Sent before MAIL
 * where smtp_send_xforward_command wants it and the server offers it; a server
 * that refuses it gets the mail all the same.
 */

#include "smtp/inside.h"

#include "base/buf.h"
#include "tls/conn.h"
#include "wire/smtp_xforward.h"

unsigned
xforward_wanted(const struct session *s)
{
	const struct smtp_conf *c = s->env->conf;

	if (!c->smtp_send_xforward_command ||
	    (s->caps & SMTP_CAP_XFORWARD) == 0)
		return 0;
	return s->xforward;
}

/* Mail of this machine's commands has no protocol of its own. */
static bool
is_local(const struct delivery_request *r)
{
	return r->proto.n == 0 || span_is(r->proto, "local");
}

void
xforward_send(struct session *s)
{
	const struct delivery_request *r = s->letter->request;
	const struct smtp_xforward_values values = {
		.name = span_iis(r->client_name, "unknown") ? SPAN("")
							    : r->client_name,
		.addr = r->client_addr,
		.proto = r->proto,
		.helo = r->helo,
		.ident = r->qid,
		.source = is_local(r) ? SPAN("LOCAL") : SPAN("REMOTE"),
	};
	struct buf line = BUF_EMPTY;

	smtp_xforward_line(&line, &s->xforward_left, &values);
	session_say(s, buf_span(&line));
	conn_flush(s->conn);
	buf_free(&line);
	session_expect(s, FORWARDING, "sending XFORWARD",
	    s->env->conf->smtp_xforward_timeout);
}
