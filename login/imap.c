/*
 * imap.c - IMAP before authentication (RFC 3501, 6.1 and 6.2)
 *
 * CAPABILITY, NOOP, ID, LOGOUT, STARTTLS, LOGIN, AUTHENTICATE. What behind
 * LOGIN was pipelined is left in the buffer and goes over with the client.
 */

#include "base/log.h"
#include "base/secret.h"
#include "login/conf.h"
#include "login/imap_command.h"
#include "login/login.h"
#include "login/proxy.h"
#include "login/upstream.h"
#include "sasl/sasl_server.h"
#include "tls/conn.h"

static void
capability_put(struct session *s)
{
	const struct sasl_mechanism *m;
	size_t at = 0;

	conn_printf(s->conn, "IMAP4rev2 IMAP4rev1 SASL-IR LITERAL+ ID");
	if (session_offers_tls(s))
		conn_printf(s->conn, " STARTTLS");
	if (!session_may_login(s)) {
		conn_printf(s->conn, " LOGINDISABLED");
		return;
	}
	while ((m = sasl_next(s, &at)) != NULL)
		conn_printf(s->conn, " AUTH=%s", m->name);
}

static void
greet(struct session *s)
{
	conn_printf(s->conn, "* OK [CAPABILITY ");
	capability_put(s);
	conn_printf(s->conn, "] %s IMAP4rev1 ready\r\n", s->login->hello);
}

static void
tagged(struct session *s, const char *text)
{
	conn_write(s->conn, buf_span(&s->tag));
	conn_printf(s->conn, " %s\r\n", text);
}

static void
bye(struct session *s, const char *text)
{
	if (s->starting_tls)
		return;
	conn_printf(s->conn, "* BYE %s\r\n", text);
}

static void
refused(struct session *s, enum auth_verdict verdict)
{
	switch (verdict) {
	case AUTH_DENIED:
		tagged(s, "NO [AUTHENTICATIONFAILED] Login failed.");
		break;
	case AUTH_FORBIDDEN:
		tagged(s,
		    "NO [AUTHORIZATIONFAILED] You may not act for that user.");
		break;
	case AUTH_LIMIT:
		tagged(s, "NO [LIMIT] There are too many sessions already.");
		break;
	case AUTH_EXPIRED:
		tagged(s, "NO [EXPIRED] This account may not log in now.");
		break;
	case AUTH_TROUBLE:
	case AUTH_OK:
		tagged(s, "NO [UNAVAILABLE] Temporary authentication failure.");
		break;
	}
}

static void
challenge(struct session *s, struct span text)
{
	conn_printf(s->conn, "+ ");
	conn_write(s->conn, text);
	conn_printf(s->conn, "\r\n");
}

static void
broken_off(struct session *s, const char *text)
{
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "BAD AUTHENTICATE: %s", text);
	tagged(s, buf_str(&line));
	buf_free(&line);
}

static enum after
cmd_capability(struct session *s, struct span args)
{
	(void)args;
	conn_printf(s->conn, "* CAPABILITY ");
	capability_put(s);
	conn_printf(s->conn, "\r\n");
	tagged(s, "OK CAPABILITY completed");
	return GO_ON;
}

static enum after
cmd_noop(struct session *s, struct span args)
{
	(void)args;
	tagged(s, "OK NOOP completed");
	return GO_ON;
}

/* Whatever the client says of itself (RFC 2971) is not kept; but a host that
 * brings it may say who it is. */
static void
id_take(struct session *s, struct span args)
{
	struct buf value = BUF_EMPTY, port = BUF_EMPTY;

	if (command_id(args, "x-proxy-ttl", &value))
		upstream_hops(s, buf_span(&value));
	if (command_id(args, "x-originating-ip", &value)) {
		if (!command_id(args, "x-originating-port", &port))
			buf_add_byte(&port, '0');
		upstream_told(s, buf_span(&value), buf_span(&port));
	}
	buf_free(&value);
	buf_free(&port);
}

static enum after
cmd_id(struct session *s, struct span args)
{
	id_take(s, args);
	conn_printf(s->conn, "* ID (\"name\" \"Facteur\")\r\n");
	tagged(s, "OK ID completed");
	return GO_ON;
}

static enum after
cmd_logout(struct session *s, struct span args)
{
	(void)args;
	conn_printf(s->conn, "* BYE %s logging out\r\n", s->login->hello);
	tagged(s, "OK LOGOUT completed");
	conn_finish(&s->conn);
	session_free(&s);
	return GONE;
}

static enum after
cmd_starttls(struct session *s, struct span args)
{
	(void)args;
	if (s->tls) {
		tagged(s, "BAD TLS is active already");
		return GO_ON;
	}
	if (!session_offers_tls(s)) {
		tagged(s, "BAD TLS is not set up here");
		return GO_ON;
	}
	tagged(s, "OK Begin TLS negotiation now");
	session_starttls(s);
	return WAIT;
}

