/*
 * filter.c - a content filter before the queue, spoken to by SMTP
 *
 * RFC 5321 as a client, one command at a time. connector dials. What the filter
 * says out of turn waits, and is taken for the answer to what is said next, as
 * its 421 would be. It has smtpd_proxy_timeout for each answer, and for content
 * to flow.
 */

#include "smtpd/filter.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "os/loop.h"
#include "smtpd/clean.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "wire/dot.h"
#include "wire/smtp_reply.h"
#include "wire/smtp_xforward.h"

enum step {
	STEP_NONE, /* not connected */
	STEP_DIAL,
	STEP_GREETING,
	STEP_EHLO,
	STEP_HELO,
	STEP_XFORWARD,
	STEP_ASKED, /* what the caller wants to know */
	STEP_IDLE, /* its turn */
	STEP_LOST
};

struct filter {
	struct session *s;
	enum step step;
	bool eof;
	bool content; /* a message is under way: no command may come */
	struct channel_call *dial;
	struct conn *conn;
	struct loop_timer *timer, *soon;
	struct smtp_reply_reader *reader;
	struct dot_writer dots;
	unsigned caps, forward; /* what of XFORWARD is left to say */
	filter_mail_fn *make;
	filter_fn *fn;
	void (*room)(struct session *s);
};

static const char *
target_name(const struct filter *f)
{
	return f->s->smtpd->conf->smtpd_proxy_filter;
}

/* The caller hears it; f may be gone behind it. */
static void
tell(struct filter *f, const struct smtp_reply *r)
{
	filter_fn *fn = f->fn;

	f->fn = NULL;
	fn(f->s, r);
}

/* Nothing more comes of it. From the loop. */
static void
lost(struct filter *f, const char *what)
{
	struct session *s = f->s;
	void (*room)(struct session * s) = f->room;

	if (f->step == STEP_DIAL)
		log_warning(
		    "connect to proxy filter %s: %s", target_name(f), what);
	else
		log_warning("proxy filter %s: %s", target_name(f), what);
	f->step = STEP_LOST;
	f->room = NULL;
	loop_timer_stop(f->timer);
	loop_timer_stop(f->soon);
	conn_free(&f->conn);
	if (f->fn != NULL)
		tell(f, NULL);
	else if (room != NULL)
		room(s);
	session_run(s);
}

static void
limit(struct filter *f)
{
	loop_timer_set(f->timer, f->s->smtpd->conf->smtpd_proxy_timeout * 1000);
}

static void
timed(void *arg)
{
	struct filter *f = arg;

	if (f->step == STEP_DIAL)
		channel_cancel(&f->dial);
	lost(f, "no answer in time");
}

/* Its reply to this is wanted; it may have come before. */
static void
expect(struct filter *f, enum step step)
{
	f->step = step;
	limit(f);
	conn_flush(f->conn);
	if (conn_input(f->conn).n > 0)
		loop_timer_set(f->soon, 0);
}

static void
unexpected(struct filter *f, const struct smtp_reply *r, const char *to)
{
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "unexpected reply to %s: %d ", to, r->code);
	log_quote(&line, buf_span(&r->raw), 200);
	lost(f, buf_str(&line));
	buf_free(&line);
}

static void
mail_say(struct filter *f)
{
	struct buf line = BUF_EMPTY;

	f->make(f->s, f->caps, &line);
	conn_write(f->conn, buf_span(&line));
	buf_free(&line);
	expect(f, STEP_ASKED);
}

static struct span
forwarded_or(
    const struct session *s, enum forward_part part, const char *otherwise)
{
	if (s->forwarded[part] != NULL)
		otherwise = s->forwarded[part];
	return otherwise == NULL || span_iis(span_str(otherwise), "unknown")
	    ? SPAN("")
	    : span_str(otherwise);
}

