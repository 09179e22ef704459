/*
 * netpool.c - questions to the servers of socketmap: and tcp: tables
 *
 * Neither protocol lets two questions be under way on one connection, so each
 * server has a few, and a queue for what finds none idle. After a server that
 * made somebody wait in vain nobody waits for it again for a while. A
 * connection that had served before and is closed before it says a word was
 * closed by the server as idle: its question goes to another one, once.
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
#include "base/table.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "ipc/channel.h"
#include "lookup/parked.h"
#include "maps/dial.h"
#include "maps/net_reply.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"

enum {
	LINES = 4, /* to one server */
	REST_MS = 3000, /* after a failure */
	IDLE_MS = 60000,
	TICK_MS = 500,
	QUEUE_MAX = 2000, /* of a server */
	READ_STEP = 4096
};

struct site {
	struct list in;
	struct netpool *pool;
	char *target;
	struct list lines, queue; /* of questions that wait for one */
	unsigned line_count, queued;
	int64_t rest_until;
};

/* A connection, or one that is being made. */
struct line {
	struct list in;
	struct site *site;
	struct channel_call *dialling;
	int fd;
	struct loop_io *io;
	struct question *question; /* NULL: it is idle */
	bool old; /* it has answered before */
	size_t sent;
	struct buf heard;
	int64_t since; /* it is idle */
};

struct waiter {
	struct list in;
	struct parked_to to;
};

struct question {
	struct list in; /* of the site's queue, while it waits */
	struct list by_age;
	struct site *site;
	struct line *line;
	bool socketmap, again;
	struct buf bytes;
	char *name; /* in netpool.questions */
	size_t name_size;
	struct list waiters;
	int64_t began;
};

struct netpool {
	struct loop *loop;
	struct channel *connector;
	int64_t limit_ms; /* of a question, its time in the queue too */
	struct table *sites; /* by target */
	struct table *questions; /* by netpool_name() */
	struct list ages, all_sites;
	struct loop_timer *tick;
	struct loop_timer *go; /* questions wait for a connection */
};

/* ---- questions */

static void
question_end(struct question *q, enum map_result got, struct span value,
    const struct why *why)
{
	struct netpool *p = q->site->pool;
	struct list *at;

	if (!list_empty(&q->in))
		q->site->queued--;
	list_remove(&q->in);
	list_remove(&q->by_age);
	table_remove(p->questions, span_of(q->name, q->name_size));
	while ((at = list_pop(&q->waiters)) != NULL) {
		struct waiter *w = LIST_OF(at, struct waiter, in);

		w->to.fn(w->to.arg, got, value, why);
		free(w);
	}
	buf_free(&q->bytes);
	free(q->name);
	free(q);
}

static void
question_fail(struct question *q, const char *text)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.3.0", "%s", text);
	question_end(q, MAP_ERROR, SPAN(""), &why);
	why_free(&why);
}

/* All that wait get the same word. */
static void
site_fail(struct site *s, const char *text)
{
	s->rest_until = clock_ms() + REST_MS;
	while (!list_empty(&s->queue))
		question_fail(
		    LIST_OF(s->queue.next, struct question, in), text);
}

/* ---- connections */

static void site_go(struct site *s);

/* Its question, if any, is the caller's. */
static struct question *
line_end(struct line *l)
{
	struct question *q = l->question;

	channel_cancel(&l->dialling);
	loop_io_free(&l->io);
	file_close(&l->fd);
	list_remove(&l->in);
	l->site->line_count--;
	if (q != NULL)
		q->line = NULL;
	buf_free(&l->heard);
	free(l);
	return q;
}

static void
line_broke(struct line *l, const char *text)
{
	struct site *s = l->site;
	bool stale = l->old && l->heard.n == 0 && errno != 0;
	struct question *q = line_end(l);

	if (q == NULL)
		return;
	if (stale && !q->again) {
		q->again = true;
		list_add_head(&s->queue, &q->in);
		s->queued++;
	} else {
		s->rest_until = clock_ms() + REST_MS;
		question_fail(q, text);
	}
	site_go(s);
}

/* The answer is whole. */
static void
line_answered(struct line *l, enum map_result got, struct span value,
    const struct why *why)
{
	struct site *s = l->site;
	struct question *q = l->question;

	q->line = NULL;
	l->question = NULL;
	l->old = true;
	l->since = clock_ms();
	buf_clear(&l->heard);
	question_end(q, got, value, why);
	site_go(s);
}

