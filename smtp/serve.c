/*
 * serve.c - what qmgr asks for, delivered
 *
 * One job for each request; qmgr decides how many there are at once.
 */

#include "smtp/serve.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/delivery_call.h"
#include "ipc/server.h"
#include "smtp/conf.h"
#include "smtp/delivery.h"
#include "smtp/env.h"

enum { SERVERS_MAX = 16 };

struct smtp {
	const struct smtp_env *env, *lmtp;
	struct server *servers[SERVERS_MAX];
	unsigned server_count;
	struct list jobs;
	struct packet_out out;
};

struct job {
	struct list in;
	struct smtp *smtp;
	struct server_peer *peer;
	uint32_t id;
	struct delivery *delivery;
};

static void
job_free(struct job *j)
{
	delivery_cancel(&j->delivery);
	list_remove(&j->in);
	server_peer_drop(&j->peer);
	free(j);
}

static void
reply(void *arg, const struct packet_out *o)
{
	server_reply(arg, o);
}

static void
delivered(void *arg, const struct delivery_result *results, size_t count,
    struct span host)
{
	struct job *j = arg;

	j->delivery = NULL; /* ends with this call */
	delivery_answer_send(
	    &(struct delivery_answer){ j->id, count, results, host }, reply,
	    j->peer);
	job_free(j);
}

static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct smtp *s = arg;
	struct arena *a = arena_new();
	struct delivery_request r;
	const struct smtp_env *env;
	struct job *j;

	if (!span_is(in->call, "delivery")) {
		server_refuse(peer, in);
		arena_free(&a);
		return;
	}
	if (server_peer_has_left(peer)) {
		/* whoever comes after that qmgr asks for it again */
		arena_free(&a);
		return;
	}
	if (!delivery_get(in, a, &r)) {
		delivery_refuse_put(&s->out, in);
		server_reply(peer, &s->out);
		arena_free(&a);
		return;
	}
	j = mem_new(sizeof(*j));
	j->smtp = s;
	j->peer = server_peer_hold(peer);
	j->id = in->id;
	list_init(&j->in);
	list_add_tail(&s->jobs, &j->in);
	env = span_is(r.transport, "lmtp") ? s->lmtp : s->env;
	j->delivery = delivery_start(env, &r, env->conf->lmtp, delivered, j);
	arena_free(&a);
}

struct smtp *
smtp_new(const struct smtp_env *env, const struct smtp_env *lmtp)
{
	struct smtp *s = mem_new(sizeof(*s));

	s->env = env;
	s->lmtp = lmtp;
	list_init(&s->jobs);
	return s;
}

void
smtp_serve(struct smtp *s, int fd, const char *label)
{
	static const struct server_calls calls = { .request = request };

	if (s->server_count == SERVERS_MAX)
		log_fatal("more than %d sockets", SERVERS_MAX);
	s->servers[s->server_count++] =
	    server_new(s->env->loop, fd, label, &calls, s);
}

void
smtp_drain(struct smtp *s)
{
	for (unsigned i = 0; i < s->server_count; i++)
		server_stop(s->servers[i]);
}

bool
smtp_idle(const struct smtp *s)
{
	return list_empty(&s->jobs);
}

void
smtp_free(struct smtp **sp)
{
	struct smtp *s = *sp;

	if (s == NULL)
		return;
	while (!list_empty(&s->jobs))
		job_free(LIST_OF(s->jobs.next, struct job, in));
	for (unsigned i = 0; i < s->server_count; i++)
		server_free(&s->servers[i]);
	packet_done(&s->out);
	free(s);
	*sp = NULL;
}
