/*
 * smtp.c - sendmail -bs: SMTP on standard input and output (RFC 5321)
 *
 * For mail programs that speak SMTP to a pipe. Whoever runs it could as well
 * name the recipients on the command line, so that nothing is checked but the
 * form; the kernel tells pickup who it is.
 */

#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "config/param.h"
#include "message/address.h"
#include "message/verp.h"
#include "os/clock.h"
#include "os/stream.h"
#include "service/tool.h"
#include "tools/sendmail/sendmail.h"
#include "wire/dot.h"
#include "wire/smtp_command.h"

enum { LINE_MOST = 2048, ERRORS_MOST = 20 };

struct session {
	const struct tool *tool;
	struct stream *io;
	int64_t patience_ms;
	const char *hostname;
	bool greeted, mail, quit;
	unsigned errors;
	struct arena *transaction;
	struct submit_begin begin;
	struct rcpts rcpts;
};

static void
reset(struct session *s)
{
	arena_free(&s->transaction);
	s->transaction = arena_new();
	free(s->rcpts.list);
	s->rcpts = (struct rcpts){ .tool = s->tool, .arena = s->transaction };
	s->begin = (struct submit_begin){ .sender = SPAN("") };
	s->mail = false;
}

static void
refuse(struct session *s, const char *reply)
{
	s->errors++;
	stream_printf(s->io, "%s\r\n", reply);
}

static void
cmd_hello(struct session *s, const struct smtp_command *c)
{
	reset(s);
	s->greeted = true;
	if (c->verb == SMTP_HELO) {
		stream_printf(s->io, "250 %s\r\n", s->hostname);
		return;
	}
	stream_printf(s->io,
	    "250-%s\r\n250-PIPELINING\r\n250-SIZE %s\r\n250-8BITMIME\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250 XVERP\r\n",
	    s->hostname, tool_value(s->tool, "message_size_limit"));
}

static bool
parameters_known(const struct smtp_command *c)
{
	return !c->has_envid && !c->has_orcpt && c->notify == 0 &&
	    c->ret == SMTP_RET_NONE && !c->requiretls &&
	    c->body != SMTP_BINARYMIME;
}

static bool
verp_take(
    const struct session *s, const struct smtp_command *c, struct span *verp)
{
	const char *filter = tool_value(s->tool, "verp_delimiter_filter");

	*verp = SPAN("");
	if (!c->has_verp)
		return true;
	*verp = c->verp;
	if (verp->n == 0)
		*verp =
		    span_str(tool_value(s->tool, "default_verp_delimiters"));
	return c->path.n > 0 && verp_delimiters_good(*verp, span_str(filter));
}

static void
cmd_mail(struct session *s, const struct smtp_command *c)
{
	unsigned flags =
	    ADDRESS_BARE | ADDRESS_LOOSE | (c->smtputf8 ? ADDRESS_UTF8 : 0);
	struct address_path path;
	enum address_result got = address_parse_path(c->path, flags, &path);
	struct span verp;

	if (!s->greeted) {
		refuse(s, "503 5.5.1 Error: send HELO/EHLO first");
	} else if (s->mail) {
		refuse(s, "503 5.5.1 Error: nested MAIL command");
	} else if (!parameters_known(c)) {
		refuse(s, "555 5.5.4 Unsupported option");
	} else if ((got != ADDRESS_OK && got != ADDRESS_NULL) ||
	    c->path.n > SENDMAIL_ADDRESS_MAX) {
		refuse(s, "501 5.1.7 Bad sender address syntax");
	} else if (!verp_take(s, c, &verp)) {
		refuse(s, "501 5.5.4 Bad parameter: XVERP");
	} else {
		s->mail = true;
		s->begin.sender = arena_span(s->transaction, c->path);
		s->begin.verp = arena_span(s->transaction, verp);
		s->begin.flags = (c->body == SMTP_8BITMIME ? QUEUE_8BIT : 0) |
		    (c->smtputf8 ? QUEUE_SMTPUTF8 : 0);
		stream_put(s->io, SPAN("250 2.1.0 Ok\r\n"));
	}
}

