/*
 * pop3.c - POP3 before authentication (RFC 1939, 4; RFC 2449; RFC 2595; RFC
 * 5034)
 */

#include "base/log.h"
#include "base/secret.h"
#include "login/conf.h"
#include "login/login.h"
#include "login/proxy.h"
#include "login/upstream.h"
#include "sasl/sasl_server.h"
#include "tls/conn.h"
#include "wire/pop3_lang.h"
#include "wire/pop3_policy.h"

enum { LINE_MAX_BYTES = 512 };

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
	case AUTH_FORBIDDEN:
		line(s, "-ERR [AUTH] Login failed.");
		break;
	case AUTH_EXPIRED: /* a new password would not help (RFC 3206) */
		line(s, "-ERR [SYS/PERM] This account may not log in now.");
		break;
	case AUTH_LIMIT:
		line(s, "-ERR [IN-USE] There are too many sessions already.");
		break;
	case AUTH_TROUBLE:
	case AUTH_OK:
		line(s, "-ERR [SYS/TEMP] Temporary authentication failure.");
		break;
	}
}

static enum after
cmd_xclient(struct session *s, struct span arg)
{
	if (!upstream_xclient(s)) {
		line(s, "-ERR You are not one of login_trusted_networks");
		return session_bad(s) ? GONE : GO_ON;
	}
	upstream_xclient_take(s, arg);
	line(s, "+OK Noted.");
	return GO_ON;
}

static enum after
cmd_capa(struct session *s, struct span arg)
{
	const struct sasl_mechanism *m;
	struct buf out = BUF_EMPTY;
	size_t at = 0;

	(void)arg;
	line(s, "+OK Capability list follows");
	pop3_capa(&out, s->login->conf->expire_days,
	    s->login->conf->pop3_login_delay);
	conn_write(s->conn, buf_span(&out));
	buf_free(&out);
	if (session_offers_tls(s))
		line(s, "STLS");
	if (upstream_xclient(s))
		line(s, "XCLIENT");
	if (session_may_login(s)) {
		conn_printf(s->conn, "USER\r\nSASL");
		while ((m = sasl_next(s, &at)) != NULL)
			conn_printf(s->conn, " %s", m->name);
		line(s, "");
	}
	line(s, "IMPLEMENTATION Facteur\r\n.");
	return GO_ON;
}

/* Messages are sent as they are in either mode (docs/VIOLATIONS.md), so there
 * is nothing to switch (RFC 6856, 2.1). */
static enum after
cmd_utf8(struct session *s, struct span arg)
{
	(void)arg;
	line(s, "+OK UTF-8 it is");
	return GO_ON;
}

static enum after
cmd_lang(struct session *s, struct span arg)
{
	struct buf out = BUF_EMPTY;

	pop3_lang(span_trim(arg), &out);
	conn_write(s->conn, buf_span(&out));
	buf_free(&out);
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
	line(s, "-ERR Passwords are taken under TLS only");
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
	session_login(s, buf_span(&user), arg, "USER");
	buf_free(&user);
	return WAIT;
}

static void
challenge(struct session *s, struct span text)
{
	conn_printf(s->conn, "+ ");
	conn_write(s->conn, text);
	line(s, "");
}

static void
broken_off(struct session *s, const char *text)
{
	conn_printf(s->conn, "-ERR AUTH: %s\r\n", text);
}

/* What clients older than CAPA ask for by AUTH alone. */
static enum after
list_mechanisms(struct session *s)
{
	const struct sasl_mechanism *m;
	size_t at = 0;

	line(s, "+OK Mechanisms follow");
	while ((m = sasl_next(s, &at)) != NULL)
		line(s, m->name);
	line(s, ".");
	return GO_ON;
}

static enum after
cmd_auth(struct session *s, struct span arg)
{
	struct span name = SPAN("");
	const struct sasl_mechanism *m;

	if (refuse_plain(s))
		return GO_ON;
	if (span_trim(arg).n == 0)
		return list_mechanisms(s);
	m = span_word(&arg, " ", &name) ? sasl_find(s, name) : NULL;
	if (m == NULL) {
		line(s, "-ERR That mechanism is not offered");
		return GO_ON;
	}
	arg = span_trim(arg);
	return sasl_begin(s, m, arg.n > 0 ? arg : span_of(NULL, 0));
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
	{ "UTF8", cmd_utf8, true },
	{ "LANG", cmd_lang, false },
	{ "XCLIENT", cmd_xclient, false },
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
	struct buf text = BUF_EMPTY;
	struct span rest;
	enum after after;

	buf_add_span(&text, span_head(conn_input(s->conn), n));
	conn_take(s->conn, n);
	rest = buf_span(&text);
	rest.n--;
	if (rest.n > 0 && rest.p[rest.n - 1] == '\r')
		rest.n--;
	if (s->sasl != NULL)
		after = sasl_line(s, rest);
	else
		after = command(s, rest);
	buf_wipe(&text);
	return after;
}

static void
input(struct session *s)
{
	while (conn_has_room(s->conn)) {
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

const struct protocol protocol_pop3 = { .name = "pop3",
	.label = "POP3",
	.speaker = &proxy_pop3,
	.autologout = "",
	.greet = greet,
	.input = input,
	.challenge = challenge,
	.broken_off = broken_off,
	.refused = refused,
	.bye = bye };
