/*
 * transfer.c - the message itself: behind DATA, or by one BDAT
 *
 * RFC 5321, 4.5.2, and 3030. Content is handed to the connection as it takes
 * it, with a time limit that moves with it.
 */

#include "smtp/inside.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "os/clock.h"
#include "os/loop.h"
#include "queue/edits.h"
#include "smtp/content.h"
#include "smtp/quirks.h"
#include "tls/conn.h"

enum { DOT_SIZE = 3 }; /* ".", CR, LF */

/* Of the last piece all but the final dot, where that is to go by itself. */
static struct span
dot_hold(struct session *s, struct span last)
{
	if (!quirks_has(s, QUIRK_PIX_DELAY_DOT) || last.n < DOT_SIZE)
		return last;
	s->dot = DOT_HELD;
	return span_head(last, last.n - DOT_SIZE);
}

/* Hand the connection as much as it takes. */
static enum content_result
content_send(struct session *s)
{
	struct buf piece = BUF_EMPTY;
	enum content_result got = CONTENT_MORE;

	while (got == CONTENT_MORE && !conn_full(s->conn)) {
		struct span out;

		got = content_next(s->content, &piece);
		out = buf_span(&piece);
		if (got == CONTENT_END)
			out = dot_hold(s, out);
		s->content_octets += out.n;
		conn_write(s->conn, out);
		buf_clear(&piece);
	}
	buf_free(&piece);
	return got;
}

static void
content_failed(struct session *s)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.3.0", "queue file read error: %s", strerror(errno));
	session_fail(s, &why);
	why_free(&why);
}

/* Content that moves slower than smtp_min_data_rate is late; the time is that
 * of what waits, or with smtp_per_request_deadline that of all of it. */
static void
body_expect(struct session *s, enum state state)
{
	const struct smtp_conf *c = s->env->conf;
	int64_t rate = c->smtp_min_data_rate, left;

	session_expect(s, state, "sending message body",
	    c->smtp_data_xfer_timeout +
		(rate > 0 ? (int64_t)conn_waiting(s->conn) / rate : 0));
	if (!c->smtp_per_request_deadline)
		return;
	left = s->content_begun + c->smtp_data_xfer_timeout * 1000 +
	    (rate > 0 ? (int64_t)(s->content_octets * 1000) / rate : 0) -
	    clock_ms();
	loop_timer_set(s->deadline, left > 0 ? left : 0);
}

static void
content_expect(struct session *s)
{
	body_expect(s, CONTENT);
}

static void
final_expect(struct session *s)
{
	session_expect(s, FINAL_DOT,
	    "sending end of data -- message may be sent more than once",
	    s->env->conf->smtp_data_done_timeout);
}

/* For a PIX: the dot comes some time after all else has gone. */
static void
dot_more(struct session *s)
{
	int64_t delay = s->env->conf->smtp_pix_workaround_delay_time;

	conn_flush(s->conn);
	if (conn_waiting(s->conn) > 0) {
		content_expect(s);
	} else if (s->dot == DOT_HELD) {
		s->dot = DOT_WAITS;
		session_expect(s, CONTENT, "waiting before the final dot",
		    delay + s->env->conf->smtp_data_xfer_timeout);
		loop_timer_set(s->pump, delay * 1000);
	} else {
		s->dot = DOT_NONE;
		conn_write(s->conn, SPAN(".\r\n"));
		conn_flush(s->conn);
		final_expect(s);
	}
}

void
transfer_more(struct session *s)
{
	enum content_result got;

	if (s->state == FINAL_DOT) { /* all of a chunk has gone */
		final_expect(s);
		return;
	}
	if (s->dot != DOT_NONE) {
		dot_more(s);
		return;
	}
	got = content_send(s);
	if (got == CONTENT_FAILED) {
		content_failed(s);
		return;
	}
	if (s->dot != DOT_NONE) {
		dot_more(s);
		return;
	}
	if (got == CONTENT_END) {
		conn_flush(s->conn);
		final_expect(s);
		return;
	}
	content_expect(s);
	conn_flush(s->conn);
	/* all went at once: nobody will tell that it did */
	if (conn_waiting(s->conn) == 0)
		loop_timer_set(s->pump, 0);
}

static void
content_open(struct session *s)
{
	const struct smtp_conf *c = s->env->conf;
	struct content_how how = {
		.line_max = c->smtp_line_length_limit > 0
		    ? (size_t)c->smtp_line_length_limit
		    : 0,
		.chunk = s->chunk,
		.header = s->letter->header,
		.header_size = s->letter->header_size,
		.changes = s->letter->changes,
		.change_count = s->letter->change_count,
		.seven_bit = (s->caps & SMTP_CAP_8BITMIME) == 0 &&
		    !c->disable_mime_output_conversion,
		.no_utf8 = !s->utf8 && (s->letter->flags & QUEUE_SMTPUTF8) != 0,
	};

	s->content = content_new(s->letter->message, &how);
}

void
transfer_begin(struct session *s)
{
	content_open(s);
	s->content_begun = clock_ms();
	s->content_octets = 0;
	s->dot = DOT_NONE;
	session_note(s, '>', SPAN("(message)"));
	transfer_more(s);
}

void
transfer_chunk(struct session *s)
{
	struct buf all = BUF_EMPTY;
	enum content_result got = CONTENT_MORE;

	content_open(s);
	while (got == CONTENT_MORE)
		got = content_next(s->content, &all);
	if (got == CONTENT_FAILED) {
		buf_free(&all);
		content_failed(s);
		return;
	}
	s->content_begun = clock_ms();
	s->content_octets = all.n;
	conn_printf(s->conn, "BDAT %zu LAST\r\n", all.n);
	session_note(s, '>', SPAN("BDAT (message)"));
	conn_write(s->conn, buf_span(&all));
	buf_free(&all);
	conn_flush(s->conn);
	/* the reply may come before all has gone */
	if (conn_waiting(s->conn) > 0)
		body_expect(s, FINAL_DOT);
	else
		final_expect(s);
}