static void
cmd_rcpt(struct session *s, const struct smtp_command *c)
{
	unsigned flags = ADDRESS_BARE | ADDRESS_LOOSE |
	    ((s->begin.flags & QUEUE_SMTPUTF8) != 0 ? ADDRESS_UTF8 : 0);
	struct rcpts *r = &s->rcpts;
	struct address_path path;

	if (!s->mail) {
		refuse(s, "503 5.5.1 Error: need MAIL command");
	} else if (!parameters_known(c)) {
		refuse(s, "555 5.5.4 Unsupported option");
	} else if (address_parse_path(c->path, flags, &path) != ADDRESS_OK ||
	    c->path.n > SENDMAIL_ADDRESS_MAX) {
		refuse(s, "501 5.1.3 Bad recipient address syntax");
	} else if (r->count == SENDMAIL_RCPTS_MAX) {
		refuse(s, "452 4.5.3 Error: too many recipients");
	} else {
		r->list = mem_resize(r->list, r->count + 1, sizeof(*r->list));
		r->list[r->count++] = (struct queue_rcpt){
			.address = arena_span(s->transaction, c->path)
		};
		stream_put(s->io, SPAN("250 2.1.5 Ok\r\n"));
	}
}

/* Pass the content on up to its dot. False: the client is gone. */
static bool
content_copy(struct session *s, struct target *t)
{
	struct dot_reader *dot = dot_new(DOT_ANY);
	struct buf out = BUF_EMPTY;
	enum dot_result got = DOT_MORE;

	while (got == DOT_MORE) {
		struct span in = stream_input(s->io);
		size_t used = 0;

		if (in.n == 0) {
			if (stream_wait(s->io, -1,
				clock_ms() + s->patience_ms) != STREAM_DATA)
				break;
			continue;
		}
		buf_clear(&out);
		got = dot_feed(dot, in.p, in.n, &used, &out);
		stream_take(s->io, used);
		target_data(t, buf_span(&out));
	}
	dot_free(&dot);
	buf_free(&out);
	return got == DOT_END;
}

static void
answer(struct session *s, struct why *why, const struct buf *qid)
{
	if (why->outcome == DONE && qid->n > 0)
		stream_printf(s->io, "250 2.0.0 Ok: queued as %.*s\r\n",
		    (int)qid->n, qid->p);
	else if (why->outcome == DONE)
		stream_put(s->io, SPAN("250 2.0.0 Ok: queued\r\n"));
	else
		stream_printf(s->io, "%s %s %s\r\n",
		    why->outcome == DEFER ? "451" : "552", why->status,
		    why_text(why));
}

static void
cmd_data(struct session *s, const struct smtp_command *c)
{
	struct letter l = { &s->begin, s->rcpts.list, s->rcpts.count };
	struct target *t;
	struct buf qid = BUF_EMPTY;
	struct why why;

	(void)c;
	if (!s->mail) {
		refuse(s, "503 5.5.1 Error: need MAIL command");
		return;
	}
	if (l.count == 0) {
		refuse(s, "554 5.5.1 Error: no valid recipients");
		return;
	}
	stream_put(s->io, SPAN("354 End data with <CR><LF>.<CR><LF>\r\n"));
	t = target_open(s->tool, &l, false);
	if (!content_copy(s, t)) {
		target_abort(&t);
		s->quit = true;
		return;
	}
	why_init(&why);
	(void)target_end(&t, &why, &qid);
	answer(s, &why, &qid);
	why_free(&why);
	buf_free(&qid);
	reset(s);
}

static void
cmd_rset(struct session *s, const struct smtp_command *c)
{
	(void)c;
	reset(s);
	stream_put(s->io, SPAN("250 2.0.0 Ok\r\n"));
}

static void
cmd_noop(struct session *s, const struct smtp_command *c)
{
	(void)c;
	stream_put(s->io, SPAN("250 2.0.0 Ok\r\n"));
}

static void
cmd_vrfy(struct session *s, const struct smtp_command *c)
{
	(void)c;
	stream_put(s->io, SPAN("252 2.0.0 Send it and see\r\n"));
}