/* As much as fits into a line; the rest comes in the next one. */
static void
forward_say(struct filter *f)
{
	const struct session *s = f->s;
	const struct smtp_xforward_values values = {
		.name = forwarded_or(s, FORWARD_NAME, s->client.name),
		.addr = forwarded_or(s, FORWARD_ADDR, s->client.addr),
		.proto =
		    forwarded_or(s, FORWARD_PROTO, s->esmtp ? "ESMTP" : "SMTP"),
		.helo = forwarded_or(s, FORWARD_HELO, s->helo),
		.ident = forwarded_or(s, FORWARD_IDENT, NULL),
		.source = forwarded_or(
		    s, FORWARD_SOURCE, clean_is_local(s) ? "LOCAL" : "REMOTE"),
	};
	struct buf line = BUF_EMPTY;

	if (f->forward == 0) {
		mail_say(f);
		return;
	}
	smtp_xforward_line(&line, &f->forward, &values);
	conn_write(f->conn, buf_span(&line));
	buf_free(&line);
	expect(f, STEP_XFORWARD);
}

static void
hello_say(struct filter *f, const char *verb, enum step step)
{
	conn_printf(
	    f->conn, "%s %s\r\n", verb, f->s->smtpd->conf->smtpd_proxy_ehlo);
	expect(f, step);
}

static void
ehlo_heard(struct filter *f, const struct smtp_reply *r)
{
	struct smtp_capabilities c;

	if (r->code / 100 != 2) {
		hello_say(f, "HELO", STEP_HELO);
		return;
	}
	smtp_capabilities_parse(r, SPAN(""), &c);
	f->caps = c.has;
	f->forward = (c.has & SMTP_CAP_XFORWARD) != 0 ? c.xforward : 0;
	if (f->s->forwarded[FORWARD_IDENT] == NULL)
		f->forward &= ~(unsigned)SMTP_XFORWARD_IDENT;
	forward_say(f);
}

static void
heard(struct filter *f, const struct smtp_reply *r)
{
	struct session *s = f->s;

	switch (f->step) {
	case STEP_GREETING:
		if (r->code == 220)
			hello_say(f, "EHLO", STEP_EHLO);
		else
			unexpected(f, r, "the connection");
		return;
	case STEP_EHLO:
		ehlo_heard(f, r);
		return;
	case STEP_HELO:
		if (r->code / 100 == 2)
			mail_say(f);
		else
			unexpected(f, r, "HELO");
		return;
	case STEP_XFORWARD: /* for its log alone */
		forward_say(f);
		return;
	case STEP_ASKED:
		f->step = STEP_IDLE;
		loop_timer_stop(f->timer);
		tell(f, r);
		session_run(s);
		return;
	case STEP_NONE:
	case STEP_DIAL:
	case STEP_IDLE:
	case STEP_LOST:
		break;
	}
}

static void
input(void *arg)
{
	struct filter *f = arg;
	struct span in;
	enum smtp_reply_result got;
	size_t used = 0;

	loop_timer_stop(f->soon);
	if (f->step == STEP_IDLE || f->step == STEP_LOST)
		return;
	in = conn_input(f->conn);
	got = smtp_reply_feed(f->reader, in.p, in.n, &used);
	conn_take(f->conn, used);
	if (got == SMTP_REPLY_DONE)
		heard(f, smtp_reply(f->reader));
	else if (got == SMTP_REPLY_BAD)
		lost(f, smtp_reply_error(f->reader));
	else if (f->eof)
		lost(f, "lost connection");
}

static void
drained(void *arg)
{
	struct filter *f = arg;
	struct session *s = f->s;
	void (*room)(struct session * s) = f->room;

	if (room == NULL)
		return;
	f->room = NULL;
	loop_timer_stop(f->timer);
	room(s);
	session_run(s);
}

