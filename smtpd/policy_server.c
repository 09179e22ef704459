/*
 * policy_server.c - asking the servers behind check_policy_service
 *
 * Postfix's policy delegation protocol: attributes by line, an empty line, one
 * answer, and the connection serves again. A connection has one query at a
 * time; there are as many connections as queries are under way, up to a limit.
 * One that the server closed while nobody waited on it costs no try. A query
 * that fails is put again after a pause, then the default action stands for
 * the answer: mail waits, since a filter that is down must not be an open door.
 */

#include "smtpd/policy_server.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/loop.h"
#include "smtpd/conf.h"
#include "smtpd/policy_reply.h"
#include "tls/conn.h"

enum { LINKS_MAX = 100, SERVERS_MAX = 200 };

struct policy_servers {
	struct loop *loop;
	const struct smtpd_conf *conf;
	struct arena *arena;
	struct table *by_text; /* struct server */
	struct channel *dialler;
};

struct server {
	struct policy_servers *all;
	struct policy_spec spec;
	bool bad; /* its text is no server */
	struct list idle; /* links without a query, the last used first */
	struct list waiting; /* queries for whom there is no link as yet */
	unsigned links; /* there are, or are being dialled */
};

struct link {
	struct list in; /* of server.idle */
	struct server *server;
	struct conn *conn;
	struct policy_query *query;
	struct loop_timer *timer; /* idle for too long */
	int64_t born;
	unsigned used;
	bool reused; /* for the query under way */
};

struct policy_query {
	struct server *server; /* NULL: there was none to ask */
	struct list in; /* of server.waiting */
	struct buf request;
	struct buf action; /* the answer; empty until it is there */
	policy_answer_fn *fn;
	void *arg;
	struct link *link;
	struct channel_call *dial;
	struct loop_timer *timer; /* the try's end, or a pause before it */
	bool pausing;
	unsigned tries;
};

static void try(struct policy_query *q);
static void failed(struct policy_query *q, const char *what);

/* A place is free: the next who waits has it. */
static void
link_lost(struct server *server)
{
	struct list *next = list_pop(&server->waiting);

	server->links--;
	if (next != NULL)
		try(LIST_OF(next, struct policy_query, in));
}

static void
link_free(struct link *l)
{
	struct server *server = l->server;

	if (l->query != NULL)
		l->query->link = NULL;
	list_remove(&l->in);
	loop_timer_free(&l->timer);
	conn_free(&l->conn);
	free(l);
	link_lost(server);
}

static void
link_old(void *arg)
{
	link_free(arg);
}

/* The query it had is answered. */
static void
link_rest(struct link *l)
{
	const struct policy_spec *spec = &l->server->spec;
	struct list *next;

	l->query = NULL;
	if ((spec->request_limit > 0 && l->used >= spec->request_limit) ||
	    clock_ms() - l->born >= spec->life_ms || spec->idle_ms == 0) {
		link_free(l);
		return;
	}
	list_add_head(&l->server->idle, &l->in);
	loop_timer_set(l->timer, spec->idle_ms);
	next = list_pop(&l->server->waiting);
	if (next != NULL)
		try(LIST_OF(next, struct policy_query, in));
}

static void
answer(struct policy_query *q, struct span action)
{
	static const struct span unset =
	    SPAN_INIT("451 4.3.5 Server configuration problem");

	loop_timer_stop(q->timer);
	buf_add_span(&q->action, action.n > 0 ? action : unset);
	q->fn(q->arg);
}

static void
link_input(void *arg)
{
	struct link *l = arg;
	struct policy_query *q = l->query;
	struct span action, in = conn_input(l->conn);
	size_t used = 0;
	enum policy_reply_result got = POLICY_REPLY_BAD;
	struct buf copy = BUF_EMPTY;

	if (q != NULL)
		got = policy_reply_parse(in, &used, &action);
	if (got == POLICY_REPLY_MORE)
		return;
	/* more than one answer to one question: nobody knows to what */
	if (got == POLICY_REPLY_BAD || used < in.n) {
		link_free(l);
		if (q != NULL)
			failed(q, "malformed reply");
		return;
	}
	buf_add_span(&copy, action);
	conn_take(l->conn, used);
	q->link = NULL;
	link_rest(l);
	answer(q, buf_span(&copy));
	buf_free(&copy);
}

static void
link_ended(void *arg, enum conn_end how)
{
	struct link *l = arg;
	struct policy_query *q = l->query;
	bool stale = l->reused && conn_input(l->conn).n == 0;

	(void)how;
	link_free(l);
	if (q == NULL)
		return;
	if (stale)
		try(q); /* it was closed before it could see the question */
	else
		failed(q, "Connection closed by the server");
}

static void
link_use(struct link *l, struct policy_query *q)
{
	list_remove(&l->in);
	loop_timer_stop(l->timer);
	l->query = q;
	l->reused = l->used > 0;
	l->used++;
	q->link = l;
	conn_write(l->conn, buf_span(&q->request));
	conn_flush(l->conn);
}

static struct link *
link_new(struct server *server, int fd)
{
	static const struct conn_calls calls = {
		.input = link_input,
		.ended = link_ended,
	};
	struct link *l = mem_new(sizeof(*l));

	l->server = server;
	list_init(&l->in);
	l->born = clock_ms();
	l->conn = conn_new(server->all->loop, fd, &calls, l);
	l->timer = loop_timer_new(server->all->loop, link_old, l);
	return l;
}

