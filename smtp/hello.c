/*
 * hello.c - the greeting and EHLO, LHLO or HELO
 *
 * RFC 5321, 3.1, 3.2 and 4.1.1.1. After STARTTLS all of EHLO is asked anew,
 * what the server said before is forgotten (RFC 3207, 4.2).
 */

#include "smtp/inside.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "smtp/destination.h"
#include "smtp/quirks.h"
#include "tls/conn.h"

static void
say_hello(struct session *s, bool extended)
{
	const struct smtp_conf *c = s->env->conf;
	struct buf line = BUF_EMPTY;

	s->caps = s->xforward = 0;
	s->size_limit = s->rcpt_max = 0;
	s->mechanism_count = 0;
	buf_printf(&line, "%s %s\r\n",
	    s->setup.lmtp  ? "LHLO"
		: extended ? "EHLO"
			   : "HELO",
	    c->smtp_helo_name);
	session_say(s, buf_span(&line));
	buf_free(&line);
	conn_flush(s->conn);
	session_expect(s, extended ? HELLO : HELLO_OLD,
	    s->setup.lmtp  ? "performing the LHLO handshake"
		: extended ? "performing the EHLO handshake"
			   : "performing the HELO handshake",
	    c->smtp_helo_timeout);
}

void
hello_send(struct session *s)
{
	say_hello(s, s->setup.lmtp || !s->env->conf->smtp_never_send_ehlo);
}

/* Refused at the door: another of its hosts may be in a better mood, and later
 * this one (smtp_skip_5xx_greeting). */
static void
greeting_refused(struct session *s, const struct smtp_reply *r)
{
	struct why why;

	why_init(&why);
	reply_why(s, r, NULL, &why);
	if (why.outcome == BOUNCE && s->env->conf->smtp_skip_5xx_greeting) {
		why.outcome = DEFER;
		why.status[0] = '4';
	}
	if (r->code == 421)
		session_fail(s, &why);
	else
		session_leave_politely(s, &why);
	why_free(&why);
}

void
hello_greeting(struct session *s, const struct smtp_reply *r)
{
	struct span esmtp = SPAN("ESMTP");

	if (r->code / 100 != 2) {
		greeting_refused(s, r);
		return;
	}
	s->greeted = true;
	quirks_greeting(s, r);
	if (quirks_has(s, QUIRK_PIX_NO_ESMTP) && !s->secured)
		say_hello(s, s->setup.lmtp);
	else if (s->env->conf->smtp_always_send_ehlo || s->secured ||
	    span_search(buf_span(&r->text), esmtp) < r->text.n)
		hello_send(s);
	else
		say_hello(s, s->setup.lmtp);
}

/* They outlive the reply only where somebody may log in. */
static void
mechanisms_keep(struct session *s, const struct smtp_capabilities *c)
{
	arena_free(&s->heard);
	if (!s->env->conf->smtp_sasl_auth_enable || c->mechanism_count == 0)
		return;
	s->heard = arena_new();
	for (size_t i = 0; i < c->mechanism_count; i++)
		s->mechanisms[i] = arena_span(s->heard, c->mechanisms[i]);
	s->mechanism_count = c->mechanism_count;
}

static void
capabilities_keep(struct session *s, const struct smtp_reply *r)
{
	struct smtp_capabilities c;

	smtp_capabilities_parse(r,
	    s->discard.n > 0
		? s->discard
		: span_str(s->env->conf->smtp_discard_ehlo_keywords),
	    &c);
	s->caps = c.has;
	if (!s->env->conf->smtputf8_enable)
		s->caps &= ~(unsigned)SMTP_CAP_SMTPUTF8;
	s->xforward = c.xforward;
	s->size_limit = c.size;
	s->rcpt_max = c.rcpt_max;
	mechanisms_keep(s, &c);
}

/* A server that calls itself by our name is us, or a mirror. */
static bool
is_myself(struct session *s, const struct smtp_reply *r)
{
	struct span text = buf_span(&r->text), name;
	struct why why;

	if (!s->setup.target->detect_loops ||
	    !span_word(&text, " \t\n", &name) ||
	    !span_iis(name, s->env->conf->myhostname))
		return false;
	log_warning("host %s greeted me with my own host name %s", s->name,
	    s->env->conf->myhostname);
	why_init(&why);
	why_set(&why, s->setup.target->best ? "5.4.6" : "4.4.6",
	    "mail for %.*s loops back to myself", (int)s->setup.domain.n,
	    s->setup.domain.p);
	session_leave_politely(s, &why);
	why_free(&why);
	return true;
}

void
hello_reply(struct session *s, const struct smtp_reply *r)
{
	if (r->code / 100 != 2) {
		if (s->state == HELLO && !s->setup.lmtp && r->code != 421 &&
		    r->code / 100 == 5)
			say_hello(s, false);
		else
			session_refused(s, r, NULL);
		return;
	}
	if (is_myself(s, r))
		return;
	if (s->state == HELLO)
		capabilities_keep(s, r);
	if (!secure_wanted(s))
		auth_begin(s);
}
