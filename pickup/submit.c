/*
 * submit.c - messages from the sendmail command, by socket
 *
 * A caller is not read from until its queue file is there, and its content is
 * written as it comes: no message waits in memory.
 */

#include "pickup/submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "pickup/conf.h"
#include "pickup/intake.h"
#include "service/authorized.h"
#include "service/service.h"

struct submit {
	const struct pickup_conf *conf;
	struct channel *qmgr;
	struct server **servers; /* one for each listener */
};

/* One caller. */
struct caller {
	struct server_peer *peer;
	struct intake *intake; /* the message under way */
	uint32_t end_id; /* of submit_end, once it came */
	size_t rcpts;
	bool failed; /* content is passed over until the end */
	struct why why; /* of the failure */
};

static void
answer(struct caller *c, const struct why *why, struct span qid)
{
	struct packet_out o = { .fd_count = 0 };

	submit_done_put(&o, c->end_id, why, qid);
	server_reply(c->peer, &o);
	packet_done(&o);
	intake_free(&c->intake);
	c->end_id = 0;
}

static void
failed(struct caller *c, const struct why *why)
{
	c->failed = true;
	why_copy(&c->why, why);
	intake_free(&c->intake);
}

static void
ready(void *arg, const struct why *why)
{
	struct caller *c = arg;

	if (why->outcome != DONE)
		failed(c, why);
	server_peer_pause(c->peer, false);
}

static void
done(void *arg, const struct why *why, struct span qid)
{
	answer(arg, why, qid);
}

/* Else the rest of the message is read, and the end says why. */
static bool
may_submit(const struct submit *s, struct caller *c)
{
	uid_t uid = server_peer_uid(c->peer);
	struct why why;

	if (authorized_serves(s->conf->may_submit, uid))
		return true;
	log_warning("uid %ld is not allowed to submit mail", (long)uid);
	why_init(&why);
	why_set(&why, "5.7.1", "User (uid %ld) is not allowed to submit mail",
	    (long)uid);
	failed(c, &why);
	why_free(&why);
	return false;
}

static bool
call_begin(struct submit *s, struct caller *c, struct packet_in *in)
{
	static const struct intake_calls calls = { ready, done };
	struct submit_begin b;

	if (c->intake != NULL || !submit_begin_get(in, &b))
		return false;
	c->failed = false;
	c->rcpts = 0;
	if (!may_submit(s, c))
		return true;
	c->intake = intake_new(s->conf, s->qmgr, &calls, c);
	intake_begin(c->intake, &b, server_peer_uid(c->peer));
	/* our own reports are nobody's mail */
	if (strcmp(server_peer_label(c->peer), "sts") != 0)
		intake_judge(c->intake, b.sender);
	server_peer_pause(c->peer, true);
	return true;
}

static bool
call_rcpts(struct caller *c, struct packet_in *in)
{
	struct arena *a = arena_new();
	const struct queue_rcpt *rcpts;
	size_t count;
	bool good = submit_rcpts_get(in, a, &rcpts, &count) &&
	    (c->intake != NULL || c->failed);
	struct why why;

	if (good && c->intake != NULL &&
	    !intake_rcpts(c->intake, rcpts, count)) {
		why_init(&why);
		why_set(&why, "5.5.3", "too many recipients");
		failed(c, &why);
		why_free(&why);
	}
	if (good)
		c->rcpts += count;
	arena_free(&a);
	return good;
}

static bool
call_data(struct caller *c, struct packet_in *in)
{
	struct span bytes;
	struct why why;

	if (!submit_data_get(in, &bytes) || (c->intake == NULL && !c->failed))
		return false;
	if (c->failed)
		return true;
	why_init(&why);
	if (!intake_data(c->intake, bytes, &why))
		failed(c, &why);
	else if (intake_busy(c->intake))
		server_peer_pause(c->peer, true);
	why_free(&why);
	return true;
}

static bool
call_end(struct caller *c, struct packet_in *in)
{
	struct why why;

	if (!submit_end_get(in) || (c->intake == NULL && !c->failed))
		return false;
	c->end_id = in->id;
	if (c->failed) {
		answer(c, &c->why, span_of("", 0));
		c->failed = false;
	} else if (c->rcpts == 0) {
		why_init(&why);
		why_set(&why, "5.5.4", "no recipients");
		answer(c, &why, span_of("", 0));
		why_free(&why);
	} else {
		intake_end(c->intake);
	}
	return true;
}

static struct caller *
caller_of(struct server_peer *p)
{
	struct caller *c = server_peer_data(p);

	if (c == NULL) {
		c = mem_new(sizeof(*c));
		c->peer = p;
		why_init(&c->why);
		server_peer_data_set(p, c);
	}
	return c;
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	struct caller *c = caller_of(p);
	bool good = false;

	if (c->end_id != 0)
		good = false; /* nothing may come before the answer */
	else if (span_is(in->call, "submit_begin"))
		good = call_begin(arg, c, in);
	else if (span_is(in->call, "submit_rcpts"))
		good = call_rcpts(c, in);
	else if (span_is(in->call, "submit_data"))
		good = call_data(c, in);
	else if (span_is(in->call, "submit_end"))
		good = call_end(c, in);
	if (!good)
		server_refuse(p, in);
}

static void
gone(void *arg, struct server_peer *p)
{
	struct caller *c = server_peer_data(p);

	(void)arg;
	if (c == NULL)
		return;
	intake_free(&c->intake);
	why_free(&c->why);
	free(c);
	server_peer_data_set(p, NULL);
}

struct submit *
submit_new(const struct pickup_conf *conf, struct channel *qmgr)
{
	static const struct server_calls calls = { request, gone };
	struct submit *s = mem_new(sizeof(*s));

	s->conf = conf;
	s->qmgr = qmgr;
	s->servers = mem_array(service_listeners(), sizeof(*s->servers));
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		s->servers[i] =
		    server_new(service_loop(), l->fd, l->label, &calls, s);
	}
	return s;
}

void
submit_stop(struct submit *s)
{
	for (size_t i = 0; i < service_listeners(); i++)
		server_stop(s->servers[i]);
}

bool
submit_busy(const struct submit *s)
{
	for (size_t i = 0; i < service_listeners(); i++)
		if (server_peers(s->servers[i]) > 0)
			return true;
	return false;
}
