/*
 * dbpool.c - questions to databases, by processes of dbmap
 *
 * The tables that name the same servers are a group, which has a few
 * connections, each to a process of its own, and a queue. A question that got
 * no answer in time fails, and its process is left to itself. After a server
 * that made somebody wait in vain nobody waits for it again for a while.
 */

#include "lookup/dbpool.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/dbmap_call.h"
#include "ipc/link.h"
#include "lookup/parked.h"
#include "maps/plugin_conf.h"
#include "maps/plugin_link.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"

enum {
	WORKERS = 4, /* of a group */
	LIMIT_MS = 10000, /* of a question, its time in the queue too */
	REST_MS = 3000,
	SLOW_MS = 1500, /* a failure that took longer is one to rest after */
	IDLE_MS = 60000,
	TICK_MS = 500,
	QUEUE_MAX = 2000, /* of a group */
	VALUE_MAX = 2 << 20
};

struct group {
	struct list in;
	struct dbpool *pool;
	struct list workers, queue; /* of questions that wait for one */
	unsigned worker_count, queued;
	int64_t rest_until;
};

struct worker {
	struct list in;
	struct group *group;
	struct link *link;
	struct question *question; /* NULL: it is idle */
	int64_t since; /* that */
};

struct waiter {
	struct list in;
	struct parked_to to;
};

struct question {
	struct list in; /* of the group's queue, while it waits */
	struct list by_age;
	struct group *group;
	struct worker *worker;
	struct packet_out packet;
	char *key; /* in dbpool.questions */
	size_t key_size;
	struct list waiters;
	struct buf value; /* parts that came */
	bool again; /* it is with its second process */
	int64_t began;
};

struct dbpool {
	struct loop *loop;
	char *path;
	struct table *groups; /* by plugin_conf_group() */
	struct table *tables; /* by type and text: struct group */
	struct table *questions; /* by table and key */
	struct list ages, all_groups;
	struct loop_timer *tick;
	struct loop_timer *go; /* questions wait for a process */
	uint32_t last_id;
};

/* ---- questions */

static void
question_end(struct question *q, enum map_result got, const struct why *why)
{
	struct dbpool *p = q->group->pool;
	struct list *at;

	if (!list_empty(&q->in))
		q->group->queued--;
	list_remove(&q->in);
	list_remove(&q->by_age);
	table_remove(p->questions, span_of(q->key, q->key_size));
	while ((at = list_pop(&q->waiters)) != NULL) {
		struct waiter *w = LIST_OF(at, struct waiter, in);

		w->to.fn(w->to.arg, got,
		    got == MAP_FOUND ? buf_span(&q->value) : SPAN(""), why);
		free(w);
	}
	packet_done(&q->packet);
	buf_free(&q->value);
	free(q->key);
	free(q);
}

static void
question_fail(struct question *q, const char *text)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.3.0", "%s", text);
	question_end(q, MAP_ERROR, &why);
	why_free(&why);
}

/* ---- processes */

static void group_go(struct group *g);

/* Its question, if any, is the caller's. */
static struct question *
worker_end(struct worker *w)
{
	struct question *q = w->question;

	link_free(&w->link);
	list_remove(&w->in);
	w->group->worker_count--;
	if (q != NULL)
		q->worker = NULL;
	free(w);
	return q;
}

static void
worker_idle(struct worker *w)
{
	w->question->worker = NULL;
	w->question = NULL;
	w->since = clock_ms();
}

/* An answer that is a failure: a server that is slow to say so is spared. */
static void
failed(struct group *g, const struct question *q)
{
	int64_t now = clock_ms();

	if (now - q->began >= SLOW_MS)
		g->rest_until = now + REST_MS;
}

/* A part of an answer. True: it was the last one. */
static bool
part_take(struct worker *w, const struct dbmap_value *v)
{
	struct question *q = w->question;

	buf_add_span(&q->value, v->value);
	if (v->more)
		return false;
	worker_idle(w);
	if (v->why.outcome != DONE)
		failed(w->group, q);
	question_end(q,
	    v->why.outcome != DONE ? MAP_ERROR
		: v->found         ? MAP_FOUND
				   : MAP_NONE,
	    &v->why);
	return true;
}

/* End the processes that have waited for work since then, or longer. */
static void
idle_end(struct group *g, int64_t since)
{
	struct list *next;

	for (struct list *at = g->workers.next; at != &g->workers; at = next) {
		struct worker *w = LIST_OF(at, struct worker, in);

		next = at->next;
		if (w->question == NULL && w->since <= since)
			(void)worker_end(w);
	}
}

