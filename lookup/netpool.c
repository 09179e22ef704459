/*
 * netpool.c - questions to the servers of socketmap: and tcp: tables
 *
 * Neither protocol lets two questions be under way on one connection. One that
 * had served before and is closed before it says a word was closed by the
 * server as idle: its question goes to another one, once.
 */

#include "lookup/netpool.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "ipc/channel.h"
#include "lookup/asked.h"
#include "maps/dial.h"
#include "maps/net_reply.h"
#include "os/file.h"
#include "os/loop.h"

enum { READ_STEP = 4096 };

struct question {
	struct asked all;
	bool socketmap;
	struct buf bytes;
};

struct line {
	struct asked_line all;
	struct channel_call *dialling;
	int fd;
	struct loop_io *io;
	bool old; /* it has answered before */
	size_t sent;
	struct buf heard;
};

struct netpool {
	struct channel *connector;
	struct asked_pool asked;
};

static struct line *
line_of(struct asked_line *l)
{
	return LIST_OF(l, struct line, all);
}

/* NULL: it is idle. */
static struct question *
question_of(const struct line *l)
{
	return l->all.question == NULL
	    ? NULL
	    : LIST_OF(l->all.question, struct question, all);
}

static void
line_close(struct asked_line *all)
{
	struct line *l = line_of(all);

	channel_cancel(&l->dialling);
	loop_io_free(&l->io);
	file_close(&l->fd);
	buf_free(&l->heard);
	free(l);
}

static void
line_broke(struct line *l, const char *text)
{
	struct asked_site *s = l->all.site;
	bool stale = l->old && l->heard.n == 0 && errno != 0;
	struct asked *q = asked_line_end(&l->all);

	if (q == NULL)
		return;
	if (!stale || !asked_again(q)) {
		asked_site_rest(s);
		asked_fail(q, text);
	}
	asked_site_go(s);
}

/* The answer is whole. */
static void
line_answered(struct line *l, enum map_result got, struct span value,
    const struct why *why)
{
	struct asked_site *s = l->all.site;
	struct asked *q = l->all.question;

	asked_line_idle(&l->all);
	l->old = true;
	buf_clear(&l->heard);
	asked_end(q, got, value, why);
	asked_site_go(s);
}

/* False: the line is gone, or has no question any more. */
static bool
heard(struct line *l)
{
	const struct question *q = question_of(l);
	struct buf out = BUF_EMPTY;
	enum map_result got = MAP_ERROR;
	enum net_reply_result result;
	struct why why;

	why_init(&why);
	/* nor is it one if the question was not sent whole */
	result =
	    q == NULL || l->sent < q->bytes.n || l->heard.n > NET_REPLY_MAX + 16
	    ? NET_REPLY_BAD
	    : (q->socketmap ? net_reply_socketmap : net_reply_tcp)(
		  buf_span(&l->heard), &got, &out, &why);
	if (result == NET_REPLY_DONE) {
		line_answered(l, got, buf_span(&out), &why);
	} else if (result == NET_REPLY_BAD) {
		errno = 0;
		line_broke(l, "a reply that is none");
	}
	why_free(&why);
	buf_free(&out);
	return result == NET_REPLY_MORE;
}

static void
line_read(struct line *l)
{
	ssize_t n;

	do {
		n = recv(l->fd, buf_room(&l->heard, READ_STEP), READ_STEP,
		    MSG_DONTWAIT);
		if (n > 0)
			l->heard.n += (size_t)n;
	} while ((n > 0 && heard(l)) || (n == -1 && errno == EINTR));
	if (n == 0)
		errno = EPIPE;
	if (n == 0 || (n == -1 && errno != EAGAIN))
		line_broke(l, n == 0 ? "it hung up" : strerror(errno));
}

static void
line_write(struct line *l)
{
	const struct question *q = question_of(l);
	struct span rest = span_skip(buf_span(&q->bytes), l->sent);
	ssize_t n;

	do
		n = send(l->fd, rest.p, rest.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno != EAGAIN) {
		line_broke(l, strerror(errno));
		return;
	}
	l->sent += n > 0 ? (size_t)n : 0;
	loop_io_want(
	    l->io, LOOP_READ | (l->sent < q->bytes.n ? LOOP_WRITE : 0U));
}

static void
line_event(void *arg, unsigned ready)
{
	struct line *l = arg;

	if ((ready & LOOP_READ) != 0)
		line_read(l);
	else if (l->all.question != NULL)
		line_write(l);
}

static void
line_send(struct asked_line *all)
{
	struct line *l = line_of(all);

	l->sent = 0;
	loop_io_want(l->io, LOOP_READ | LOOP_WRITE);
}

static void
dialled(void *arg, struct packet_in *in)
{
	struct line *l = arg;
	struct asked_site *s = l->all.site;
	struct why why;

	l->dialling = NULL;
	why_init(&why);
	if (in == NULL || !dial_answer_get(in, &l->fd, &why))
		why_set(&why, "4.3.0", "connector does not answer");
	if (l->fd != -1) {
		l->io =
		    loop_io_new(s->pool->loop, l->fd, LOOP_READ, line_event, l);
		asked_line_ready(&l->all);
		asked_site_go(s);
	} else {
		(void)asked_line_end(&l->all);
		asked_site_fail(s, why_text(&why));
	}
	why_free(&why);
}

static bool
line_open(struct asked_site *s)
{
	const struct netpool *p = s->pool->arg;
	struct line *l = mem_new(sizeof(*l));
	struct packet_out o = { .fd_count = 0 };

	l->fd = -1;
	asked_line_add(s, &l->all, false);
	dial_put(&o, span_str(s->name));
	l->dialling = channel_ask(p->connector, &o, dialled, l);
	packet_done(&o);
	return true;
}

static void
question_free(struct asked *all)
{
	struct question *q = LIST_OF(all, struct question, all);

	buf_free(&q->bytes);
	free(q);
}

static const struct asked_kind kind = {
	.open = line_open,
	.close = line_close,
	.send = line_send,
	.free = question_free,
	.late = "it did not answer in time",
};

void
netpool_name(const struct map_net_question *q, struct buf *out)
{
	buf_printf(out, "%d ", q->socketmap);
	buf_add_span(out, q->target);
	buf_add_byte(out, '\n');
	buf_add_span(out, q->bytes);
}

/* Ask what nobody asks yet. */
static bool
question_begin(struct netpool *p, const struct map_net_question *what,
    struct buf *name, struct parked_to to, struct why *why)
{
	struct asked_site *s = asked_site_find(&p->asked, what->target);
	struct question *q;

	if (!asked_may(s, why))
		return false;
	q = mem_new(sizeof(*q));
	q->socketmap = what->socketmap;
	buf_add_span(&q->bytes, what->bytes);
	asked_begin(s, &q->all, name, to);
	return true;
}

bool
netpool_ask(struct netpool *p, const struct map_net_question *what,
    struct parked_to to, struct why *why)
{
	struct buf name = BUF_EMPTY;
	bool good;

	netpool_name(what, &name);
	good = asked_join(&p->asked, buf_span(&name), to) ||
	    question_begin(p, what, &name, to, why);
	buf_free(&name);
	return good;
}

struct netpool *
netpool_new(struct loop *loop, struct channel *connector, int64_t limit_ms)
{
	struct netpool *p = mem_new(sizeof(*p));

	p->connector = connector;
	asked_pool_init(&p->asked, loop, &kind, limit_ms, p);
	return p;
}

void
netpool_free(struct netpool **p)
{
	if (*p == NULL)
		return;
	asked_pool_done(&(*p)->asked);
	mem_free(p);
}
