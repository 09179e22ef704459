/*
 * replies.c - from the octets of a server to its replies
 *
 * As they come; or, with smtp_reply_filter, line by line, each as the tables
 * make it. A line stays in the input while it is looked at: who asks whether
 * the server has spoken is told so. When the server is gone meanwhile, what it
 * has said before that still counts.
 */

#include "smtp/inside.h"

#include "base/buf.h"
#include "base/why.h"
#include "smtp/tables.h"
#include "tls/conn.h"

enum {
	LINE_MAX_BYTES = 8192, /* a longer one is not looked at */
	KEY_MAX = 2048
};

static void
reply_note(struct session *s, const struct smtp_reply *r)
{
	struct buf line = BUF_EMPTY;
	struct span rest = buf_span(&r->raw), part;

	while (
	    (s->debug || s->env->bounce != NULL) && span_line(&rest, &part)) {
		buf_clear(&line);
		buf_printf(&line, "%d%c", r->code, rest.n > 0 ? '-' : ' ');
		buf_add_span(&line, part);
		session_note(s, '<', buf_span(&line));
	}
	buf_free(&line);
}

static void
malformed(struct session *s)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.5.0", "protocol error: host %s: %s while %s", s->name,
	    smtp_reply_error(s->reader), s->doing);
	session_fail(s, &why);
	why_free(&why);
}

static void
result_take(struct session *s, enum smtp_reply_result got)
{
	if (got == SMTP_REPLY_BAD) {
		malformed(s);
	} else if (got == SMTP_REPLY_DONE) {
		reply_note(s, smtp_reply(s->reader));
		session_take_reply(s, smtp_reply(s->reader));
	}
}

static bool
listens(const struct session *s)
{
	return s->conn != NULL && s->state != SHAKING &&
	    conn_input(s->conn).n > 0;
}

static void
plain_input(struct session *s)
{
	while (listens(s)) {
		struct span in = conn_input(s->conn);
		enum smtp_reply_result got;
		size_t used;

		got = smtp_reply_feed(s->reader, in.p, in.n, &used);
		conn_take(s->conn, used);
		result_take(s, got);
	}
}

/* Take n octets off the input; the reader gets them, or what stands for them,
 * of which there may be an end of one reply. */
static void
line_take(struct session *s, size_t n, struct span instead)
{
	struct buf copy = BUF_EMPTY;
	struct span rest;
	enum smtp_reply_result got = SMTP_REPLY_MORE;

	if (instead.p == NULL)
		buf_add_span(&copy, span_head(conn_input(s->conn), n));
	else {
		buf_add_span(
		    &copy, span_head(instead, span_find(instead, '\n')));
		buf_add_str(&copy, "\r\n");
	}
	conn_take(s->conn, n);
	rest = buf_span(&copy);
	while (rest.n > 0 && got == SMTP_REPLY_MORE) {
		size_t used;

		got = smtp_reply_feed(s->reader, rest.p, rest.n, &used);
		rest = span_skip(rest, used);
	}
	buf_free(&copy);
	result_take(s, got);
}

static void filtered(void *arg, enum tables_result result, struct span value);

/* The next line, if it is there. False: there is none, or it is asked about. */
static bool
line_next(struct session *s)
{
	struct span in = conn_input(s->conn);
	size_t end = span_find(in, '\n');
	struct span keys[2] = { span_head(in, end) };

	if (end == in.n && in.n < LINE_MAX_BYTES)
		return false;
	if (span_ends(keys[0], "\r"))
		keys[0].n--;
	if (keys[0].n == 0 || keys[0].n > KEY_MAX ||
	    span_find(keys[0], '\0') < keys[0].n) {
		line_take(s, end == in.n ? end : end + 1, span_of(NULL, 0));
		return true;
	}
	s->filtering =
	    tables_find(s->env, "smtp_reply_filter", keys, filtered, s);
	return false;
}

void
replies_input(struct session *s)
{
	if (s->env->lookup == NULL ||
	    s->env->conf->smtp_reply_filter[0] == '\0') {
		plain_input(s);
		return;
	}
	while (s->filtering == NULL && listens(s) && line_next(s))
		;
}

static void
filter_broken(struct session *s)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.3.0", "smtp_reply_filter cannot be read while %s",
	    s->doing);
	session_fail(s, &why);
	why_free(&why);
}

static void
filtered(void *arg, enum tables_result result, struct span value)
{
	struct session *s = arg;
	size_t end;

	session_enter(s);
	s->filtering = NULL;
	end = span_find(conn_input(s->conn), '\n') + 1;
	if (result == TABLES_TROUBLE)
		filter_broken(s);
	else
		line_take(
		    s, end, result == TABLES_FOUND ? value : span_of(NULL, 0));
	replies_input(s);
	if (s->gone && s->filtering == NULL && s->conn != NULL)
		session_lost(s);
	session_leave(s);
}
