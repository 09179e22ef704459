/*
 * asked.c - questions to servers, and the connections that take them there
 *
 * Each site has a few connections with one question at most on each, and a
 * queue for what finds none idle; sites do not wait for each other. Who asks
 * what is under way waits for the same answer. A question that got none in time
 * fails, and its connection is left to itself. After a site that made somebody
 * wait in vain nobody waits for it again for a while.
 */

#include "lookup/asked.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "os/clock.h"
#include "os/loop.h"

enum {
	LINES = 4, /* of a site */
	REST_MS = 3000, /* after a failure */
	IDLE_MS = 60000,
	TICK_MS = 500,
	QUEUE_MAX = 2000 /* of a site */
};

struct waiter {
	struct list in;
	struct parked_to to;
};

/* ---- questions */

static void
queue_leave(struct asked *q)
{
	if (!list_empty(&q->in))
		q->site->queued--;
	list_remove(&q->in);
}

void
asked_end(struct asked *q, enum map_result got, struct span value,
    const struct why *why)
{
	struct asked_pool *p = q->site->pool;
	struct list *at;

	queue_leave(q);
	list_remove(&q->by_age);
	table_remove(p->questions, span_of(q->name, q->name_size));
	while ((at = list_pop(&q->waiters)) != NULL) {
		struct waiter *w = LIST_OF(at, struct waiter, in);

		w->to.fn(w->to.arg, got, value, why);
		free(w);
	}
	free(q->name);
	p->kind->free(q);
}

void
asked_fail(struct asked *q, const char *text)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.3.0", "%s", text);
	asked_end(q, MAP_ERROR, SPAN(""), &why);
	why_free(&why);
}

bool
asked_again(struct asked *q)
{
	if (q->again)
		return false;
	q->again = true;
	list_add_head(&q->site->queue, &q->in);
	q->site->queued++;
	return true;
}

/* ---- connections */

void
asked_line_add(struct asked_site *s, struct asked_line *l, bool ready)
{
	l->site = s;
	list_init(&l->in);
	list_add_tail(&s->lines, &l->in);
	s->line_count++;
	if (ready)
		asked_line_ready(l);
}

void
asked_line_ready(struct asked_line *l)
{
	l->ready = true;
	l->since = clock_ms();
}

void
asked_line_idle(struct asked_line *l)
{
	l->question->line = NULL;
	l->question = NULL;
	l->since = clock_ms();
}

struct asked *
asked_line_end(struct asked_line *l)
{
	struct asked *q = l->question;

	list_remove(&l->in);
	l->site->line_count--;
	if (q != NULL)
		q->line = NULL;
	l->site->pool->kind->close(l);
	return q;
}

/* ---- sites */

static bool
line_idle(const struct asked_line *l)
{
	return l->ready && l->question == NULL;
}

static struct asked_line *
line_find(struct asked_site *s)
{
	LIST_EACH(at, &s->lines)
	{
		struct asked_line *l = LIST_OF(at, struct asked_line, in);

		if (line_idle(l))
			return l;
	}
	return NULL;
}

static unsigned
lines_unready(struct asked_site *s)
{
	unsigned n = 0;

	LIST_EACH(at, &s->lines)
	n += !LIST_OF(at, struct asked_line, in)->ready;
	return n;
}

static void
queue_send(struct asked_site *s)
{
	struct asked_line *l;

	while (!list_empty(&s->queue) && (l = line_find(s)) != NULL) {
		struct asked *q = LIST_OF(s->queue.next, struct asked, in);

		queue_leave(q);
		l->question = q;
		q->line = l;
		s->pool->kind->send(l);
	}
}

void
asked_site_go(struct asked_site *s)
{
	queue_send(s);
	while (s->line_count < LINES && s->queued > lines_unready(s)) {
		if (s->pool->kind->open(s)) {
			queue_send(s);
			continue;
		}
		if (s->line_count == 0)
			asked_site_fail(s, s->pool->kind->unreachable);
		return;
	}
}

void
asked_site_rest(struct asked_site *s)
{
	s->rest_until = clock_ms() + REST_MS;
}

void
asked_site_fail(struct asked_site *s, const char *text)
{
	asked_site_rest(s);
	while (!list_empty(&s->queue))
		asked_fail(LIST_OF(s->queue.next, struct asked, in), text);
}

void
asked_site_idle_end(struct asked_site *s, int64_t since)
{
	struct list *next;

	for (struct list *at = s->lines.next; at != &s->lines; at = next) {
		struct asked_line *l = LIST_OF(at, struct asked_line, in);

		next = at->next;
		if (line_idle(l) && l->since <= since)
			(void)asked_line_end(l);
	}
}

