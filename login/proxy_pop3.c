/*
 * proxy_pop3.c - POP3 to another host, until it lets us in (RFC 1939, 4; RFC
 * 2449; RFC 5034)
 */

#include "login/login.h"
#include "login/proxy.h"

#include "base/secret.h"
#include "sasl/sasl_client.h"
#include "tls/conn.h"
#include "wire/pop3_reply.h"

enum step { GREETING, CAPA, STLS, XCLIENT, AUTH, GIVEN_UP, USER, PASS };

static void
capa_ask(struct proxy *p)
{
	p->step = CAPA;
	conn_printf(p->conn, "CAPA\r\n");
}

static void
auth_say(struct proxy *p)
{
	struct buf first = BUF_EMPTY;

	p->step = AUTH;
	conn_printf(p->conn, "AUTH %s", sasl_client_name(p->sasl));
	if (sasl_client_first(p->sasl, &first)) {
		conn_printf(p->conn, " ");
		conn_write(p->conn, buf_span(&first));
	}
	conn_printf(p->conn, "\r\n");
	buf_wipe(&first);
}

static void
log_in(struct proxy *p)
{
	struct pop3_offers o;

	pop3_offers_parse(buf_span(&p->offers), &o);
	p->sasl = proxy_sasl(p, o.mechanisms, o.mechanism_count);
	if (p->sasl != NULL) {
		auth_say(p);
	} else if (p->token || p->authzid.n > 0) {
		proxy_fail(p, "offers no way to log in that we have", SPAN(""));
	} else {
		p->step = USER;
		conn_printf(p->conn, "USER ");
		conn_write(p->conn, p->user);
		conn_printf(p->conn, "\r\n");
	}
}

/* What the host can do is known, or it does not know CAPA. */
static void
go_on(struct proxy *p)
{
	struct pop3_offers o;

	pop3_offers_parse(buf_span(&p->offers), &o);
	if (!proxy_is_safe(p) && (o.has & POP3_OFFERS_STLS) != 0) {
		p->step = STLS;
		conn_printf(p->conn, "STLS\r\n");
	} else if (!proxy_is_safe(p) && p->tls != PROXY_TLS_MAY) {
		proxy_fail(p, "does not offer TLS", SPAN(""));
	} else if ((o.has & POP3_OFFERS_XCLIENT) != 0) {
		p->step = XCLIENT;
		proxy_xclient(p);
	} else {
		log_in(p);
	}
}

static enum auth_verdict
verdict_of(const struct pop3_reply *r)
{
	if (r->code.n == 0 || span_iis(r->code, "AUTH"))
		return AUTH_DENIED;
	return span_iis(r->code, "IN-USE") ? AUTH_LIMIT : AUTH_TROUBLE;
}

static void
asked(struct proxy *p, struct span challenge)
{
	struct buf out = BUF_EMPTY;

	/* without end it would have us write without end */
	if (p->step != AUTH) {
		proxy_fail(p, "asks for what we do not have", SPAN(""));
		return;
	}
	if (!sasl_client_answer(p->sasl, challenge, &out)) {
		p->step = GIVEN_UP;
		buf_add_byte(&out, '*');
	}
	conn_write(p->conn, buf_span(&out));
	conn_printf(p->conn, "\r\n");
	buf_wipe(&out);
}

static void
password_say(struct proxy *p)
{
	p->step = PASS;
	conn_printf(p->conn, "PASS ");
	conn_write(p->conn, secret_span(p->password));
	conn_printf(p->conn, "\r\n");
}

static void
answered(struct proxy *p, const struct pop3_reply *r)
{
	bool good = r->status == POP3_REPLY_OK;

	switch ((enum step)p->step) {
	case GREETING:
		if (good)
			capa_ask(p);
		else
			proxy_fail(p, "greets us with other than +OK", r->text);
		break;
	case CAPA:
		buf_clear(&p->offers);
		buf_add_span(&p->offers, r->lines);
		go_on(p);
		break;
	case STLS:
		if (good)
			proxy_tls(p);
		else
			proxy_fail(p, "refuses STLS", r->text);
		break;
	case XCLIENT: /* whether it believes us is its own affair */
		log_in(p);
		break;
	case USER:
		if (good)
			password_say(p);
		else
			proxy_refused(p, verdict_of(r), r->text);
		break;
	case AUTH:
	case GIVEN_UP:
	case PASS:
		if (good)
			proxy_done(p, SPAN("+OK logged in.\r\n"));
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
	bool many = p->step == CAPA;
	struct pop3_reply r;

	switch (pop3_reply_parse(in, many, &r)) {
	case POP3_REPLY_MORE:
		return false;
	case POP3_REPLY_BAD:
		proxy_fail(p, "does not speak POP3", SPAN(""));
		return false;
	case POP3_REPLY_DONE:
		break;
	}
	/* a handler may begin TLS, which drops all input */
	buf_add_span(&text, span_head(in, r.used));
	conn_take(p->conn, r.used);
	(void)pop3_reply_parse(buf_span(&text), many, &r);
	if (r.status == POP3_REPLY_GO_ON)
		asked(p, r.text);
	else
		answered(p, &r);
	buf_free(&text);
	return true;
}

const struct proxy_speaker proxy_pop3 = { take_one, capa_ask };
