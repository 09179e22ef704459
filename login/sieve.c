/*
 * sieve.c - ManageSieve before authentication (RFC 5804, 1.7 and 2)
 */

#include "base/arena.h"
#include "base/buf.h"
#include "login/conf.h"
#include "login/login.h"
#include "login/proxy.h"
#include "login/upstream.h"
#include "sasl/sasl_server.h"
#include "sieve/words.h"
#include "tls/conn.h"
#include "wire/managesieve.h"

static void
line(struct session *s, const char *text)
{
	conn_printf(s->conn, "%s\r\n", text);
}

static void
capabilities(struct session *s)
{
	const struct sasl_mechanism *m;
	size_t at = 0;
	const char *between = "";

	line(s, "\"IMPLEMENTATION\" \"Facteur\"");
	conn_printf(s->conn, "\"SASL\" \"");
	for (; (m = sasl_next(s, &at)) != NULL; between = " ")
		conn_printf(s->conn, "%s%s", between, m->name);
	line(s, "\"");
	conn_printf(s->conn, "\"SIEVE\" \"%s\"\r\n", sieve_extensions());
	if (session_offers_tls(s))
		line(s, "\"STARTTLS\"");
	conn_printf(s->conn, "\"MAXREDIRECTS\" \"%d\"\r\n",
	    s->login->conf->sieve_max_redirects);
	if (upstream_xclient(s))
		line(s, "\"XCLIENT\" \"ADDR PORT TTL\"");
	line(s, "\"VERSION\" \"1.0\"");
}

/* Also behind STARTTLS: what was said before cannot be trusted (RFC 5804,
 * 2.2). */
static void
greet(struct session *s)
{
	capabilities(s);
	conn_printf(
	    s->conn, "OK \"%s ManageSieve ready\"\r\n", s->login->hello);
}

static void
bye(struct session *s, const char *text)
{
	if (!s->starting_tls)
		conn_printf(s->conn, "BYE (TRYLATER) \"%s\"\r\n", text);
}

static void
refused(struct session *s, enum auth_verdict verdict)
{
	switch (verdict) {
	case AUTH_DENIED:
		line(s, "NO \"Login failed.\"");
		break;
	case AUTH_EXPIRED:
		line(s, "NO \"This account may not log in now.\"");
		break;
	case AUTH_FORBIDDEN:
		line(s, "NO \"You may not act for that user.\"");
		break;
	case AUTH_LIMIT:
		line(s,
		    "NO (TRYLATER) \"There are too many sessions already.\"");
		break;
	case AUTH_TROUBLE:
	case AUTH_OK:
		line(s, "NO (TRYLATER) \"Temporary authentication failure.\"");
		break;
	}
}

static void
challenge(struct session *s, struct span text)
{
	struct buf b = BUF_EMPTY;

	managesieve_string(&b, text);
	conn_write(s->conn, buf_span(&b));
	line(s, "");
	buf_free(&b);
}

static void
broken_off(struct session *s, const char *text)
{
	conn_printf(s->conn, "NO \"Authentication %s\"\r\n", text);
}

/* ---- commands */

static enum after
cmd_capability(struct session *s, const struct managesieve_command *c)
{
	(void)c;
	capabilities(s);
	line(s, "OK \"Capabilities\"");
	return GO_ON;
}

static enum after
cmd_logout(struct session *s, const struct managesieve_command *c)
{
	(void)c;
	line(s, "OK \"Bye.\"");
	conn_finish(&s->conn);
	session_free(&s);
	return GONE;
}

static enum after
cmd_noop(struct session *s, const struct managesieve_command *c)
{
	struct buf b = BUF_EMPTY;

	buf_add_str(&b, "OK ");
	if (c->count > 0) {
		buf_add_str(&b, "(TAG ");
		managesieve_string(&b, c->args[0].text);
		buf_add_str(&b, ") ");
	}
	buf_add_str(&b, "\"Done\"\r\n");
	conn_write(s->conn, buf_span(&b));
	buf_free(&b);
	return GO_ON;
}

static enum after
cmd_starttls(struct session *s, const struct managesieve_command *c)
{
	(void)c;
	if (!session_offers_tls(s)) {
		line(s,
		    s->tls ? "NO \"TLS is active already\""
			   : "NO \"TLS is not set up here\"");
		return GO_ON;
	}
	line(s, "OK \"Begin TLS negotiation\"");
	session_starttls(s);
	return WAIT;
}

static enum after
cmd_authenticate(struct session *s, const struct managesieve_command *c)
{
	const struct sasl_mechanism *m;

	if (!session_may_login(s)) {
		line(s,
		    "NO (ENCRYPT-NEEDED) \"Passwords are taken under TLS "
		    "only\"");
		return GO_ON;
	}
	m = sasl_find(s, c->args[0].text);
	if (m == NULL) {
		line(s, "NO \"That mechanism is not offered\"");
		return session_bad(s) ? GONE : GO_ON;
	}
	return sasl_begin(
	    s, m, c->count > 1 ? c->args[1].text : span_of(NULL, 0));
}