static void
ended(void *arg, enum conn_end how)
{
	struct filter *f = arg;

	(void)how;
	/* before it is spoken to it costs nobody anything */
	if (f->step == STEP_IDLE && !f->content && f->fn == NULL) {
		f->step = STEP_LOST;
		conn_free(&f->conn);
		return;
	}
	f->eof = true;
	if (!loop_timer_is_set(f->soon)) /* else its last words come first */
		lost(f, "lost connection");
}

static void
dialled(void *arg, struct packet_in *in)
{
	static const struct conn_calls calls = {
		.input = input, .drained = drained, .ended = ended
	};
	struct filter *f = arg;
	struct why why;
	int fd = -1;

	f->dial = NULL;
	why_init(&why);
	if (in == NULL || !dial_answer_get(in, &fd, &why))
		why_set(&why, "4.3.0", "connector does not answer");
	if (fd == -1) {
		lost(f, why_text(&why));
	} else {
		f->conn = conn_new(f->s->smtpd->loop, fd, &calls, f);
		expect(f, STEP_GREETING);
	}
	why_free(&why);
}

struct filter *
filter_new(struct session *s)
{
	struct filter *f = mem_new(sizeof(*f));

	f->s = s;
	f->reader = smtp_reply_new();
	f->timer = loop_timer_new(s->smtpd->loop, timed, f);
	f->soon = loop_timer_new(s->smtpd->loop, input, f);
	return f;
}

void
filter_free(struct filter **fp)
{
	struct filter *f = *fp;

	if (f == NULL)
		return;
	*fp = NULL;
	channel_cancel(&f->dial);
	if (f->conn != NULL && f->step == STEP_IDLE && !f->content) {
		conn_write(f->conn, SPAN("QUIT\r\n"));
		conn_finish(&f->conn);
	}
	conn_free(&f->conn);
	loop_timer_free(&f->timer);
	loop_timer_free(&f->soon);
	smtp_reply_free(&f->reader);
	free(f);
}

void
filter_open(struct filter *f, filter_mail_fn *make, filter_fn *fn)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf target = BUF_EMPTY;

	must(f->step == STEP_NONE);
	f->make = make;
	f->fn = fn;
	f->step = STEP_DIAL;
	limit(f);
	dial_filter_target(&target, span_str(target_name(f)));
	dial_put(&o, buf_span(&target));
	f->dial = channel_ask(f->s->smtpd->connector, &o, dialled, f);
	packet_done(&o);
	buf_free(&target);
}

bool
filter_is_open(const struct filter *f)
{
	return f->step != STEP_NONE;
}

unsigned
filter_caps(const struct filter *f)
{
	return f->caps;
}

void
filter_say(struct filter *f, struct span line, filter_fn *fn)
{
	if (f->step == STEP_LOST) {
		fn(f->s, NULL);
		return;
	}
	must(f->step == STEP_IDLE);
	f->fn = fn;
	conn_write(f->conn, line);
	expect(f, STEP_ASKED);
}

void
filter_content(struct filter *f, struct span bytes)
{
	struct buf out = BUF_EMPTY;

	if (f->step != STEP_IDLE)
		return;
	if (!f->content)
		dot_writer_init(&f->dots, true);
	f->content = true;
	dot_write(&f->dots, bytes, &out);
	conn_write(f->conn, buf_span(&out));
	buf_free(&out);
}

bool
filter_is_full(struct filter *f, void (*room)(struct session *s))
{
	if (f->step != STEP_IDLE)
		return false;
	conn_flush(f->conn);
	if (conn_has_room(f->conn))
		return false;
	f->room = room;
	limit(f);
	return true;
}

void
filter_end(struct filter *f, filter_fn *fn)
{
	struct buf out = BUF_EMPTY;

	if (f->step == STEP_LOST) {
		fn(f->s, NULL);
		return;
	}
	filter_content(f, SPAN(""));
	f->content = false;
	dot_write_finish(&f->dots, &out);
	filter_say(f, buf_span(&out), fn);
	buf_free(&out);
}