/* Its process ended. It may have known an older file of the table, and those
 * beside it as well: once another one is asked. */
static void
question_again(struct question *q)
{
	if (q->again) {
		question_fail(q, "the process that asks it ended");
		return;
	}
	q->again = true;
	buf_clear(&q->value);
	idle_end(q->group, INT64_MAX);
	list_add_head(&q->group->queue, &q->in);
	q->group->queued++;
}

static void
came(void *arg, struct packet_in *in)
{
	struct worker *w = arg;
	struct group *g = w->group;
	struct dbmap_value v = { .more = false };
	struct question *q;

	why_init(&v.why);
	if (in != NULL && w->question != NULL &&
	    in->id == w->question->packet.id && dbmap_value_get(in, &v) &&
	    w->question->value.n <= VALUE_MAX) {
		if (part_take(w, &v))
			group_go(g);
	} else {
		q = worker_end(w);
		if (q != NULL)
			question_again(q);
		group_go(g);
	}
	why_free(&v.why);
}

/* One end of a pair goes to a new process of dbmap, which takes it when it is
 * ready; the other may be written to at once. -1 with errno. */
static int
worker_dial(const struct dbpool *p)
{
	struct packet_out o = { .fd_count = 0 };
	int pair[2], error = 0, fd;

	if (sock_pair(SOCK_SEQPACKET, true, pair) == -1)
		return -1;
	fd = sock_connect_unix(p->path, SOCK_SEQPACKET, true);
	dbmap_start_put(&o, pair[1]);
	if (fd == -1 || packet_send(fd, &o) == -1)
		error = errno;
	packet_done(&o);
	file_close(&fd);
	file_close(&pair[1]);
	if (error != 0)
		file_close(&pair[0]);
	errno = error;
	return pair[0];
}

/* NULL: errno. */
static struct worker *
worker_new(struct group *g)
{
	int fd = worker_dial(g->pool);
	struct worker *w;

	if (fd == -1)
		return NULL;
	w = mem_new(sizeof(*w));
	w->group = g;
	w->link = link_new(g->pool->loop, fd, "dbmap", came, w);
	w->since = clock_ms();
	list_add_tail(&g->workers, &w->in);
	g->worker_count++;
	return w;
}

static struct worker *
worker_find(struct group *g)
{
	LIST_EACH(at, &g->workers)
	{
		struct worker *w = LIST_OF(at, struct worker, in);

		if (w->question == NULL)
			return w;
	}
	return NULL;
}

/* ---- groups */

/* Give q to w. */
static void
question_send(struct worker *w, struct question *q)
{
	list_remove(&q->in);
	q->group->queued--;
	w->question = q;
	q->worker = w;
	if (link_send(w->link, &q->packet) == -1) {
		(void)worker_end(w);
		question_fail(q, "dbmap does not take the question");
	}
}

/* Questions that wait go to processes that do not, or to new ones. */
static void
group_go(struct group *g)
{
	while (!list_empty(&g->queue)) {
		struct question *q =
		    LIST_OF(g->queue.next, struct question, in);
		struct worker *w = worker_find(g);

		if (w == NULL && g->worker_count < WORKERS)
			w = worker_new(g);
		if (w == NULL && g->worker_count > 0)
			return;
		if (w != NULL) {
			question_send(w, q);
		} else {
			g->rest_until = clock_ms() + REST_MS;
			question_fail(
			    q, "dbmap cannot be reached: is it in master.cf?");
		}
	}
}

static struct group *
group_new(struct dbpool *p)
{
	struct group *g = mem_new(sizeof(*g));

	g->pool = p;
	list_init(&g->workers);
	list_init(&g->queue);
	list_add_tail(&p->all_groups, &g->in);
	return g;
}

static void
table_key(const struct plugin_table *t, struct buf *out)
{
	buf_printf(out, "%s\n", t->type);
	buf_add_span(out, t->conf);
}

/* The group of a table. The text was read before, so it can be. */
static struct group *
group_find(struct dbpool *p, const struct plugin_table *t, struct why *why)
{
	struct buf key = BUF_EMPTY, servers = BUF_EMPTY;
	struct plugin_conf *c = NULL;
	struct group *g;

	table_key(t, &key);
	g = table_get(p->tables, buf_span(&key));
	if (g == NULL)
		c = plugin_conf_parse(t->type, t->conf, t->name, true, why);
	if (c != NULL) {
		plugin_conf_group(c, &servers);
		g = table_get(p->groups, buf_span(&servers));
		if (g == NULL) {
			g = group_new(p);
			table_put(p->groups, buf_span(&servers), g);
		}
		table_put(p->tables, buf_span(&key), g);
	}
	plugin_conf_free(&c);
	buf_wipe(&key);
	buf_wipe(&servers);
	return g;
}

