/*
 * pop3.c - POP3 before authentication (RFC 1939, 4; RFC 2449; RFC 2595; RFC
 * 5034)
 */

#include "base/log.h"
#include "base/secret.h"
#include "login/conf.h"
#include "login/login.h"
#include "sasl/sasl_server.h"
#include "tls/conn.h"

enum { LINE_MAX_BYTES = 512 };

enum after { GO_ON, WAIT, GONE };

static void
line(struct session *s, const char *text)
{
	conn_printf(s->conn, "%s\r\n", text);
}

static void
greet(struct session *s)
{
	conn_printf(s->conn, "+OK %s POP3 ready\r\n", s->login->hello);
}

static void
bye(struct session *s, const char *text)
{
	if (!s->starting_tls)
		conn_printf(s->conn, "-ERR [SYS/TEMP] %s\r\n", text);
}

static void
refused(struct session *s, enum auth_verdict verdict)
{
	switch (verdict) {
	case AUTH_DENIED:
	case AUTH_EXPIRED:
		line(s, "-ERR [AUTH] Login failed.");
		break;
	case AUTH_TROUBLE:
	case AUTH_OK:
		line(s, "-ERR [SYS/TEMP] Temporary authentication failure.");
		break;
	}
}

static enum after
cmd_capa(struct session *s, struct span arg)
{
	const struct sasl_mechanism *m;
	size_t at = 0;

	(void)arg;
	line(s, "+OK Capability list follows");
	line(s,
	    "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
	    "EXPIRE NEVER");
	if (session_offers_tls(s))
		line(s, "STLS");
	if (session_may_login(s)) {
		conn_printf(s->conn, "USER\r\nSASL");
		while ((m = sasl_mechanism_next(&at)) != NULL)
			conn_printf(s->conn, " %s", m->name);
		line(s, "");
	}
	line(s, "IMPLEMENTATION Facteur\r\n.");
	return GO_ON;
}

static enum after
cmd_quit(struct session *s, struct span arg)
{
	(void)arg;
	line(s, "+OK Bye.");
	conn_finish(&s->conn);
	session_free(&s);
	return GONE;
}

static enum after
cmd_stls(struct session *s, struct span arg)
{
	(void)arg;
	if (!session_offers_tls(s)) {
		line(s,
		    s->tls ? "-ERR TLS is active already"
			   : "-ERR TLS is not set up here");
		return GO_ON;
	}
	line(s, "+OK Begin TLS negotiation");
	session_starttls(s);
	return WAIT;
}

static bool
refuse_plain(struct session *s)
{
	if (session_may_login(s))
		return false;
	line(s, "-ERR [AUTH] Passwords are taken under TLS only");
	return true;
}

static enum after
cmd_user(struct session *s, struct span arg)
{
	if (refuse_plain(s))
		return GO_ON;
	if (arg.n == 0) {
		line(s, "-ERR USER wants a name");
		return GO_ON;
	}
	buf_clear(&s->user);
	buf_add_span(&s->user, arg);
	line(s, "+OK Password required.");
	return GO_ON;
}

static enum after
cmd_pass(struct session *s, struct span arg)
{
	struct buf user = BUF_EMPTY;

	if (refuse_plain(s))
		return GO_ON;
	if (s->user.n == 0) {
		line(s, "-ERR USER first");
		return GO_ON;
	}
	buf_add_span(&user, buf_span(&s->user));
	buf_clear(&s->user); /* PASS follows USER, and once (RFC 1939, 7) */
	session_login(s, buf_span(&user), span_of("", 0),
	    arg.n == 0 ? SPAN("") : arg, "USER");
	buf_free(&user);
	return WAIT;
}

static enum after
sasl_step(struct session *s, enum sasl_outcome outcome, struct buf *challenge)
{
	struct sasl_credentials c;

	switch (outcome) {
	case SASL_CONTINUE:
		conn_printf(s->conn, "+ ");
		conn_write(s->conn, buf_span(challenge));
		line(s, "");
		return GO_ON;
	case SASL_CHECK:
		c = sasl_server_credentials(s->sasl);
		session_login(s, c.user, c.authzid,
		    c.password.n == 0 ? SPAN("") : c.password,
		    sasl_server_mechanism(s->sasl)->name);
		sasl_server_free(&s->sasl);
		return WAIT;
	case SASL_CANCELLED:
		line(s, "-ERR AUTH cancelled");
		break;
	case SASL_MALFORMED:
	case SASL_TOO_LONG:
		line(s, "-ERR ill-formed response");
		break;
	}
	sasl_server_free(&s->sasl);
	return GO_ON;
}

