/*
 * target.c - one message on its way to pickup's socket, or to postdrop
 *
 * While the mail system is down the message goes to postdrop, which leaves it
 * in maildrop/. What postdrop reads ends in a line that says so: without it we
 * were stopped half-way, and nothing may be delivered.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "config/places.h"
#include "ipc/ask.h"
#include "os/file.h"
#include "service/tool.h"
#include "tools/sendmail/sendmail.h"

struct target {
	const struct tool *tool;
	int fd;
	pid_t postdrop; /* 0: the socket */
	struct packet_out out;
	uint64_t size, most; /* most 0: no limit */
	struct why why; /* of the first trouble */
};

static void
failed(struct target *t, const char *what)
{
	if (t->why.outcome == DONE)
		why_set(&t->why, "4.3.0", "%s: %s", what, strerror(errno));
}

static void
run_postdrop(const struct target *t, int input)
{
	char name[] = "postdrop", dash_c[] = "-c";
	char *dir = mem_str(t->tool->folder);
	char *argv[] = { name, dash_c, dir, NULL };

	if (strcmp(dir, PLACES_FOLDER) == 0)
		argv[1] = NULL; /* a setgid program takes no -c */
	if (dup2(input, STDIN_FILENO) == -1)
		_exit(EX_OSERR);
	tool_exec(t->tool, "postdrop", argv);
}

static void
postdrop_start(struct target *t)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1 || (t->postdrop = fork()) == -1)
		tool_fatal(t->tool, EX_OSERR, "%s", strerror(errno));
	if (t->postdrop == 0)
		run_postdrop(t, fds[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	close(fds[0]);
	t->fd = fds[1];
}

static void
put(struct target *t)
{
	if (t->why.outcome == DONE && packet_send(t->fd, &t->out) == -1)
		failed(t, "pickup");
}

static void
pipe_write(struct target *t, struct span bytes)
{
	if (t->why.outcome == DONE && file_write(t->fd, bytes) == -1)
		failed(t, "postdrop");
}

static void
drop_line(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s=", name);
	buf_add_span(out, value);
	buf_add_byte(out, '\n');
}

/* The lines of pickup/drop.h. notify holds for the recipients behind it. */
static void
drop_envelope(struct target *t, const struct letter *l)
{
	struct buf text = BUF_EMPTY;
	unsigned notify = 0;

	buf_add_str(&text, "FDROP1\n");
	drop_line(&text, "sender", l->begin->sender);
	drop_line(&text, "full_name", l->begin->full_name);
	if (l->begin->envid.n > 0)
		drop_line(&text, "envid", l->begin->envid);
	if (l->begin->verp.n > 0)
		drop_line(&text, "verp", l->begin->verp);
	if (l->begin->ret != RET_NONE)
		buf_printf(&text, "ret=%u\n", l->begin->ret);
	if (l->begin->flags != 0)
		buf_printf(&text, "flags=%u\n", l->begin->flags);
	for (size_t i = 0; i < l->count; i++) {
		if (l->rcpts[i].notify != notify)
			buf_printf(&text, "notify=%u\n", l->rcpts[i].notify);
		notify = l->rcpts[i].notify;
		drop_line(&text, "rcpt", l->rcpts[i].address);
	}
	buf_add_byte(&text, '\n');
	pipe_write(t, buf_span(&text));
	buf_free(&text);
}

static void
submit_envelope(struct target *t, const struct letter *l)
{
	submit_begin_put(&t->out, l->begin);
	put(t);
	for (size_t i = 0; i < l->count; i += QUEUE_RCPTS_PACKET) {
		size_t n = l->count - i < QUEUE_RCPTS_PACKET
		    ? l->count - i
		    : QUEUE_RCPTS_PACKET;

		submit_rcpts_put(&t->out, l->rcpts + i, n);
		put(t);
	}
}

struct target *
target_open(const struct tool *tool, const struct letter *l, bool drop)
{
	struct target *t = mem_new(sizeof(*t));
	const char *limit = tool_value(tool, "message_size_limit");

	t->tool = tool;
	why_init(&t->why);
	(void)number_parse(span_str(limit), 0, UINT64_MAX, &t->most);
	t->fd = drop ? -1 : tool_connect(tool, "pickup");
	if (t->fd == -1) {
		postdrop_start(t);
		drop_envelope(t, l);
	} else {
		submit_envelope(t, l);
	}
	return t;
}

void
target_data(struct target *t, struct span bytes)
{
	t->size += bytes.n;
	if (t->why.outcome == DONE && t->most > 0 && t->size > t->most)
		why_set(&t->why, "5.3.4",
		    "message file too big: message_size_limit is %llu bytes",
		    (unsigned long long)t->most);
	while (bytes.n > 0 && t->why.outcome == DONE) {
		struct span part = span_head(bytes, SUBMIT_DATA_MAX);

		if (t->postdrop != 0) {
			pipe_write(t, part);
		} else {
			submit_data_put(&t->out, part);
			put(t);
		}
		bytes = span_skip(bytes, part.n);
	}
}

/* It has said why on standard error. */
static void
postdrop_end(struct target *t)
{
	int status = 0;

	close(t->fd);
	while (waitpid(t->postdrop, &status, 0) == -1)
		if (errno != EINTR)
			break;
	if (t->why.outcome == DONE &&
	    (!WIFEXITED(status) || WEXITSTATUS(status) != EX_OK))
		why_set(
		    &t->why, "4.3.0", "postdrop could not keep the message");
}

static void
socket_end(struct target *t, struct buf *qid)
{
	struct packet_in in = { .bad = false };
	struct span id = SPAN("");

	if (t->why.outcome == DONE) {
		submit_end_put(&t->out);
		if (ask(t->fd, &t->out, &in) == -1)
			failed(t, "no answer from pickup");
		else if (!submit_done_get(&in, &t->why, &id))
			why_set(
			    &t->why, "4.3.0", "malformed answer from pickup");
		buf_add_span(qid, id);
	}
	packet_in_done(&in);
	close(t->fd);
}

static void
target_free(struct target **t)
{
	packet_done(&(*t)->out);
	why_free(&(*t)->why);
	mem_free(t);
}

bool
target_end(struct target **tp, struct why *why, struct buf *qid)
{
	struct target *t = *tp;
	bool drop = t->postdrop != 0;

	if (drop) {
		pipe_write(t, SPAN("\nFDROP-END\n"));
		postdrop_end(t);
	} else {
		socket_end(t, qid);
	}
	why_copy(why, &t->why);
	target_free(tp);
	return drop;
}

void
target_abort(struct target **tp)
{
	struct target *t = *tp;

	if (t == NULL)
		return;
	if (t->postdrop != 0) {
		(void)kill(t->postdrop, SIGTERM);
		postdrop_end(t);
	} else {
		close(t->fd);
	}
	target_free(tp);
}
