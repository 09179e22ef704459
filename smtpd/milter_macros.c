/*
 * milter_macros.c - what the macros of milters stand for
 *
 * The names are sendmail's, the values those that Postfix gives.
 */

#include "smtpd/milter_macros.h"

#include "base/buf.h"
#include "message/address.h"
#include "smtpd/conf.h"
#include "smtpd/limits.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "tls/tls_peer.h"

typedef bool macro_fn(const struct session *s, struct buf *out);

static bool
text(struct buf *out, struct span value)
{
	buf_add_span(out, value);
	return value.n > 0;
}

static bool
put_j(const struct session *s, struct buf *out)
{
	return text(out, span_str(s->smtpd->conf->myhostname));
}

static bool
put_i(const struct session *s, struct buf *out)
{
	return s->mail != NULL && text(out, span_str(s->mail->qid));
}

/* As Postfix writes it. */
static bool
put_client(const struct session *s, struct buf *out)
{
	const char *reverse =
	    s->client.reverse == NULL ? "unknown" : s->client.reverse;

	buf_printf(out, "%s [%s]", reverse, s->client.addr);
	if (!span_iis(span_str(reverse), s->client.name))
		buf_add_str(out, " (may be forged)");
	return true;
}

static bool
put_daemon_addr(const struct session *s, struct buf *out)
{
	return text(out, span_str(s->client.server_addr));
}

static bool
put_daemon_port(const struct session *s, struct buf *out)
{
	buf_printf(out, "%u", s->client.server_port);
	return true;
}

static bool
put_client_addr(const struct session *s, struct buf *out)
{
	return text(out, span_str(s->client.addr));
}

static bool
put_client_name(const struct session *s, struct buf *out)
{
	return text(out, span_str(s->client.name));
}

static bool
put_client_port(const struct session *s, struct buf *out)
{
	buf_printf(out, "%u", s->client.port);
	return true;
}

static bool
put_client_ptr(const struct session *s, struct buf *out)
{
	return text(out,
	    s->client.reverse == NULL ? SPAN("unknown")
				      : span_str(s->client.reverse));
}

static bool
put_client_resolve(const struct session *s, struct buf *out)
{
	if (!span_is(span_str(s->client.name), "unknown"))
		buf_add_str(out, "OK");
	else
		buf_add_str(out, s->client.reverse == NULL ? "FAIL" : "FORGED");
	return true;
}

static bool
put_client_connections(const struct session *s, struct buf *out)
{
	buf_printf(out, "%u", limits_open(s->counted));
	return true;
}

/* "TLSv1.3 with cipher X (256/256 bits)": word number n of it. */
static bool
tls_word(const struct session *s, unsigned n, struct buf *out)
{
	struct buf info = BUF_EMPTY;
	struct span rest, word = { NULL, 0 };
	bool good = session_is_tls(s);

	if (good)
		tls_stream_info(conn_stream(s->conn), &info);
	rest = buf_span(&info);
	for (unsigned i = 0; good && i <= n; i++)
		good = span_word(&rest, " (/)", &word);
	if (good)
		buf_add_span(out, word);
	buf_free(&info);
	return good;
}

static bool
put_tls_version(const struct session *s, struct buf *out)
{
	return tls_word(s, 0, out);
}

static bool
put_cipher(const struct session *s, struct buf *out)
{
	return tls_word(s, 3, out);
}

static bool
put_cipher_bits(const struct session *s, struct buf *out)
{
	return tls_word(s, 4, out);
}

/* Of a certificate that somebody vouches for. */
static bool
put_cert_subject(const struct session *s, struct buf *out)
{
	return s->peer != NULL && s->peer->trusted &&
	    text(out, buf_span(&s->peer->subject));
}

static bool
put_cert_issuer(const struct session *s, struct buf *out)
{
	return s->peer != NULL && s->peer->trusted &&
	    text(out, buf_span(&s->peer->issuer));
}

static bool
put_auth_type(const struct session *s, struct buf *out)
{
	return text(out, span_str(s->sasl_method));
}

static bool
put_auth_authen(const struct session *s, struct buf *out)
{
	return text(out, span_str(s->sasl_username));
}

static bool
put_auth_author(const struct session *s, struct buf *out)
{
	return s->mail != NULL && text(out, s->mail->auth);
}

static struct span
host_of(struct span address)
{
	struct span local, domain;

	return address_split(address, &local, &domain) ? domain : SPAN("");
}

static bool
put_mail_addr(const struct session *s, struct buf *out)
{
	return s->mail != NULL && text(out, s->mail->sender);
}

static bool
host_put(const struct milter_route *r, struct span address, struct buf *out)
{
	return text(out, r->nexthop.n > 0 ? r->nexthop : host_of(address));
}

static bool
put_mail_host(const struct session *s, struct buf *out)
{
	return s->mail != NULL &&
	    host_put(&s->mail->sender_route, s->mail->sender, out);
}

static bool
put_mail_mailer(const struct session *s, struct buf *out)
{
	return s->mail != NULL && text(out, s->mail->sender_route.transport);
}

static bool
put_rcpt_addr(const struct session *s, struct buf *out)
{
	return s->mail != NULL && text(out, s->mail->rcpt);
}

static bool
put_rcpt_host(const struct session *s, struct buf *out)
{
	return s->mail != NULL &&
	    host_put(&s->mail->rcpt_route, s->mail->rcpt, out);
}

static bool
put_rcpt_mailer(const struct session *s, struct buf *out)
{
	return s->mail != NULL && text(out, s->mail->rcpt_route.transport);
}

static const struct {
	const char *name;
	macro_fn *put;
} macros[] = {
	{ "j", put_j },
	{ "i", put_i },
	{ "_", put_client },
	{ "daemon_addr", put_daemon_addr },
	{ "daemon_port", put_daemon_port },
	{ "client_addr", put_client_addr },
	{ "client_name", put_client_name },
	{ "client_port", put_client_port },
	{ "client_ptr", put_client_ptr },
	{ "client_resolve", put_client_resolve },
	{ "client_connections", put_client_connections },
	{ "tls_version", put_tls_version },
	{ "cipher", put_cipher },
	{ "cipher_bits", put_cipher_bits },
	{ "cert_subject", put_cert_subject },
	{ "cert_issuer", put_cert_issuer },
	{ "auth_type", put_auth_type },
	{ "auth_authen", put_auth_authen },
	{ "auth_author", put_auth_author },
	{ "mail_addr", put_mail_addr },
	{ "mail_host", put_mail_host },
	{ "mail_mailer", put_mail_mailer },
	{ "rcpt_addr", put_rcpt_addr },
	{ "rcpt_host", put_rcpt_host },
	{ "rcpt_mailer", put_rcpt_mailer },
};

bool
milter_macro(const struct session *s, struct span name, struct buf *out)
{
	if (span_starts(name, "{") && span_ends(name, "}"))
		name = span_skip(span_head(name, name.n - 1), 1);
	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
		if (span_is(name, macros[i].name))
			return macros[i].put(s, out);
	return false;
}