static enum after
cmd_login(struct session *s, struct span args)
{
	struct buf user = BUF_EMPTY, password = BUF_EMPTY;
	enum after after = GO_ON;

	if (!session_may_login(s)) {
		tagged(s,
		    "NO [PRIVACYREQUIRED] Passwords are taken under TLS only");
	} else if (!command_astring(&args, &user) ||
	    !command_astring(&args, &password) || !command_end(args) ||
	    password.n > SECRET_MAX) {
		tagged(s, "BAD LOGIN wants a user name and a password");
	} else {
		session_login(s, buf_span(&user), buf_span(&password), "LOGIN");
		after = WAIT;
	}
	buf_free(&user);
	buf_wipe(&password);
	return after;
}

static enum after
cmd_authenticate(struct session *s, struct span args)
{
	const struct sasl_mechanism *m;
	struct span name = SPAN("");
	bool has_initial;

	if (!command_word(&args, &name)) {
		tagged(s, "BAD AUTHENTICATE wants a mechanism");
		return GO_ON;
	}
	m = sasl_find(s, name);
	if (m == NULL) {
		tagged(s,
		    sasl_mechanism_find(name) != NULL && !session_may_login(s)
			? "NO [PRIVACYREQUIRED] Passwords are taken under TLS "
			  "only"
			: "NO [CANNOT] That mechanism is not offered");
		return GO_ON;
	}
	has_initial = span_at(args, 0) == ' ';
	return sasl_begin(
	    s, m, has_initial ? span_trim(args) : span_of(NULL, 0));
}

static const struct command {
	const char *name;
	enum after (*run)(struct session *s, struct span args);
	bool bare; /* takes no arguments */
} commands[] = {
	{ "CAPABILITY", cmd_capability, true },
	{ "NOOP", cmd_noop, true },
	{ "ID", cmd_id, false },
	{ "LOGOUT", cmd_logout, true },
	{ "STARTTLS", cmd_starttls, true },
	{ "LOGIN", cmd_login, false },
	{ "AUTHENTICATE", cmd_authenticate, false },
};

static const struct command *
find(struct span name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (span_iis(name, commands[i].name))
			return &commands[i];
	return NULL;
}

/* line: the whole command in memory of the caller's. */
static enum after
command(struct session *s, struct span line)
{
	struct span tag, name = SPAN("");
	const struct command *c;

	if (command_end(line)) /* left over by a client behind a literal */
		return GO_ON;
	buf_clear(&s->tag);
	if (!command_tag(&line, &tag) || !command_word(&line, &name)) {
		conn_printf(s->conn, "* BAD Want a tag and a command\r\n");
		return session_bad(s) ? GONE : GO_ON;
	}
	buf_add_span(&s->tag, tag);
	c = find(name);
	if (c == NULL || (c->bare && !command_end(line))) {
		tagged(s,
		    c == NULL ? "BAD Unknown command, or log in first"
			      : "BAD This command takes no arguments");
		return session_bad(s) ? GONE : GO_ON;
	}
	return c->run(s, line);
}

/* One command or one SASL response. The bytes leave the input before they are
 * looked at, since a handler may hand the rest over. */
static enum after
take_one(struct session *s, size_t n)
{
	struct buf line = BUF_EMPTY;
	enum after after;

	buf_add_span(&line, span_head(conn_input(s->conn), n));
	conn_take(s->conn, n);
	s->prompts = 0;
	if (s->sasl != NULL)
		after = sasl_line(s, span_trim_right(buf_span(&line)));
	else
		after = command(s, buf_span(&line));
	buf_wipe(&line);
	return after;
}

static void
input(struct session *s)
{
	while (conn_has_room(s->conn)) {
		struct span in = conn_input(s->conn);
		unsigned prompts = 0;
		size_t n = 0;
		enum imap_scan got = IMAP_WHOLE;

		if (s->sasl != NULL) {
			n = span_find(in, '\n') + 1;
			if (n > in.n)
				got = in.n > SASL_RESPONSE_MAX ? IMAP_TOO_LONG
							       : IMAP_MORE;
		} else {
			got = imap_scan(in, &n, &prompts);
		}
		if (got == IMAP_TOO_LONG) {
			session_end(s, "Command line is too long");
			return;
		}
		if (got == IMAP_LITERAL && prompts > s->prompts) {
			s->prompts = prompts;
			conn_printf(s->conn, "+ Ready for literal\r\n");
		}
		if (got != IMAP_WHOLE || take_one(s, n) != GO_ON)
			return;
	}
}

const struct protocol protocol_imap = { .name = "imap",
	.label = "IMAP",
	.speaker = &proxy_imap,
	.autologout = "* BYE Autologout; idle for too long\r\n",
	.greet = greet,
	.input = input,
	.challenge = challenge,
	.broken_off = broken_off,
	.refused = refused,
	.bye = bye };
