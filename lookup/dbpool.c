/*
 * dbpool.c - questions to databases, by processes of dbmap
 *
 * The tables that name the same servers are a group, a site of asked.h, whose
 * connections each go to a process of their own.
 */

#include "lookup/dbpool.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/dbmap_call.h"
#include "ipc/link.h"
#include "lookup/asked.h"
#include "maps/plugin_conf.h"
#include "maps/plugin_link.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"

enum {
	SLOW_MS = 1500, /* a failure that took longer is one to rest after */
	VALUE_MAX = 2 << 20
};

struct question {
	struct asked all;
	struct packet_out packet;
	struct buf value; /* parts that came */
};

struct worker {
	struct asked_line all;
	struct link *link;
};

struct dbpool {
	char *path;
	struct table
	    *groups; /* by type and text of a table: struct asked_site */
	uint32_t last_id;
	struct asked_pool asked;
};

static struct worker *
worker_of(struct asked_line *l)
{
	return LIST_OF(l, struct worker, all);
}

static struct question *
question_of(struct asked *q)
{
	return LIST_OF(q, struct question, all);
}

static void
worker_close(struct asked_line *l)
{
	struct worker *w = worker_of(l);

	link_free(&w->link);
	free(w);
}

/* An answer that is a failure: a server that is slow to say so is spared. */
static void
failed(const struct asked *q)
{
	if (clock_ms() - q->began >= SLOW_MS)
		asked_site_rest(q->site);
}

/* A part of an answer to q. True: it was the last one. */
static bool
part_take(struct worker *w, struct question *q, const struct dbmap_value *v)
{
	enum map_result got = v->why.outcome != DONE ? MAP_ERROR
	    : v->found                               ? MAP_FOUND
						     : MAP_NONE;

	buf_add_span(&q->value, v->value);
	if (v->more)
		return false;
	asked_line_idle(&w->all);
	if (got == MAP_ERROR)
		failed(&q->all);
	asked_end(&q->all, got,
	    got == MAP_FOUND ? buf_span(&q->value) : SPAN(""), &v->why);
	return true;
}

/* Its process ended. It may have known an older file of the table, and those
 * beside it as well: once another one is asked. */
static void
question_again(struct asked *q)
{
	if (!asked_again(q)) {
		asked_fail(q, "the process that asks it ended");
		return;
	}
	buf_clear(&question_of(q)->value);
	asked_site_idle_end(q->site, INT64_MAX);
}

static void
came(void *arg, struct packet_in *in)
{
	struct worker *w = arg;
	struct asked_site *s = w->all.site;
	struct asked *asked = w->all.question;
	struct question *q = asked == NULL ? NULL : question_of(asked);
	struct dbmap_value v = { .more = false };

	why_init(&v.why);
	if (in != NULL && q != NULL && in->id == q->packet.id &&
	    dbmap_value_get(in, &v) && q->value.n <= VALUE_MAX) {
		if (part_take(w, q, &v))
			asked_site_go(s);
	} else {
		asked = asked_line_end(&w->all);
		if (asked != NULL)
			question_again(asked);
		asked_site_go(s);
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

static bool
worker_open(struct asked_site *s)
{
	int fd = worker_dial(s->pool->arg);
	struct worker *w;

	if (fd == -1)
		return false;
	w = mem_new(sizeof(*w));
	w->link = link_new(s->pool->loop, fd, "dbmap", came, w);
	asked_line_add(s, &w->all, true);
	return true;
}

static void
question_send(struct asked_line *l)
{
	struct asked *q = l->question;

	if (link_send(worker_of(l)->link, &question_of(q)->packet) == -1) {
		(void)asked_line_end(l);
		asked_fail(q, "dbmap does not take the question");
	}
}

static void
question_free(struct asked *all)
{
	struct question *q = question_of(all);

	packet_done(&q->packet);
	buf_free(&q->value);
	free(q);
}

static const struct asked_kind kind = {
	.open = worker_open,
	.close = worker_close,
	.send = question_send,
	.free = question_free,
	.unreachable = "dbmap cannot be reached: is it in master.cf?",
	.late = "the database did not answer in time",
};

/* ---- asking */

static void
table_key(const struct plugin_table *t, struct buf *out)
{
	buf_printf(out, "%s\n", t->type);
	buf_add_span(out, t->conf);
}

/* The group of a table. The text was read before, so it can be. */
static struct asked_site *
group_find(struct dbpool *p, const struct plugin_table *t, struct why *why)
{
	struct buf key = BUF_EMPTY, servers = BUF_EMPTY;
	struct plugin_conf *c = NULL;
	struct asked_site *s;

	table_key(t, &key);
	s = table_get(p->groups, buf_span(&key));
	if (s == NULL)
		c = plugin_conf_parse(t->type, t->conf, t->name, true, why);
	if (c != NULL) {
		plugin_conf_group(c, &servers);
		s = asked_site_find(&p->asked, buf_span(&servers));
		table_put(p->groups, buf_span(&key), s);
	}
	plugin_conf_free(&c);
	buf_wipe(&key);
	buf_wipe(&servers);
	return s;
}

static struct question *
question_new(struct dbpool *p, const struct plugin_table *t, struct span key)
{
	struct question *q = mem_new(sizeof(*q));
	struct dbmap_ask ask = { span_str(t->type), span_str(t->name), t->conf,
		key };

	if (++p->last_id == 0)
		++p->last_id;
	dbmap_ask_put(&q->packet, p->last_id, &ask);
	return q;
}

/* What nobody asks yet, for s. NULL: not now. */
static struct question *
question_for(struct asked_site *s, const struct plugin_table *t,
    struct span key, struct why *why)
{
	struct question *q;

	if (!asked_may(s, why))
		return NULL;
	q = question_new(s->pool->arg, t, key);
	if (q->packet.bad) {
		why_set(why, "4.3.0", "a key of %zu bytes", key.n);
		question_free(&q->all);
		return NULL;
	}
	return q;
}

bool
dbpool_ask(struct dbpool *p, const struct plugin_table *t, struct span key,
    struct parked_to to, struct why *why)
{
	struct buf name = BUF_EMPTY;
	struct question *q = NULL;
	struct asked_site *s;
	bool good;

	table_key(t, &name);
	buf_add_byte(&name, '\n');
	buf_add_span(&name, key);
	good = asked_join(&p->asked, buf_span(&name), to);
	if (!good && (s = group_find(p, t, why)) != NULL &&
	    (q = question_for(s, t, key, why)) != NULL) {
		asked_begin(s, &q->all, &name, to);
		good = true;
	}
	buf_wipe(&name);
	return good;
}

struct dbpool *
dbpool_new(struct loop *loop, const char *path)
{
	struct dbpool *p = mem_new(sizeof(*p));

	p->path = mem_str(path);
	p->groups = table_new();
	asked_pool_init(&p->asked, loop, &kind, ASKED_LIMIT_MS, p);
	return p;
}