/* ---- time */

static void
questions_old(struct dbpool *p, int64_t now)
{
	while (!list_empty(&p->ages)) {
		struct question *q =
		    LIST_OF(p->ages.next, struct question, by_age);
		struct group *g = q->group;

		if (now - q->began < LIMIT_MS)
			break;
		g->rest_until = now + REST_MS;
		if (q->worker != NULL)
			(void)worker_end(q->worker);
		question_fail(q, "the database did not answer in time");
		group_go(g);
	}
}

static void
tick(void *arg)
{
	struct dbpool *p = arg;
	int64_t now = clock_ms();
	bool busy;

	questions_old(p, now);
	busy = !list_empty(&p->ages);
	LIST_EACH(at, &p->all_groups)
	{
		struct group *g = LIST_OF(at, struct group, in);

		idle_end(g, now - IDLE_MS);
		busy = busy || g->worker_count > 0;
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

static struct question *
question_new(struct group *g, const struct plugin_table *t, struct span key)
{
	struct question *q = mem_new(sizeof(*q));
	struct dbmap_ask ask = { span_str(t->type), span_str(t->name), t->conf,
		key };

	q->group = g;
	q->began = clock_ms();
	list_init(&q->in);
	list_init(&q->by_age);
	list_init(&q->waiters);
	if (++g->pool->last_id == 0)
		++g->pool->last_id;
	dbmap_ask_put(&q->packet, g->pool->last_id, &ask);
	return q;
}

/* Ask what nobody asks yet. */
static struct question *
question_begin(struct group *g, const struct plugin_table *t, struct span key,
    struct why *why)
{
	struct question *q;

	if (clock_ms() < g->rest_until) {
		why_set(why, "4.3.0", "it failed a moment ago");
		return NULL;
	}
	if (g->queued >= QUEUE_MAX) {
		why_set(why, "4.3.0", "too many questions wait for it");
		return NULL;
	}
	q = question_new(g, t, key);
	if (q->packet.bad) {
		why_set(why, "4.3.0", "a key of %zu bytes", key.n);
		packet_done(&q->packet);
		free(q);
		return NULL;
	}
	list_add_tail(&g->queue, &q->in);
	g->queued++;
	list_add_tail(&g->pool->ages, &q->by_age);
	return q;
}

/* Processes are found by the loop, so that no answer is given from inside
 * dbpool_ask(). */
static void
go_soon(struct dbpool *p)
{
	loop_timer_set(p->go, 0);
	if (!loop_timer_is_set(p->tick))
		loop_timer_set(p->tick, TICK_MS);
}

static void
go(void *arg)
{
	struct dbpool *p = arg;

	LIST_EACH(at, &p->all_groups)
	group_go(LIST_OF(at, struct group, in));
}

bool
dbpool_ask(struct dbpool *p, const struct plugin_table *t, struct span key,
    struct parked_to to, struct why *why)
{
	struct buf name = BUF_EMPTY;
	struct question *q;
	struct group *g;

	table_key(t, &name);
	buf_add_byte(&name, '\n');
	buf_add_span(&name, key);
	q = table_get(p->questions, buf_span(&name));
	if (q == NULL) {
		g = group_find(p, t, why);
		q = g == NULL ? NULL : question_begin(g, t, key, why);
		if (q != NULL) {
			q->key_size = name.n;
			q->key = buf_take(&name);
			table_put(
			    p->questions, span_of(q->key, q->key_size), q);
			wait_for(q, to);
			go_soon(p);
			return true;
		}
	} else {
		wait_for(q, to);
	}
	buf_wipe(&name);
	return q != NULL;
}

struct dbpool *
dbpool_new(struct loop *loop, const char *path)
{
	struct dbpool *p = mem_new(sizeof(*p));

	p->loop = loop;
	p->path = mem_str(path);
	p->groups = table_new();
	p->tables = table_new();
	p->questions = table_new();
	list_init(&p->ages);
	list_init(&p->all_groups);
	p->tick = loop_timer_new(loop, tick, p);
	p->go = loop_timer_new(loop, go, p);
	return p;
}
