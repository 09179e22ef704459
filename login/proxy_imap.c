/*
 * proxy_imap.c - IMAP to another host, until it lets us in (RFC 3501, 6.1, 6.2)
 *
 * Capabilities of before STARTTLS count for nothing behind it; those of behind
 * the login are the client's to see.
 */

#include "login/login.h"
#include "login/proxy.h"

#include "base/secret.h"
#include "sasl/sasl_client.h"
#include "tls/conn.h"
#include "wire/imap_reply.h"

enum step {
	GREETING,
	CAPABILITY, /* asked for */
	STARTTLS,
	AUTH, /* ID and AUTHENTICATE are under way */
	LOGIN_USER, /* the same by LOGIN, with literals */
	LOGIN_PASSWORD,
	ALL_SAID, /* the same when nothing is left to say */
	LAST /* CAPABILITY once more */
};

/* Of the commands that a step waits for. */
static const char *const tags[] = { [GREETING] = "",
	[CAPABILITY] = "P1",
	[STARTTLS] = "P2",
	[AUTH] = "P3",
	[LOGIN_USER] = "P3",
	[LOGIN_PASSWORD] = "P3",
	[ALL_SAID] = "P3",
	[LAST] = "P4" };

static void
capability_ask(struct proxy *p, enum step step)
{
	p->step = step;
	conn_printf(p->conn, "%s CAPABILITY\r\n", tags[step]);
}

/* Facts as Dovecot's proxies tell them, and the hosts that are left. */
static void
id_say(struct proxy *p)
{
	const struct session *s = p->session;
	struct buf local = BUF_EMPTY;

	conn_printf(p->conn,
	    "ID ID (\"name\" \"Facteur\" "
	    "\"x-proxy-ttl\" \"%u\"",
	    s->hops - 1);
	if (p->target.facts) {
		address_print(&local, &s->local);
		conn_printf(p->conn,
		    " \"x-originating-ip\" \"%.*s\" \"x-originating-port\" "
		    "\"%u\" \"x-connected-ip\" \"%s\" \"x-connected-port\" "
		    "\"%u\"",
		    (int)s->peer_text.n, s->peer_text.p,
		    (unsigned)address_port(&s->peer), buf_str(&local),
		    (unsigned)address_port(&s->local));
	}
	conn_printf(p->conn, ")\r\n");
	buf_free(&local);
}

static void
literal_say(struct proxy *p, enum step step, struct span next)
{
	p->step = step;
	conn_printf(p->conn, "%s{%zu}\r\n",
	    step == LOGIN_USER ? "P3 LOGIN " : " ", next.n);
}

static void
auth_say(struct proxy *p, bool initial)
{
	struct buf first = BUF_EMPTY;

	conn_printf(p->conn, "P3 AUTHENTICATE %s", sasl_client_name(p->sasl));
	if (initial && sasl_client_first(p->sasl, &first)) {
		conn_printf(p->conn, " ");
		conn_write(p->conn, buf_span(&first));
	}
	conn_printf(p->conn, "\r\n");
	buf_wipe(&first);
}

static void
log_in(struct proxy *p, const struct imap_offers *o)
{
	p->sasl = proxy_sasl(p, o->mechanisms, o->mechanism_count);
	if (p->sasl == NULL &&
	    ((o->has & IMAP_OFFERS_NO_LOGIN) != 0 || p->token ||
		p->authzid.n > 0)) {
		proxy_fail(p, "offers no way to log in that we have", SPAN(""));
		return;
	}
	if ((o->has & IMAP_OFFERS_ID) != 0)
		id_say(p);
	p->has_offers = false;
	if (p->sasl == NULL) {
		literal_say(p, LOGIN_USER, p->user);
		return;
	}
	p->step = AUTH;
	auth_say(p, (o->has & IMAP_OFFERS_SASL_IR) != 0);
}

/* What the host can do is known. */
static void
go_on(struct proxy *p)
{
	struct imap_offers o;

	if (!p->has_offers) {
		capability_ask(p, CAPABILITY);
		return;
	}
	imap_offers_parse(buf_span(&p->offers), &o);
	if (!proxy_is_safe(p) && (o.has & IMAP_OFFERS_STARTTLS) != 0) {
		p->step = STARTTLS;
		conn_printf(p->conn, "P2 STARTTLS\r\n");
	} else if (!proxy_is_safe(p) && p->tls != PROXY_TLS_MAY) {
		proxy_fail(p, "does not offer TLS", SPAN(""));
	} else {
		log_in(p, &o);
	}
}