static enum after
cmd_later(struct session *s, const struct managesieve_command *c)
{
	(void)c;
	line(s, "NO \"Authenticate first\"");
	return session_bad(s) ? GONE : GO_ON;
}

static const struct {
	const char *verb;
	size_t least, most; /* strings */
	enum after (*run)(
	    struct session *s, const struct managesieve_command *c);
} commands[] = {
	{ "AUTHENTICATE", 1, 2, cmd_authenticate },
	{ "STARTTLS", 0, 0, cmd_starttls },
	{ "CAPABILITY", 0, 0, cmd_capability },
	{ "NOOP", 0, 1, cmd_noop },
	{ "LOGOUT", 0, 0, cmd_logout },
	{ "HAVESPACE", 2, 2, cmd_later },
	{ "PUTSCRIPT", 2, 2, cmd_later },
	{ "LISTSCRIPTS", 0, 0, cmd_later },
	{ "SETACTIVE", 1, 1, cmd_later },
	{ "GETSCRIPT", 1, 1, cmd_later },
	{ "DELETESCRIPT", 1, 1, cmd_later },
	{ "RENAMESCRIPT", 2, 2, cmd_later },
	{ "CHECKSCRIPT", 1, 1, cmd_later },
	{ "UNAUTHENTICATE", 0, 0, cmd_later },
};

static enum after
command(struct session *s, const struct managesieve_command *c)
{
	size_t i = 0, n = sizeof(commands) / sizeof(*commands);

	while (i < n && !span_iis(c->verb, commands[i].verb))
		i++;
	if (i < n && c->count >= commands[i].least &&
	    c->count <= commands[i].most)
		return commands[i].run(s, c);
	line(s,
	    i == n ? "NO \"Unknown command\""
		   : "NO \"Wrong number of arguments\"");
	return session_bad(s) ? GONE : GO_ON;
}

/* It has words that no other command has, as Dovecot's proxies say it. */
static enum after
xclient(struct session *s, struct span in)
{
	size_t n = span_find(in, '\n');
	struct buf words = BUF_EMPTY;

	if (n == in.n && n < MANAGESIEVE_LINE_MAX)
		return WAIT;
	if (n >= MANAGESIEVE_LINE_MAX) {
		session_end(s, "A command that is too long");
		return GONE;
	}
	buf_add_span(
	    &words, span_trim(span_skip(span_head(in, n), span_find(in, ' '))));
	conn_take(s->conn, n + 1);
	upstream_xclient_take(s, buf_span(&words));
	buf_free(&words);
	line(s, "OK \"Noted.\"");
	return GO_ON;
}

static enum after
take_one(struct session *s, const struct managesieve_command *c)
{
	if (s->sasl == NULL)
		return command(s, c);
	/* no line of an exchange is one that a mechanism could take */
	if (c->verb.n > 0 || c->count != 1 || c->args[0].is_number)
		return sasl_line(s, SPAN("*"));
	return sasl_line(s, c->args[0].text);
}

/* What is read lives in a, so that input may go before it is done. */
static enum after
step(struct session *s, struct arena *a)
{
	struct managesieve_command c;
	struct span in = conn_input(s->conn);
	enum after after = GO_ON;
	enum managesieve_result got;

	if (s->sasl == NULL && span_istarts(in, "XCLIENT ") &&
	    upstream_xclient(s))
		return xclient(s, in);
	got = managesieve_read(a, in, SASL_RESPONSE_MAX, &c);
	if (got != MANAGESIEVE_WHOLE)
		managesieve_wipe(&c); /* may be half a password */
	switch (got) {
	case MANAGESIEVE_MORE:
		return WAIT;
	case MANAGESIEVE_WHOLE:
		c.verb = arena_span(a, c.verb);
		conn_take(s->conn, c.used);
		after = take_one(s, &c);
		managesieve_wipe(&c);
		return after;
	case MANAGESIEVE_BAD:
		conn_take(s->conn, c.used);
		line(s, "NO \"Ill-formed command\"");
		return session_bad(s) ? GONE : GO_ON;
	case MANAGESIEVE_TOO_LARGE:
	case MANAGESIEVE_ENDLESS:
		break;
	}
	session_end(s, "A command that is too long");
	return GONE;
}

static void
input(struct session *s)
{
	enum after after = GO_ON;

	while (after == GO_ON && conn_has_room(s->conn)) {
		struct arena *a = arena_new();

		after = step(s, a);
		arena_free(&a);
	}
}

const struct protocol protocol_sieve = { .name = "sieve",
	.label = "SIEVE",
	.speaker = &proxy_sieve,
	.autologout = "BYE \"You have been silent for too long\"\r\n",
	.greet = greet,
	.input = input,
	.challenge = challenge,
	.broken_off = broken_off,
	.refused = refused,
	.bye = bye,
	.greets_again = true };