static void
cmd_quit(struct session *s, const struct smtp_command *c)
{
	(void)c;
	s->quit = true;
	stream_put(s->io, SPAN("221 2.0.0 Bye\r\n"));
}

static const struct {
	enum smtp_verb verb;
	void (*run)(struct session *s, const struct smtp_command *c);
} commands[] = {
	{ SMTP_HELO, cmd_hello },
	{ SMTP_EHLO, cmd_hello },
	{ SMTP_MAIL, cmd_mail },
	{ SMTP_RCPT, cmd_rcpt },
	{ SMTP_DATA, cmd_data },
	{ SMTP_RSET, cmd_rset },
	{ SMTP_NOOP, cmd_noop },
	{ SMTP_VRFY, cmd_vrfy },
	{ SMTP_QUIT, cmd_quit },
};

static const char *
fault_reply(enum smtp_fault fault)
{
	switch (fault) {
	case SMTP_FINE:
	case SMTP_BAD_VERB:
		break;
	case SMTP_PARAM_UNKNOWN:
		return "555 5.5.4 Unsupported option";
	case SMTP_BAD_PATH:
	case SMTP_BAD_SYNTAX:
	case SMTP_BAD_BYTES:
	case SMTP_NEED_ARG:
	case SMTP_NO_ARG:
	case SMTP_PARAM_BAD:
	case SMTP_PARAM_TWICE:
	case SMTP_PARAM_MANY:
		return "501 5.5.4 Syntax error in parameters or arguments";
	}
	return "502 5.5.2 Error: command not recognized";
}

static void
run_line(struct session *s, struct span line)
{
	struct arena *a = arena_new();
	struct smtp_command c;
	enum smtp_fault fault = smtp_command_parse(&c, line, SMTP_LENIENT, a);
	size_t i = 0;

	while (i < sizeof(commands) / sizeof(commands[0]) &&
	    commands[i].verb != c.verb)
		i++;
	if (fault != SMTP_FINE || i == sizeof(commands) / sizeof(commands[0]))
		refuse(s, fault_reply(fault));
	else
		commands[i].run(s, &c);
	arena_free(&a);
}

/* The next command, without its line end. False: there is none. */
static bool
line_read(struct session *s, struct buf *line)
{
	for (;;) {
		struct span in = stream_input(s->io);
		size_t n = span_find(in, '\n');

		if (n < in.n && n <= LINE_MOST) {
			struct span text = span_head(in, n);

			if (span_ends(text, "\r"))
				text.n--;
			buf_clear(line);
			buf_add_span(line, text);
			stream_take(s->io, n + 1);
			return true;
		}
		if (in.n > LINE_MOST) {
			refuse(s, "500 5.5.2 Error: line too long");
			return false;
		}
		if (stream_wait(s->io, -1, clock_ms() + s->patience_ms) !=
		    STREAM_DATA)
			return false;
	}
}

int
smtp_serve(const struct tool *t)
{
	static const struct stream_control nobody = { .fd = -1 };
	struct session s = { .tool = t };
	struct buf line = BUF_EMPTY;
	int64_t seconds = 300;

	(void)param_parse_time(
	    span_str(tool_value(t, "smtpd_timeout")), 's', &seconds);
	s.patience_ms = seconds * 1000;
	s.hostname = tool_value(t, "myhostname");
	(void)signal(SIGPIPE, SIG_IGN);
	s.io = stream_new(STDIN_FILENO, STDOUT_FILENO, &nobody);
	reset(&s);
	stream_printf(s.io, "220 %s ESMTP %s\r\n", s.hostname,
	    tool_value(t, "mail_name"));
	while (!s.quit && line_read(&s, &line)) {
		run_line(&s, buf_span(&line));
		if (s.errors > ERRORS_MOST) {
			stream_put(
			    s.io, SPAN("421 4.7.0 Error: too many errors\r\n"));
			break;
		}
	}
	stream_flush(s.io);
	stream_free(&s.io);
	arena_free(&s.transaction);
	free(s.rcpts.list);
	buf_free(&line);
	return EX_OK;
}