struct asked_site *
asked_site_find(struct asked_pool *p, struct span name)
{
	struct asked_site *s = table_get(p->sites, name);

	if (s != NULL)
		return s;
	s = mem_new(sizeof(*s));
	s->pool = p;
	s->name = mem_span(name);
	list_init(&s->lines);
	list_init(&s->queue);
	list_init(&s->in);
	list_add_tail(&p->all_sites, &s->in);
	table_put(p->sites, name, s);
	return s;
}

static void
site_free(void *value)
{
	struct asked_site *s = value;

	asked_site_rest(s);
	while (!list_empty(&s->lines)) {
		struct asked *q = asked_line_end(
		    LIST_OF(s->lines.next, struct asked_line, in));

		if (q != NULL)
			asked_fail(q, "the process ends");
	}
	asked_site_fail(s, "the process ends");
	list_remove(&s->in);
	free(s->name);
	free(s);
}

/* ---- time */

/* None is sent before all that are late have failed: what waited behind them is
 * as late as they, and would take a connection for nothing. */
static void
questions_old(struct asked_pool *p, int64_t now)
{
	while (!list_empty(&p->ages)) {
		struct asked *q = LIST_OF(p->ages.next, struct asked, by_age);

		if (now - q->began < p->limit_ms)
			break;
		asked_site_rest(q->site);
		if (q->line != NULL)
			(void)asked_line_end(q->line);
		asked_fail(q, p->kind->late);
	}
}

static void
tick(void *arg)
{
	struct asked_pool *p = arg;
	int64_t now = clock_ms();
	bool busy;

	questions_old(p, now);
	busy = !list_empty(&p->ages);
	LIST_EACH(at, &p->all_sites)
	{
		struct asked_site *s = LIST_OF(at, struct asked_site, in);

		asked_site_go(s);
		asked_site_idle_end(s, now - IDLE_MS);
		busy = busy || s->line_count > 0;
	}
	if (busy)
		loop_timer_set(p->tick, TICK_MS);
}

static void
go(void *arg)
{
	struct asked_pool *p = arg;

	LIST_EACH(at, &p->all_sites)
	asked_site_go(LIST_OF(at, struct asked_site, in));
}

/* ---- asking */

static void
wait_for(struct asked *q, struct parked_to to)
{
	struct waiter *w = mem_new(sizeof(*w));

	w->to = to;
	list_add_tail(&q->waiters, &w->in);
}

bool
asked_join(struct asked_pool *p, struct span name, struct parked_to to)
{
	struct asked *q = table_get(p->questions, name);

	if (q != NULL)
		wait_for(q, to);
	return q != NULL;
}

bool
asked_may(const struct asked_site *s, struct why *why)
{
	if (clock_ms() < s->rest_until)
		why_set(why, "4.3.0", "it failed a moment ago");
	else if (s->queued >= QUEUE_MAX)
		why_set(why, "4.3.0", "too many questions wait for it");
	else
		return true;
	return false;
}

void
asked_begin(struct asked_site *s, struct asked *q, struct buf *name,
    struct parked_to to)
{
	struct asked_pool *p = s->pool;

	q->site = s;
	q->began = clock_ms();
	q->name_size = name->n;
	q->name = buf_take(name);
	table_put(p->questions, span_of(q->name, q->name_size), q);
	list_init(&q->waiters);
	wait_for(q, to);
	list_init(&q->in);
	list_add_tail(&s->queue, &q->in);
	s->queued++;
	list_init(&q->by_age);
	list_add_tail(&p->ages, &q->by_age);
	/* connections are found by the loop: no answer from inside */
	loop_timer_set(p->go, 0);
	if (!loop_timer_is_set(p->tick))
		loop_timer_set(p->tick, TICK_MS);
}

void
asked_pool_init(struct asked_pool *p, struct loop *loop,
    const struct asked_kind *kind, int64_t limit_ms, void *arg)
{
	p->loop = loop;
	p->kind = kind;
	p->arg = arg;
	p->limit_ms = limit_ms;
	p->sites = table_new();
	p->questions = table_new();
	list_init(&p->ages);
	list_init(&p->all_sites);
	p->tick = loop_timer_new(loop, tick, p);
	p->go = loop_timer_new(loop, go, p);
}

void
asked_pool_done(struct asked_pool *p)
{
	table_free(&p->sites, site_free);
	table_free(&p->questions, NULL);
	loop_timer_free(&p->tick);
	loop_timer_free(&p->go);
}
