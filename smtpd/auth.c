/*
 * auth.c - AUTH (RFC 4954)
 *
 * The mechanism takes the client's lines, auth says whether the password (or
 * SCRAM's proof of it) is right, and when to say no. A password crosses the
 * line only under TLS, or where there is no line: from this machine.
 */

#include <stdlib.h>

#include "base/base64.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "calls/auth_call.h"
#include "calls/offers.h"
#include "config/param.h"
#include "sasl/sasl_server.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "tls/tls_binding.h"
#include "tls/tls_peer.h"
#include "wire/smtp_command.h"

enum { CHECK_BYTES = 8192, TOKEN_BYTES = 16384 };

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

/* smtpd_sasl_security_options, and its kin for TLS. */
static bool
is_barred(const struct session *s, const struct sasl_mechanism *m)
{
	unsigned barred = session_is_tls(s) ? s->smtpd->sasl_tls_barred
					    : s->smtpd->sasl_barred;

	return (m->flags & barred) != 0;
}

/* What it stands on is there. */
static bool
can_work(const struct session *s, const struct sasl_mechanism *m)
{
	if ((m->flags & SASL_SCRAM) != 0 && !offers_scram(s->smtpd->offers))
		return false;
	if ((m->flags & SASL_EXTERNAL) != 0 &&
	    (s->peer == NULL || s->smtpd->conf->login_clientcerts[0] == '\0'))
		return false;
	if ((m->flags & SASL_TOKEN) != 0 &&
	    s->smtpd->conf->auth_oauth_server[0] == '\0')
		return false;
	return (m->flags & SASL_BINDS) == 0 || session_is_tls(s);
}

/* A password in clear wants privacy; nothing else may come without TLS either
 * where smtpd_tls_auth_only says so. */
static bool
needs_tls(const struct session *s, const struct sasl_mechanism *m)
{
	if ((m->flags & SASL_PLAINTEXT) != 0)
		return !is_private(s);
	return s->smtpd->conf->smtpd_tls_auth_only && !session_is_tls(s);
}

static bool
may_use(const struct session *s, const struct sasl_mechanism *m)
{
	return !needs_tls(s, m) && !is_barred(s, m) &&
	    let_through(s, m->name) && can_work(s, m);
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

	metric_count(METRIC_LOGINS_FAILED);
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
	mem_free(&s->sasl_proved);
	sasl_server_free(&s->sasl);
}

static void
accepted(struct session *s)
{
	s->sasl_method = mem_str(sasl_server_mechanism(s->sasl)->name);
	s->sasl_username = s->sasl_proved;
	metric_count(METRIC_LOGINS_OK);
	s->sasl_proved = NULL;
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
outcome(struct session *s, enum sasl_outcome got, const struct buf *challenge);

/* auth says yes; the mechanism may have a last word. */
static void
proved(struct session *s, const struct auth_user *u)
{
	struct buf challenge = BUF_EMPTY;

	s->sasl_proved = mem_span(u->user);
	outcome(s, sasl_server_accepted(s->sasl, u->signature, &challenge),
	    &challenge);
	buf_free(&challenge);
}

/* The mechanism may have something to tell about it. */
static void
denied(struct session *s, const struct auth_user *u)
{
	struct buf challenge = BUF_EMPTY;

	failed_log(s, u->text);
	outcome(s, sasl_server_rejected(s->sasl, u->signature, &challenge),
	    &challenge);
	buf_free(&challenge);
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
		proved(s, &u);
		return;
	case AUTH_DENIED:
		denied(s, &u);
		return;
	case AUTH_EXPIRED:
		refused(s, u.text, REPLY_AUTH_EXPIRED);
		return;
	case AUTH_FORBIDDEN:
		refused(s, u.text, REPLY_AUTH_FAILED);
		return;
	case AUTH_TROUBLE:
	case AUTH_LIMIT: /* of sessions, which are none here */
		not_checked(s);
		return;
	}
}

/* A name without a domain is one of smtpd_sasl_local_domain. */
static void
name_whole(const struct session *s, struct span user, struct buf *out)
{
	const char *domain = s->smtpd->conf->smtpd_sasl_local_domain;

	buf_add_span(out, user);
	if (user.n > 0 && domain[0] != '\0' && span_find(user, '@') == user.n)
		buf_printf(out, "@%s", domain);
}

static void
certificate_take(const struct session *s, struct auth_check *request)
{
	const struct tls_peer *peer = s->peer;

	request->proof = PROOF_EXTERNAL;
	if (peer == NULL)
		return;
	request->certificate.fingerprint = buf_span(&peer->fingerprint);
	request->certificate.key_fingerprint = buf_span(&peer->key_fingerprint);
	if (peer->trusted)
		request->certificate.subject = buf_span(&peer->subject);
}