/* False: the line is gone, or has no question any more. */
static bool
heard(struct line *l)
{
	struct buf out = BUF_EMPTY;
	enum map_result got = MAP_ERROR;
	enum net_reply_result result;
	struct why why;

	why_init(&why);
	result = l->question == NULL || l->heard.n > NET_REPLY_MAX + 16
	    ? NET_REPLY_BAD
	    : (l->question->socketmap ? net_reply_socketmap : net_reply_tcp)(
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
	struct span rest = span_skip(buf_span(&l->question->bytes), l->sent);
	ssize_t n;

	do
		n = send(l->fd, rest.p, rest.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno != EAGAIN) {
		line_broke(l, strerror(errno));
		return;
	}
	l->sent += n > 0 ? (size_t)n : 0;
	loop_io_want(l->io,
	    LOOP_READ | (l->sent < l->question->bytes.n ? LOOP_WRITE : 0U));
}

static void
line_ready(void *arg, unsigned ready)
{
	struct line *l = arg;

	if ((ready & LOOP_READ) != 0)
		line_read(l);
	else if (l->question != NULL)
		line_write(l);
}

static void
question_send(struct line *l, struct question *q)
{
	l->question = q;
	q->line = l;
	l->sent = 0;
	loop_io_want(l->io, LOOP_READ | LOOP_WRITE);
}

static void
dialled(void *arg, struct packet_in *in)
{
	struct line *l = arg;
	struct site *s = l->site;
	struct why why;

	l->dialling = NULL;
	why_init(&why);
	if (in == NULL || !dial_answer_get(in, &l->fd, &why))
		why_set(&why, "4.3.0", "connector does not answer");
	if (l->fd != -1) {
		l->io =
		    loop_io_new(s->pool->loop, l->fd, LOOP_READ, line_ready, l);
		l->since = clock_ms();
		site_go(s);
	} else {
		(void)line_end(l);
		site_fail(s, why_text(&why));
	}
	why_free(&why);
}

static void
line_new(struct site *s)
{
	struct line *l = mem_new(sizeof(*l));
	struct packet_out o = { .fd_count = 0 };

	l->site = s;
	l->fd = -1;
	list_init(&l->in);
	list_add_tail(&s->lines, &l->in);
	s->line_count++;
	dial_put(&o, span_str(s->target));
	l->dialling = channel_ask(s->pool->connector, &o, dialled, l);
	packet_done(&o);
}

/* ---- servers */

static struct line *
line_find(struct site *s)
{
	LIST_EACH(at, &s->lines)
	{
		struct line *l = LIST_OF(at, struct line, in);

		if (l->question == NULL && l->fd != -1)
			return l;
	}
	return NULL;
}

static unsigned
lines_dialling(struct site *s)
{
	unsigned n = 0;

	LIST_EACH(at, &s->lines)
	n += LIST_OF(at, struct line, in)->dialling != NULL;
	return n;
}

/* Questions that wait go to connections that do not, or to new ones. */
static void
site_go(struct site *s)
{
	struct line *l;

	while (!list_empty(&s->queue) && (l = line_find(s)) != NULL) {
		struct question *q =
		    LIST_OF(s->queue.next, struct question, in);

		list_remove(&q->in);
		s->queued--;
		question_send(l, q);
	}
	while (s->line_count < LINES && s->queued > lines_dialling(s))
		line_new(s);
}

static struct site *
site_find(struct netpool *p, struct span target)
{
	struct site *s = table_get(p->sites, target);

	if (s != NULL)
		return s;
	s = mem_new(sizeof(*s));
	s->pool = p;
	s->target = mem_span(target);
	list_init(&s->lines);
	list_init(&s->queue);
	list_init(&s->in);
	list_add_tail(&p->all_sites, &s->in);
	table_put(p->sites, target, s);
	return s;
}

/* ---- time */

static void
questions_old(struct netpool *p, int64_t now)
{
	while (!list_empty(&p->ages)) {
		struct question *q =
		    LIST_OF(p->ages.next, struct question, by_age);
		struct site *s = q->site;

		if (now - q->began < p->limit_ms)
			break;
		s->rest_until = now + REST_MS;
		if (q->line != NULL)
			(void)line_end(q->line);
		question_fail(q, "it did not answer in time");
		site_go(s);
	}
}

static void
idle_end(struct site *s, int64_t since)
{
	struct list *next;

	for (struct list *at = s->lines.next; at != &s->lines; at = next) {
		struct line *l = LIST_OF(at, struct line, in);

		next = at->next;
		if (l->question == NULL && l->fd != -1 && l->since <= since)
			(void)line_end(l);
	}
}

static void
tick(void *arg)
{
	struct netpool *p = arg;
	int64_t now = clock_ms();
	bool busy;

	questions_old(p, now);
	busy = !list_empty(&p->ages);
	LIST_EACH(at, &p->all_sites)
	{
		struct site *s = LIST_OF(at, struct site, in);

		idle_end(s, now - IDLE_MS);
		busy = busy || s->line_count > 0;
	}
	if (busy)
		loop_timer_set(p->tick, TICK_MS);
}

/* ---- asking */

static void
wait_for(struct question *q, struct parked_to to)
{
	struct waiter *w = mem_new(sizeof(*w));

	w->to = to;
	list_add_tail(&q->waiters, &w->in);
}

void
netpool_name(const struct map_net_question *q, struct buf *out)
{
	buf_printf(out, "%d ", q->socketmap);
	buf_add_span(out, q->target);
	buf_add_byte(out, '\n');
	buf_add_span(out, q->bytes);
}

/* Ask what nobody asks yet. */
static struct question *
question_new(
    struct site *s, const struct map_net_question *what, struct why *why)
{
	struct question *q;

	if (clock_ms() < s->rest_until) {
		why_set(why, "4.3.0", "it failed a moment ago");
		return NULL;
	}
	if (s->queued >= QUEUE_MAX) {
		why_set(why, "4.3.0", "too many questions wait for it");
		return NULL;
	}
	q = mem_new(sizeof(*q));
	q->site = s;
	q->socketmap = what->socketmap;
	buf_add_span(&q->bytes, what->bytes);
	q->began = clock_ms();
	list_init(&q->in);
	list_init(&q->by_age);
	list_init(&q->waiters);
	list_add_tail(&s->queue, &q->in);
	s->queued++;
	list_add_tail(&s->pool->ages, &q->by_age);
	return q;
}

bool
netpool_ask(struct netpool *p, const struct map_net_question *what,
    struct parked_to to, struct why *why)
{
	struct buf name = BUF_EMPTY;
	struct question *q;

	netpool_name(what, &name);
	q = table_get(p->questions, buf_span(&name));
	if (q == NULL) {
		q = question_new(site_find(p, what->target), what, why);
		if (q != NULL) {
			q->name_size = name.n;
			q->name = buf_take(&name);
			table_put(
			    p->questions, span_of(q->name, q->name_size), q);
			/* no answer is given from inside */
			loop_timer_set(p->go, 0);
		}
	}
	if (q != NULL)
		wait_for(q, to);
	if (!loop_timer_is_set(p->tick))
		loop_timer_set(p->tick, TICK_MS);
	buf_free(&name);
	return q != NULL;
}

static void
go(void *arg)
{
	struct netpool *p = arg;

	LIST_EACH(at, &p->all_sites)
	site_go(LIST_OF(at, struct site, in));
}

struct netpool *
netpool_new(struct loop *loop, struct channel *connector, int64_t limit_ms)
{
	struct netpool *p = mem_new(sizeof(*p));

	p->loop = loop;
	p->connector = connector;
	p->limit_ms = limit_ms;
	p->sites = table_new();
	p->questions = table_new();
	list_init(&p->ages);
	list_init(&p->all_sites);
	p->tick = loop_timer_new(loop, tick, p);
	p->go = loop_timer_new(loop, go, p);
	return p;
}

static void
site_free(void *value)
{
	struct site *s = value;

	while (!list_empty(&s->lines)) {
		struct question *q =
		    line_end(LIST_OF(s->lines.next, struct line, in));

		if (q != NULL)
			question_fail(q, "the process ends");
	}
	site_fail(s, "the process ends");
	list_remove(&s->in);
	free(s->target);
	free(s);
}

void
netpool_free(struct netpool **p)
{
	if (*p == NULL)
		return;
	table_free(&(*p)->sites, site_free);
	table_free(&(*p)->questions, NULL);
	loop_timer_free(&(*p)->tick);
	loop_timer_free(&(*p)->go);
	mem_free(p);
}
