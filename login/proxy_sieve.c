/*
 * proxy_sieve.c - ManageSieve to another host, until it lets us in (RFC 5804,
 * 1.7, 2.1, 2.2)
 *
 * It tells what it can do before it greets us, and again behind STARTTLS, where
 * what it has said before counts for nothing.
 */

#include "login/login.h"
#include "login/proxy.h"

#include "sasl/sasl_client.h"
#include "tls/conn.h"
#include "wire/managesieve_reply.h"

enum step { GREETING, STARTTLS, XCLIENT, AUTH, GIVEN_UP };

enum { HAS_STARTTLS = 1, HAS_XCLIENT = 2 };

/* A string; base64 needs no more than its quotes. */
static void
string_say(struct proxy *p, struct span base64)
{
	conn_printf(p->conn, "\"");
	conn_write(p->conn, base64);
	conn_printf(p->conn, "\"");
}

static void
log_in(struct proxy *p)
{
	struct span offered[MANAGESIEVE_MECHANISMS_MAX];
	size_t n = managesieve_mechanisms(buf_span(&p->offers), offered);
	struct buf first = BUF_EMPTY;

	p->sasl = proxy_sasl(p, offered, n);
	if (p->sasl == NULL) {
		proxy_fail(p, "offers no way to log in that we have", SPAN(""));
		return;
	}
	p->step = AUTH;
	conn_printf(p->conn, "AUTHENTICATE \"%s\"", sasl_client_name(p->sasl));
	if (sasl_client_first(p->sasl, &first)) {
		conn_printf(p->conn, " ");
		string_say(p, buf_span(&first));
	}
	conn_printf(p->conn, "\r\n");
	buf_wipe(&first);
}

/* It has told what it can do. */
static void
go_on(struct proxy *p)
{
	if (!proxy_is_safe(p) && (p->has & HAS_STARTTLS) != 0) {
		p->step = STARTTLS;
		conn_printf(p->conn, "STARTTLS\r\n");
	} else if (!proxy_is_safe(p) && p->tls != PROXY_TLS_MAY) {
		proxy_fail(p, "does not offer TLS", SPAN(""));
	} else if ((p->has & HAS_XCLIENT) != 0) {
		p->step = XCLIENT;
		proxy_xclient(p);
	} else {
		log_in(p);
	}
}

static void
secured(struct proxy *p)
{
	p->step = GREETING;
	p->has = 0;
	buf_clear(&p->offers);
}

static enum auth_verdict
verdict_of(const struct managesieve_reply *r)
{
	return r->code.n == 0 ? AUTH_DENIED : AUTH_TROUBLE;
}

static void
capability(struct proxy *p, const struct managesieve_reply *r)
{
	if (span_iis(r->name, "STARTTLS")) {
		p->has |= HAS_STARTTLS;
	} else if (span_iis(r->name, "XCLIENT")) {
		p->has |= HAS_XCLIENT;
	} else if (span_iis(r->name, "SASL")) {
		buf_clear(&p->offers);
		buf_add_span(&p->offers, r->value);
	}
}

static void
asked(struct proxy *p, struct span challenge)
{
	struct buf out = BUF_EMPTY;

	if (!sasl_client_answer(p->sasl, challenge, &out)) {
		p->step = GIVEN_UP;
		buf_add_byte(&out, '*');
	}
	string_say(p, buf_span(&out));
	conn_printf(p->conn, "\r\n");
	buf_wipe(&out);
}

/* A string that nobody waits for would have us write without end. */
static void
data(struct proxy *p, const struct managesieve_reply *r)
{
	switch ((enum step)p->step) {
	case GREETING:
		capability(p, r);
		break;
	case AUTH:
		asked(p, r->name);
		break;
	case STARTTLS:
	case XCLIENT:
	case GIVEN_UP:
		proxy_fail(p, "asks for what we do not have", SPAN(""));
		break;
	}
}

static void
answered(struct proxy *p, const struct managesieve_reply *r)
{
	bool good = r->status == MANAGESIEVE_REPLY_OK;

	switch ((enum step)p->step) {
	case GREETING:
		if (good)
			go_on(p);
		else
			proxy_fail(p, "greets us with other than OK", r->text);
		break;
	case STARTTLS:
		if (good)
			proxy_tls(p);
		else
			proxy_fail(p, "refuses STARTTLS", r->text);
		break;
	case XCLIENT: /* whether it believes us is its own affair */
		log_in(p);
		break;
	case AUTH:
	case GIVEN_UP:
		if (good)
			proxy_done(p, SPAN("OK \"Logged in.\"\r\n"));
		else
			proxy_refused(p, verdict_of(r), r->text);
		break;
	}
}

static bool
take_one(struct proxy *p)
{
	struct span in = conn_input(p->conn);
	struct buf text = BUF_EMPTY;
	struct managesieve_reply r;

	switch (managesieve_reply_parse(in, &r)) {
	case MANAGESIEVE_REPLY_MORE:
		return false;
	case MANAGESIEVE_REPLY_BAD:
		proxy_fail(p, "does not speak ManageSieve", SPAN(""));
		return false;
	case MANAGESIEVE_REPLY_DONE:
		break;
	}
	/* a handler may begin TLS, which drops all input */
	buf_add_span(&text, span_head(in, r.used));
	conn_take(p->conn, r.used);
	(void)managesieve_reply_parse(buf_span(&text), &r);
	if (r.status == MANAGESIEVE_REPLY_DATA)
		data(p, &r);
	else if (r.status == MANAGESIEVE_REPLY_BYE)
		proxy_fail(p, "says goodbye", r.text);
	else
		answered(p, &r);
	buf_free(&text);
	return true;
}

const struct proxy_speaker proxy_sieve = { take_one, secured };
