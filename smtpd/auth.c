/*
 * auth.c - AUTH (RFC 4954)
 *
 * The mechanism takes the client's lines, auth says whether the password is
 * right, and when to say no. A password crosses the line only under TLS, or
 * where there is no line: from this machine.
 */

#include "base/base64.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/auth_call.h"
#include "config/param.h"
#include "os/clock.h"
#include "sasl/sasl_server.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/limits.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/smtp_command.h"

enum { CHECK_BYTES = 8192 };

/* smtpd_sasl_mechanism_filter: the first item that fits decides. */
static bool
let_through(const struct session *s, const char *name)
{
	struct span rest =
	    span_str(s->smtpd->conf->smtpd_sasl_mechanism_filter);
	struct span item;

	while (param_list_next(&rest, &item)) {
		bool no = span_starts(item, "!");

		item = span_skip(item, no ? 1 : 0);
		if (span_iis(item, name) || span_istarts(item, "static:"))
			return !no;
	}
	return false;
}

static bool
is_private(const struct session *s)
{
	return session_is_tls(s) ||
	    (s->client.loopback && !s->smtpd->conf->smtpd_tls_auth_only);
}

static bool
may_use(const struct session *s, const struct sasl_mechanism *m)
{
	return ((m->flags & SASL_PLAINTEXT) == 0 || is_private(s)) &&
	    let_through(s, m->name);
}

void
auth_mechanisms(const struct session *s, struct buf *out)
{
	const struct sasl_mechanism *m;
	size_t at = 0;

	if (!s->smtpd->conf->smtpd_sasl_auth_enable)
		return;
	while ((m = sasl_mechanism_next(&at)) != NULL)
		if (may_use(s, m))
			buf_printf(out, " %s", m->name);
}

static void
failed_log(const struct session *s, struct span reason)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, reason, 200);
	log_warning("%s: SASL %s authentication failed: %s", s->client.label,
	    sasl_server_mechanism(s->sasl)->name,
	    text.n > 0 ? buf_str(&text) : "authentication failure");
	buf_free(&text);
}

static void
exchange_end(struct session *s)
{
	s->reading = READ_COMMAND;
	sasl_server_free(&s->sasl);
}

static void
accepted(struct session *s, struct span user)
{
	s->sasl_method = mem_str(sasl_server_mechanism(s->sasl)->name);
	s->sasl_username = mem_span(user);
	exchange_end(s);
	reply(s, REPLY_AUTH_OK);
}

static void
refused(struct session *s, struct span reason, enum reply which)
{
	failed_log(s, reason);
	exchange_end(s);
	reply(s, which);
}

/* Our own trouble, in the words that log readers do not take for a guess at a
 * password: nobody is to be locked out for it. */
static void
not_checked(struct session *s)
{
	refused(s, SPAN("Connection lost to authentication server"),
	    REPLY_AUTH_TROUBLE);
}

static void
checked(struct session *s, struct packet_in *in)
{
	struct auth_user u;

	if (in == NULL || !auth_user_get(in, &u) ||
	    (u.verdict == AUTH_OK && u.user.n == 0)) {
		not_checked(s);
		return;
	}
	switch (u.verdict) {
	case AUTH_OK:
		accepted(s, u.user);
		return;
	case AUTH_DENIED:
	case AUTH_EXPIRED:
		refused(s, u.text, REPLY_AUTH_FAILED);
		return;
	case AUTH_TROUBLE:
		not_checked(s);
		return;
	}
}

static void
check(struct session *s)
{
	struct sasl_credentials c = sasl_server_credentials(s->sasl);
	struct packet_out o = { .fd_count = 0 };
	struct auth_check request = {
		.service = SPAN("smtp"),
		.proof = PROOF_PASSWORD,
		.mechanism = span_str(sasl_server_mechanism(s->sasl)->name),
		.user = c.user,
		.authzid = c.authzid,
		.secret = c.password,
		.client_addr = span_str(s->client.addr),
		.client_port = s->client.port,
		.tls = session_is_tls(s),
	};

	/* room at once: no copies of the secret are left behind as it grows */
	buf_room(&o.bytes, CHECK_BYTES);
	auth_check_put(&o, &request);
	session_ask(s, s->smtpd->auth, &o, checked);
	packet_done(&o);
}

/* What the mechanism said to a line, or to the beginning. */
static void
outcome(struct session *s, enum sasl_outcome got, const struct buf *challenge)
{
	static const enum reply replies[] = {
		[SASL_CANCELLED] = REPLY_AUTH_CANCELLED,
		[SASL_MALFORMED] = REPLY_AUTH_MALFORMED,
		[SASL_TOO_LONG] = REPLY_AUTH_TOO_LONG,
	};

	switch (got) {
	case SASL_CONTINUE:
		reply_say(s, REPLY_CHALLENGE, buf_span(challenge));
		s->reading = READ_AUTH;
		s->busy = false;
		return;
	case SASL_CHECK:
		s->reading = READ_COMMAND;
		check(s);
		return;
	case SASL_CANCELLED:
	case SASL_MALFORMED:
	case SASL_TOO_LONG:
		exchange_end(s);
		reply(s, replies[got]);
		return;
	}
}

void
auth_line(struct session *s, struct span line)
{
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome got = SASL_TOO_LONG;

	if (line.p != NULL)
		got = sasl_server_line(s->sasl, line, &challenge);
	outcome(s, got, &challenge);
	buf_free(&challenge);
}

/* Base64 of the first challenge, for clients that sent no initial response. */
static void
begin(struct session *s)
{
	struct buf plain = BUF_EMPTY, challenge = BUF_EMPTY;

	sasl_server_begin(s->sasl, &plain);
	base64_encode(&challenge, buf_span(&plain));
	outcome(s, SASL_CONTINUE, &challenge);
	buf_free(&plain);
	buf_free(&challenge);
}

static bool
out_of_place(struct session *s)
{
	if (!s->smtpd->conf->smtpd_sasl_auth_enable || s->client.auth_hidden)
		reply(s, REPLY_AUTH_OFF);
	else if (!s->esmtp || s->helo == NULL)
		reply(s, REPLY_NEED_HELLO);
	else if (s->sasl_username != NULL)
		reply(s, REPLY_AUTH_TWICE);
	else if (s->mail != NULL)
		reply(s, REPLY_IN_MAIL);
	else if (!limits_count(s->counted, LIMIT_AUTH, clock_ms()) &&
	    !s->client.unlimited)
		reply_with(s, REPLY_TOO_MUCH_AUTH, span_str(s->client.addr));
	else
		return false;
	return true;
}

void
cmd_auth(struct session *s, const struct smtp_command *c)
{
	const struct sasl_mechanism *m = sasl_mechanism_find(c->mechanism);

	if (out_of_place(s))
		return;
	if (m == NULL || !let_through(s, m->name)) {
		reply(s, REPLY_AUTH_MECHANISM);
		return;
	}
	if (!may_use(s, m)) {
		reply(s, REPLY_AUTH_NEEDS_TLS);
		return;
	}
	s->sasl = sasl_server_new(m);
	if (c->has_initial)
		auth_line(s, c->initial);
	else
		begin(s);
}