/* What clients older than CAPA ask for by AUTH alone. */
static enum after
list_mechanisms(struct session *s)
{
	const struct sasl_mechanism *m;
	size_t at = 0;

	line(s, "+OK Mechanisms follow");
	while ((m = sasl_mechanism_next(&at)) != NULL)
		line(s, m->name);
	line(s, ".");
	return GO_ON;
}

static enum after
cmd_auth(struct session *s, struct span arg)
{
	struct span name = SPAN("");
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome outcome = SASL_CONTINUE;
	const struct sasl_mechanism *m;
	enum after after;

	if (refuse_plain(s))
		return GO_ON;
	if (span_trim(arg).n == 0)
		return list_mechanisms(s);
	m = span_word(&arg, " ", &name) ? sasl_mechanism_find(name) : NULL;
	if (m == NULL) {
		line(s, "-ERR That mechanism is not offered");
		return GO_ON;
	}
	arg = span_trim(arg);
	s->sasl = sasl_server_new(m);
	if (arg.n > 0)
		outcome = sasl_server_line(s->sasl, arg, &challenge);
	else
		sasl_server_begin(s->sasl, &challenge);
	after = sasl_step(s, outcome, &challenge);
	buf_wipe(&challenge);
	return after;
}

static enum after
cmd_noop(struct session *s, struct span arg)
{
	(void)arg;
	line(s, "-ERR Log in first");
	return session_bad(s) ? GONE : GO_ON;
}

static const struct {
	const char *name;
	enum after (*run)(struct session *s, struct span arg);
	bool bare; /* takes no argument */
} commands[] = {
	{ "CAPA", cmd_capa, true },
	{ "QUIT", cmd_quit, true },
	{ "STLS", cmd_stls, true },
	{ "USER", cmd_user, false },
	{ "PASS", cmd_pass, false },
	{ "AUTH", cmd_auth, false },
	{ "NOOP", cmd_noop, true },
};

/* PASS takes the rest of its line, blanks and all (RFC 1939, 7). */
static enum after
command(struct session *s, struct span text)
{
	struct span name = span_head(text, span_find(text, ' '));
	struct span arg = span_skip(text, name.n + 1);
	size_t i = 0, n = sizeof(commands) / sizeof(commands[0]);

	while (i < n && !span_iis(name, commands[i].name))
		i++;
	if (i < n && span_find(text, '\0') == text.n &&
	    (!commands[i].bare || span_trim(arg).n == 0))
		return commands[i].run(s, arg);
	line(s,
	    i == n ? "-ERR Unknown command"
		   : "-ERR An argument that cannot be");
	return session_bad(s) ? GONE : GO_ON;
}

static enum after
take_one(struct session *s, size_t n)
{
	struct buf text = BUF_EMPTY, challenge = BUF_EMPTY;
	struct span rest;
	enum after after;

	buf_add_span(&text, span_head(conn_input(s->conn), n));
	conn_take(s->conn, n);
	rest = buf_span(&text);
	rest.n--;
	if (rest.n > 0 && rest.p[rest.n - 1] == '\r')
		rest.n--;
	if (s->sasl != NULL)
		after = sasl_step(
		    s, sasl_server_line(s->sasl, rest, &challenge), &challenge);
	else
		after = command(s, rest);
	buf_wipe(&text);
	buf_wipe(&challenge);
	return after;
}

static void
input(struct session *s)
{
	for (;;) {
		struct span in = conn_input(s->conn);
		size_t n = span_find(in, '\n') + 1;
		size_t most =
		    s->sasl != NULL ? SASL_RESPONSE_MAX : LINE_MAX_BYTES;

		if (n > in.n && in.n <= most)
			return;
		if (n > most) {
			session_end(s, "Command line is too long");
			return;
		}
		if (take_one(s, n) != GO_ON)
			return;
	}
}

const struct protocol protocol_pop3 = { "pop3", greet, input, refused, bye };