static enum auth_verdict
verdict_of(const struct imap_reply *r)
{
	static const struct {
		const char *code;
		enum auth_verdict verdict;
	} rows[] = { { "", AUTH_DENIED },
		{ "AUTHENTICATIONFAILED", AUTH_DENIED },
		{ "AUTHORIZATIONFAILED", AUTH_FORBIDDEN },
		{ "EXPIRED", AUTH_EXPIRED }, { "LIMIT", AUTH_LIMIT } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (r->status == IMAP_REPLY_NO &&
		    span_iis(r->code, rows[i].code))
			return rows[i].verdict;
	return AUTH_TROUBLE;
}

static bool
is_told(struct span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (span_at(word, i) <= ' ' || span_at(word, i) > '~')
			return false;
	return !span_iis(word, "UNAUTHENTICATE") &&
	    span_find_any(word, "[]\"{}") == word.n;
}

/* The host's words, but for UNAUTHENTICATE: behind it the client would speak to
 * a host that takes us for somebody it trusts. */
static void
welcome(struct proxy *p)
{
	struct span words = buf_span(&p->offers), word;
	struct buf out = BUF_EMPTY;

	buf_add_span(&out, buf_span(&p->session->tag));
	/* the webmail has said nothing yet, and is greeted */
	buf_add_str(
	    &out, out.n > 0 ? " OK [CAPABILITY" : "* PREAUTH [CAPABILITY");
	while (span_word(&words, " \t\r\n", &word)) {
		if (!is_told(word))
			continue;
		buf_add_byte(&out, ' ');
		buf_add_span(&out, word);
	}
	buf_add_str(&out, "] LOGIN completed\r\n");
	proxy_done(p, buf_span(&out));
	buf_free(&out);
}

/* The tagged answer that the step waits for. */
static void
tagged(struct proxy *p, const struct imap_reply *r)
{
	bool good = r->status == IMAP_REPLY_OK;

	switch ((enum step)p->step) {
	case CAPABILITY:
		if (good && p->has_offers)
			go_on(p);
		else
			proxy_fail(p, "tells no capabilities", r->text);
		break;
	case STARTTLS:
		if (good)
			proxy_tls(p);
		else
			proxy_fail(p, "refuses STARTTLS", r->text);
		break;
	case AUTH:
	case LOGIN_USER:
	case LOGIN_PASSWORD:
	case ALL_SAID:
		if (!good)
			proxy_refused(p, verdict_of(r), r->text);
		else if (p->has_offers)
			welcome(p);
		else
			capability_ask(p, LAST);
		break;
	case LAST:
		welcome(p);
		break;
	case GREETING:
		proxy_fail(p, "does not greet", SPAN(""));
		break;
	}
}

static void
answer_say(struct proxy *p, struct span challenge)
{
	struct buf out = BUF_EMPTY;

	if (!sasl_client_answer(p->sasl, challenge, &out)) {
		p->step = ALL_SAID;
		buf_add_byte(&out, '*');
	}
	conn_write(p->conn, buf_span(&out));
	conn_printf(p->conn, "\r\n");
	buf_wipe(&out);
}

/* "+ ...". A host that asks without end would have us write without end, and
 * need not read it. */
static void
asked(struct proxy *p, struct span challenge)
{
	struct span word = secret_span(p->password);

	switch ((enum step)p->step) {
	case AUTH:
		answer_say(p, challenge);
		break;
	case LOGIN_USER:
		conn_write(p->conn, p->user);
		literal_say(p, LOGIN_PASSWORD, word);
		break;
	case LOGIN_PASSWORD:
		p->step = ALL_SAID;
		conn_write(p->conn, word);
		conn_printf(p->conn, "\r\n");
		break;
	case GREETING:
	case CAPABILITY:
	case STARTTLS:
	case ALL_SAID:
	case LAST:
		proxy_fail(p, "asks for what we do not have", SPAN(""));
		break;
	}
}

static void
offers_take(struct proxy *p, struct span words)
{
	buf_clear(&p->offers);
	buf_add_span(&p->offers, words);
	p->has_offers = true;
}

static void
greeted(struct proxy *p, const struct imap_reply *r)
{
	if (r->status == IMAP_REPLY_OK)
		go_on(p);
	else
		proxy_fail(p, "greets us with other than OK", r->text);
}

static void
take(struct proxy *p, const struct imap_reply *r)
{
	if (r->status == IMAP_REPLY_DATA && span_iis(r->word, "CAPABILITY"))
		offers_take(p, r->text);
	if (r->status == IMAP_REPLY_OK && span_iis(r->code, "CAPABILITY"))
		offers_take(p, r->arguments);
	if (r->status == IMAP_REPLY_BYE)
		proxy_fail(p, "says goodbye", r->text);
	else if (r->status == IMAP_REPLY_GO_ON)
		asked(p, r->text);
	else if (r->tag.n == 0 && p->step == GREETING)
		greeted(p, r);
	else if (r->tag.n > 0 && span_is(r->tag, tags[p->step]))
		tagged(p, r);
}

static bool
take_one(struct proxy *p)
{
	struct span in = conn_input(p->conn);
	struct buf text = BUF_EMPTY;
	struct imap_reply r;

	switch (imap_reply_parse(in, &r)) {
	case IMAP_REPLY_MORE:
		return false;
	case IMAP_REPLY_BAD:
		proxy_fail(p, "does not speak IMAP", SPAN(""));
		return false;
	case IMAP_REPLY_DONE:
		break;
	}
	/* a handler may begin TLS, which drops all input */
	buf_add_span(&text, span_head(in, r.used));
	conn_take(p->conn, r.used);
	(void)imap_reply_parse(buf_span(&text), &r);
	take(p, &r);
	buf_free(&text);
	return true;
}

const struct proxy_speaker proxy_imap = { take_one, go_on };