static void
check(struct session *s)
{
	struct sasl_credentials c = sasl_server_credentials(s->sasl);
	const struct sasl_mechanism *m = sasl_server_mechanism(s->sasl);
	struct packet_out o = { .fd_count = 0 };
	struct buf user = BUF_EMPTY, authzid = BUF_EMPTY;
	struct auth_check request = {
		.service = SPAN("smtp"),
		.proof = PROOF_PASSWORD,
		.mechanism = span_str(m->name),
		.secret = c.password,
		.client_addr = span_str(s->client.addr),
		.client_port = s->client.port,
		.tls = session_is_tls(s),
	};

	name_whole(s, c.user, &user);
	name_whole(s, c.authzid, &authzid);
	request.user = buf_span(&user);
	request.authzid = buf_span(&authzid);
	if ((m->flags & SASL_TOKEN) != 0) {
		request.proof = PROOF_TOKEN;
	} else if ((m->flags & SASL_SCRAM) != 0) {
		request.proof = PROOF_SCRAM;
		request.secret = c.proof;
		request.scram = (struct auth_scram){ c.client_first,
			c.server_first, c.client_final, c.seal };
	} else if ((m->flags & SASL_EXTERNAL) != 0) {
		request.authzid = c.authzid;
		certificate_take(s, &request);
	}
	/* room at once: no copies of the secret are left behind as it grows */
	buf_room(
	    &o.bytes, request.proof == PROOF_TOKEN ? TOKEN_BYTES : CHECK_BYTES);
	auth_check_put(&o, &request);
	session_ask(s, s->smtpd->auth, &o, checked);
	packet_done(&o);
	buf_free(&user);
	buf_free(&authzid);
}

static void
challenged(struct session *s, struct packet_in *in)
{
	struct auth_challenge c = { .verdict = AUTH_TROUBLE };
	struct buf challenge = BUF_EMPTY;

	if (in != NULL && auth_challenge_get(in, &c) && c.verdict == AUTH_OK &&
	    sasl_server_told(s->sasl, c.server_first, c.seal, &challenge))
		outcome(s, SASL_CONTINUE, &challenge);
	else
		not_checked(s);
	buf_free(&challenge);
}

static void
challenge_ask(struct session *s)
{
	struct sasl_question q = sasl_server_question(s->sasl);
	struct packet_out o = { .fd_count = 0 };
	struct buf user = BUF_EMPTY;
	struct auth_scram_ask ask = { .service = SPAN("smtp"),
		.nonce = q.nonce,
		.client_addr = span_str(s->client.addr) };

	name_whole(s, q.user, &user);
	ask.user = buf_span(&user);
	auth_scram_put(&o, &ask);
	session_ask(s, s->smtpd->auth, &o, challenged);
	packet_done(&o);
	buf_free(&user);
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
	case SASL_ASK:
		s->reading = READ_COMMAND;
		challenge_ask(s);
		return;
	case SASL_CHECK:
		s->reading = READ_COMMAND;
		check(s);
		return;
	case SASL_DONE:
		accepted(s);
		return;
	case SASL_DENIED:
		exchange_end(s);
		reply(s, REPLY_AUTH_FAILED);
		return;
	case SASL_REFUSED:
		refused(s, span_str(sasl_server_reason(s->sasl)),
		    REPLY_AUTH_FAILED);
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
	else if (!client_may(s, LIMIT_AUTH))
		reply_with(s, REPLY_TOO_MUCH_AUTH, span_str(s->client.addr));
	else
		return false;
	return true;
}

static bool
binding_is(void *arg, struct span type, struct span data)
{
	const struct session *s = arg;

	return tls_binding_is(conn_stream(s->conn), type, data);
}

/* SCRAM was offered in its form that is bound to TLS. */
static bool
offered_binding(const struct session *s)
{
	const struct sasl_mechanism *m;
	size_t at = 0;

	while ((m = sasl_mechanism_next(&at)) != NULL)
		if ((m->flags & SASL_BINDS) != 0 && may_use(s, m))
			return true;
	return false;
}

void
cmd_auth(struct session *s, const struct smtp_command *c)
{
	const struct sasl_mechanism *m = sasl_mechanism_find(c->mechanism);

	if (out_of_place(s))
		return;
	if (m == NULL || !let_through(s, m->name) || !can_work(s, m)) {
		reply(s, REPLY_AUTH_MECHANISM);
		return;
	}
	if (is_barred(s, m)) {
		reply(s, REPLY_AUTH_WEAK);
		return;
	}
	if (needs_tls(s, m)) {
		reply(s, REPLY_AUTH_NEEDS_TLS);
		return;
	}
	s->sasl = sasl_server_new(m);
	if (offered_binding(s))
		sasl_server_binding(s->sasl, binding_is, s);
	if (c->has_initial)
		auth_line(s, c->initial);
	else
		begin(s);
}
