/*
 * sasl.c - AUTHENTICATE of IMAP, AUTH of POP3 (RFC 5034)
 *
 * The mechanism takes the client's lines; auth makes SCRAM's challenges, judges
 * its proofs, and hears a second time of one that was good when the session is
 * to begin: behind the server's last word stands an answer of the client's.
 */

#include "calls/auth_call.h"
#include "calls/offers.h"
#include "ipc/packet.h"
#include "login/conf.h"
#include "login/login.h"
#include "sasl/sasl_server.h"
#include "tls/conn.h"
#include "tls/tls_binding.h"

/* Without TLS nobody logs in from afar, by whatever means: the mail itself
 * would be in clear. */
static bool
may_use(const struct session *s, const struct sasl_mechanism *m)
{
	if (!session_may_login(s))
		return false;
	if ((m->flags & SASL_SCRAM) != 0 && !offers_scram(s->login->offers))
		return false;
	if ((m->flags & SASL_EXTERNAL) != 0 &&
	    (s->certificate == NULL ||
		s->login->conf->login_clientcerts[0] == '\0'))
		return false;
	if ((m->flags & SASL_TOKEN) != 0 &&
	    s->login->conf->auth_oauth_server[0] == '\0')
		return false;
	return (m->flags & SASL_BINDS) == 0 || s->tls;
}

const struct sasl_mechanism *
sasl_next(const struct session *s, size_t *at)
{
	const struct sasl_mechanism *m;

	while ((m = sasl_mechanism_next(at)) != NULL)
		if (may_use(s, m))
			return m;
	return NULL;
}

const struct sasl_mechanism *
sasl_find(const struct session *s, struct span name)
{
	const struct sasl_mechanism *m = sasl_mechanism_find(name);

	return m != NULL && may_use(s, m) ? m : NULL;
}

static bool
binding_is(void *arg, struct span type, struct span data)
{
	const struct session *s = arg;

	return tls_binding_is(conn_stream(s->conn), type, data);
}

static enum after
outcome(struct session *s, enum sasl_outcome got, struct buf *challenge);

/* From the loop: what the session does next. */
static void
go_on(struct session *s, enum after after)
{
	if (after == GO_ON)
		session_resume(s);
}

static enum after
over(struct session *s, const char *text)
{
	sasl_server_free(&s->sasl);
	s->protocol->broken_off(s, text);
	return session_bad(s) ? GONE : GO_ON;
}

static enum after
denied(struct session *s, const struct auth_user *u)
{
	sasl_server_free(&s->sasl);
	return session_refused(s, u) ? GO_ON : GONE;
}

static void
challenged(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	struct auth_challenge c = { .verdict = AUTH_TROUBLE };
	struct buf challenge = BUF_EMPTY;
	enum after after;

	session_answered(s);
	if (in != NULL && auth_challenge_get(in, &c) && c.verdict == AUTH_OK &&
	    sasl_server_told(s->sasl, c.server_first, c.seal, &challenge))
		after = outcome(s, SASL_CONTINUE, &challenge);
	else
		after = denied(s, NULL);
	buf_free(&challenge);
	go_on(s, after);
}

static enum after
challenge_ask(struct session *s)
{
	struct sasl_question q = sasl_server_question(s->sasl);
	struct packet_out o = { .fd_count = 0 };
	struct auth_scram_ask ask = { .service = span_str(s->protocol->name),
		.user = q.user,
		.nonce = q.nonce,
		.client_addr = buf_span(&s->peer_text) };

	auth_scram_put(&o, &ask);
	session_ask(s, &o, challenged);
	packet_done(&o);
	return WAIT;
}

static void
proved(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	struct auth_user u = { .verdict = AUTH_TROUBLE };
	struct buf challenge = BUF_EMPTY;
	enum after after;

	session_answered(s);
	if (in == NULL || !auth_user_get(in, &u))
		after = denied(s, NULL);
	else if (u.verdict != AUTH_OK)
		after = denied(s, &u);
	else
		after = outcome(s,
		    sasl_server_accepted(s->sasl, u.signature, &challenge),
		    &challenge);
	buf_free(&challenge);
	go_on(s, after);
}

/* SCRAM has a last word before the session begins; others begin it. */
static enum after
check(struct session *s, bool last)
{
	struct sasl_credentials c = sasl_server_credentials(s->sasl);
	const struct sasl_mechanism *m = sasl_server_mechanism(s->sasl);
	struct packet_out o = { .fd_count = 0 };
	struct auth_check request;

	if (last || (m->flags & SASL_SCRAM) == 0) {
		session_login_sasl(s, &c, m);
		if ((m->flags & SASL_TOKEN) == 0)
			sasl_server_free(&s->sasl);
		return WAIT;
	}
	request = session_check(s, &c, m);
	auth_check_put(&o, &request);
	session_ask(s, &o, proved);
	packet_done(&o);
	return WAIT;
}

static enum after
outcome(struct session *s, enum sasl_outcome got, struct buf *challenge)
{
	struct auth_user u = { .verdict = AUTH_DENIED };

	switch (got) {
	case SASL_CONTINUE:
		s->protocol->challenge(s, buf_span(challenge));
		return GO_ON;
	case SASL_ASK:
		return challenge_ask(s);
	case SASL_CHECK:
		return check(s, false);
	case SASL_DONE:
		return check(s, true);
	case SASL_DENIED:
		sasl_server_free(&s->sasl);
		return session_refuse(s, AUTH_DENIED) ? GO_ON : GONE;
	case SASL_REFUSED:
		session_user_set(s, sasl_server_credentials(s->sasl).user);
		u.text = span_str(sasl_server_reason(s->sasl));
		return denied(s, &u);
	case SASL_CANCELLED:
		return over(s, "cancelled");
	case SASL_MALFORMED:
	case SASL_TOO_LONG:
		break;
	}
	return over(s, "ill-formed response");
}

bool
sasl_rejected(struct session *s, const struct auth_user *u)
{
	struct buf challenge = BUF_EMPTY;
	bool told = s->sasl != NULL && u->verdict == AUTH_DENIED &&
	    sasl_server_rejected(s->sasl, u->signature, &challenge) ==
		SASL_CONTINUE;

	if (told)
		s->protocol->challenge(s, buf_span(&challenge));
	else
		sasl_server_free(&s->sasl);
	buf_free(&challenge);
	return told;
}

enum after
sasl_begin(
    struct session *s, const struct sasl_mechanism *m, struct span initial)
{
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome got = SASL_CONTINUE;
	enum after after;

	s->sasl = sasl_server_new(m);
	if (s->tls && sasl_find(s, SPAN("SCRAM-SHA-256-PLUS")) != NULL)
		sasl_server_binding(s->sasl, binding_is, s);
	if (initial.p != NULL)
		got = sasl_server_line(s->sasl, initial, &challenge);
	else
		sasl_server_begin(s->sasl, &challenge);
	after = outcome(s, got, &challenge);
	buf_wipe(&challenge);
	return after;
}

enum after
sasl_line(struct session *s, struct span line)
{
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome got = sasl_server_line(s->sasl, line, &challenge);
	enum after after = outcome(s, got, &challenge);

	buf_wipe(&challenge);
	return after;
}