static void
dialled(void *arg, struct packet_in *in)
{
	struct policy_query *q = arg;
	struct server *server = q->server;
	struct why why;
	int fd = -1;

	q->dial = NULL;
	why_init(&why);
	if (in == NULL || !dial_answer_get(in, &fd, &why))
		why_set(&why, "4.4.1", "connector does not answer");
	if (fd != -1) {
		link_use(link_new(server, fd), q);
	} else {
		link_lost(server);
		failed(q, why_text(&why));
	}
	why_free(&why);
}

/* Find it a connection: one that rests, or a new one, or a place in the
 * queue. */
static void
try(struct policy_query *q)
{
	struct server *server = q->server;
	struct packet_out o = { .id = 0 };

	if (!loop_timer_is_set(q->timer))
		loop_timer_set(q->timer, server->spec.timeout_ms);
	if (!list_empty(&server->idle)) {
		link_use(LIST_OF(server->idle.next, struct link, in), q);
		return;
	}
	if (server->links >= LINKS_MAX) {
		list_add_tail(&server->waiting, &q->in);
		return;
	}
	server->links++;
	dial_put(&o, span_str(server->spec.target));
	q->dial = channel_ask(server->all->dialler, &o, dialled, q);
	packet_done(&o);
}

/* This try came to nothing; q has no link and no dial. */
static void
failed(struct policy_query *q, const char *what)
{
	const struct policy_spec *spec = &q->server->spec;

	log_warning("problem talking to server %s: %s", spec->target, what);
	q->tries++;
	q->pausing = true;
	loop_timer_set(
	    q->timer, q->tries < spec->try_limit ? spec->retry_ms : 0);
}

/* Take it off whatever it waits for. */
static void
stop(struct policy_query *q)
{
	struct link *l = q->link;

	list_remove(&q->in);
	if (q->dial != NULL) {
		channel_cancel(&q->dial);
		link_lost(q->server);
	}
	/* its answer would be taken for that of the next */
	if (l != NULL)
		link_free(l);
}

static void
timed(void *arg)
{
	struct policy_query *q = arg;

	if (q->server == NULL) {
		answer(q, SPAN(""));
	} else if (!q->pausing) {
		stop(q);
		failed(q, "Connection timed out");
	} else if (q->tries < q->server->spec.try_limit) {
		q->pausing = false;
		try(q);
	} else {
		answer(q, span_str(q->server->spec.default_action));
	}
}

static struct server *
server_new(struct policy_servers *s, const char *text)
{
	struct server *server = arena_alloc(s->arena, sizeof(*server));
	struct why why;

	why_init(&why);
	server->all = s;
	server->bad = !policy_spec_parse(
	    span_str(text), s->conf, s->arena, &server->spec, &why);
	if (server->bad)
		log_warning("check_policy_service: %s", why_text(&why));
	list_init(&server->idle);
	list_init(&server->waiting);
	table_put(s->by_text, span_str(text), server);
	why_free(&why);
	return server;
}

/* NULL: it cannot be asked. */
static struct server *
server_of(struct policy_servers *s, const char *text)
{
	struct server *server = table_get(s->by_text, span_str(text));

	/* access tables may name servers too: not without end */
	if (server == NULL && table_count(s->by_text) < SERVERS_MAX)
		server = server_new(s, text);
	return server == NULL || server->bad ? NULL : server;
}

const char *
policy_server_context(struct policy_servers *s, const char *text)
{
	const struct server *server = server_of(s, text);

	return server == NULL ? "" : server->spec.context;
}

struct policy_query *
policy_ask(struct policy_servers *s, const char *text, struct span request,
    policy_answer_fn *fn, void *arg)
{
	struct policy_query *q = mem_new(sizeof(*q));

	q->server = server_of(s, text);
	q->fn = fn;
	q->arg = arg;
	q->timer = loop_timer_new(s->loop, timed, q);
	list_init(&q->in);
	if (q->server == NULL || s->dialler == NULL) {
		q->server = NULL;
		loop_timer_set(q->timer, 0);
		return q;
	}
	buf_add_span(&q->request, request);
	try(q);
	return q;
}

bool
policy_query_action(const struct policy_query *q, struct span *action)
{
	*action = buf_span(&q->action);
	return action->n > 0;
}

void
policy_query_free(struct policy_query **qp)
{
	struct policy_query *q = *qp;

	*qp = NULL;
	if (q == NULL)
		return;
	stop(q);
	loop_timer_free(&q->timer);
	buf_free(&q->request);
	buf_free(&q->action);
	free(q);
}

struct policy_servers *
policy_servers_new(struct loop *loop, const struct smtpd_conf *conf)
{
	struct policy_servers *s = mem_new(sizeof(*s));

	s->loop = loop;
	s->conf = conf;
	s->arena = arena_new();
	s->by_text = table_new();
	return s;
}

void
policy_servers_dialler(struct policy_servers *s, struct channel *c)
{
	s->dialler = c;
}

static void
server_done(void *value)
{
	struct server *server = value;

	while (!list_empty(&server->idle))
		link_free(LIST_OF(server->idle.next, struct link, in));
}

void
policy_servers_free(struct policy_servers **s)
{
	if (*s == NULL)
		return;
	table_free(&(*s)->by_text, server_done);
	arena_free(&(*s)->arena);
	free(*s);
	*s = NULL;
}
