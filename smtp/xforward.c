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
#include "wire/smtp_command.h"

enum {
	LINE_MAX_BYTES = 510, /* RFC 5321, 4.5.3.1.4 */
	VALUE_MAX = 140 /* before xtext, which may make three octets of one */
};

static const struct {
	unsigned bit;
	const char *name;
} attributes[] = {
	{ SMTP_XFORWARD_NAME, "NAME" },
	{ SMTP_XFORWARD_ADDR, "ADDR" },
	{ SMTP_XFORWARD_PROTO, "PROTO" },
	{ SMTP_XFORWARD_HELO, "HELO" },
	{ SMTP_XFORWARD_IDENT, "IDENT" },
	{ SMTP_XFORWARD_SOURCE, "SOURCE" },
};

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

static void
put_value(struct buf *out, const struct delivery_request *r, unsigned bit)
{
	struct span value = SPAN("");

	if (bit == SMTP_XFORWARD_NAME)
		value = span_iis(r->client_name, "unknown") ? SPAN("")
							    : r->client_name;
	else if (bit == SMTP_XFORWARD_PROTO)
		value = r->proto;
	else if (bit == SMTP_XFORWARD_HELO)
		value = r->helo;
	else if (bit == SMTP_XFORWARD_IDENT)
		value = r->qid;
	else if (bit == SMTP_XFORWARD_SOURCE)
		value = is_local(r) ? SPAN("LOCAL") : SPAN("REMOTE");
	else
		value = r->client_addr;
	if (bit == SMTP_XFORWARD_ADDR && span_find(value, ':') < value.n)
		buf_add_str(out, "IPv6:");
	if (value.n == 0)
		value = SPAN("[UNAVAILABLE]");
	smtp_xtext_encode(out, span_head(value, VALUE_MAX));
}

void
xforward_send(struct session *s)
{
	struct buf line = BUF_EMPTY;

	buf_add_str(&line, "XFORWARD");
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		size_t before = line.n;

		if ((s->xforward_left & attributes[i].bit) == 0)
			continue;
		buf_printf(&line, " %s=", attributes[i].name);
		put_value(&line, s->letter->request, attributes[i].bit);
		if (line.n > LINE_MAX_BYTES) {
			buf_cut(&line, before);
			break;
		}
		s->xforward_left &= ~attributes[i].bit;
	}
	buf_add_str(&line, "\r\n");
	session_say(s, buf_span(&line));
	conn_flush(s->conn);
	buf_free(&line);
	session_expect(s, FORWARDING, "sending XFORWARD",
	    s->env->conf->smtp_xforward_timeout);
}
