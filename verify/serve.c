/*
 * serve.c - questions about addresses, and the probes that answer them
 *
 * A probe is a message without content that qmgr routes and hands to the agents
 * like any other; they stop before anything is delivered. While one is under
 * way, who asks about its address waits for it, address_verify_poll_count times
 * address_verify_poll_delay at most; what comes too late is for the next one.
 */

#include "verify/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/utf8.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/verify_call.h"
#include "config/probe_sender.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "queue/edits.h"
#include "service/service.h"
#include "verify/cache.h"
#include "verify/conf.h"

/* A probe that nobody heard of again is sent anew after this time. Callers give
 * up after 30 s. */
enum { PROBE_MS = 1000 * 1000, WAIT_MOST_MS = 25 * 1000 };

struct serve {
	const struct verify_conf *conf;
	struct cache *cache;
	struct channel *qmgr;
	struct table *probes; /* by address: struct probe */
	char *sender; /* without what changes with time */
};

struct probe {
	struct serve *serve;
	char *address;
	int64_t begun_ms;
	struct buf qid;
	bool asking; /* qmgr has not answered yet */
	bool answered; /* and yet the result is there */
	struct why why;
	struct list waiting; /* struct waiter */
};

struct waiter {
	struct list in;
	struct server_peer *peer;
	uint32_t id;
	struct loop_timer *timer;
};

static void
answer(struct server_peer *p, uint32_t id, const struct why *why)
{
	struct packet_out o = { .fd_count = 0 };

	verify_answer_put(&o, id, why);
	server_reply(p, &o);
	packet_done(&o);
}

static void
waiter_end(struct waiter *w, const struct why *why)
{
	list_remove(&w->in);
	answer(w->peer, w->id, why);
	server_peer_drop(&w->peer);
	loop_timer_free(&w->timer);
	free(w);
}

static void
probe_end(struct probe *p, const struct why *why)
{
	while (!list_empty(&p->waiting))
		waiter_end(LIST_OF(p->waiting.next, struct waiter, in), why);
	(void)table_remove(p->serve->probes, span_str(p->address));
	buf_free(&p->qid);
	why_free(&p->why);
	free(p->address);
	free(p);
}

static void
probe_failed(struct probe *p, const char *text)
{
	struct why why;

	log_warning("cannot probe an address: %s", text);
	why_init(&why);
	why_set(&why, "4.3.0", "Address verification problem");
	probe_end(p, &why);
	why_free(&why);
}

/* ---- the probe as a message */

static void
committed(void *arg, struct packet_in *in)
{
	struct probe *p = arg;
	struct why why;

	why_init(&why);
	p->asking = false;
	if (in == NULL || !queue_done_get(in, &why))
		probe_failed(p, "qmgr is not available");
	else if (why.outcome != DONE)
		probe_failed(p, why_text(&why));
	else if (p->answered)
		probe_end(p, &p->why);
	why_free(&why);
}

static void
commit(struct probe *p)
{
	struct packet_out o = { .fd_count = 0 };
	const struct verify_conf *conf = p->serve->conf;
	struct buf edits = BUF_EMPTY, sender = BUF_EMPTY;
	struct queue_rcpt rcpt = { .address = span_str(p->address),
		.notify = NOTIFY_NEVER };
	struct queue_envelope e = { .qid = buf_span(&p->qid),
		.crc = crc_add(0, SPAN("")),
		.proto = SPAN("verify"),
		.flags = QUEUE_PROBE |
		    (utf8_wide(span_str(p->address)) ? QUEUE_SMTPUTF8 : 0U),
		.rcpt_count = 1,
		.rcpts = &rcpt };

	edits_add(&edits, EDIT_PREPEND, 0, SPAN("Subject: probe\n"));
	e.edits = buf_span(&edits);
	probe_sender_put(&sender, span_str(p->serve->sender),
	    conf->address_verify_sender_ttl, clock_wall());
	e.sender = buf_span(&sender);
	queue_commit_put(&o, &e);
	(void)channel_ask(p->serve->qmgr, &o, committed, p);
	packet_done(&o);
	buf_free(&edits);
	buf_free(&sender);
}

static void
file_came(void *arg, struct packet_in *in)
{
	struct probe *p = arg;
	struct queue_file_reply reply = { .fd = -1 };
	struct why why;

	why_init(&why);
	if (in == NULL || !queue_file_get(in, &reply, &why)) {
		p->asking = false;
		probe_failed(p, "qmgr is not available");
	} else if (reply.qid.n == 0) {
		p->asking = false;
		probe_failed(p, why_text(&why));
	} else {
		file_close(&reply.fd); /* there is no content */
		buf_add_span(&p->qid, reply.qid);
		commit(p);
	}
	why_free(&why);
}

static void
probe_send(struct probe *p)
{
	struct packet_out o = { .fd_count = 0 };

	p->asking = true;
	p->answered = false;
	p->begun_ms = clock_ms();
	buf_clear(&p->qid);
	queue_new_put(&o);
	(void)channel_ask(p->serve->qmgr, &o, file_came, p);
	packet_done(&o);
}

/* Those that nobody heard of again and nobody waits for. */
static void
probes_forget(struct serve *s)
{
	struct span key;
	void *value;
	size_t at = 0;
	struct why why;

	why_init(&why);
	while (table_next(s->probes, &at, &key, &value)) {
		struct probe *p = value;

		if (p->asking || !list_empty(&p->waiting) ||
		    clock_ms() - p->begun_ms <= PROBE_MS)
			continue;
		probe_end(p, &why);
	}
	why_free(&why);
}

/* One for the address, under way; NULL: there are too many. */
static struct probe *
probe_get(struct serve *s, struct span address)
{
	struct probe *p = table_get(s->probes, address);
	size_t most = (size_t)s->conf->address_verify_pending_request_limit;

	if (p != NULL) {
		if (!p->asking && clock_ms() - p->begun_ms > PROBE_MS)
			probe_send(p);
		return p;
	}
	if (table_count(s->probes) >= most)
		probes_forget(s);
	if (table_count(s->probes) >= most)
		return NULL;
	p = mem_new(sizeof(*p));
	p->serve = s;
	p->address = mem_span(address);
	why_init(&p->why);
	list_init(&p->waiting);
	table_put(s->probes, address, p);
	probe_send(p);
	return p;
}

/* ---- questions */

static void
too_long(void *arg)
{
	struct waiter *w = arg;
	struct why why;

	why_init(&why);
	why_set(&why, "4.1.1", "Address verification in progress");
	waiter_end(w, &why);
	why_free(&why);
}

static void
wait_for(struct probe *p, struct server_peer *peer, uint32_t id)
{
	const struct verify_conf *conf = p->serve->conf;
	struct waiter *w = mem_new(sizeof(*w));
	int64_t ms = (int64_t)conf->address_verify_poll_count *
	    conf->address_verify_poll_delay * 1000;

	w->peer = server_peer_hold(peer);
	w->id = id;
	w->timer = loop_timer_new(service_loop(), too_long, w);
	list_init(&w->in);
	list_add_tail(&p->waiting, &w->in);
	loop_timer_set(w->timer, ms > WAIT_MOST_MS ? WAIT_MOST_MS : ms);
}

static void
call_ask(struct serve *s, struct server_peer *peer, struct packet_in *in)
{
	struct span address;
	struct probe *p;
	struct why why;
	bool stale = false, known;

	if (!verify_ask_get(in, &address)) {
		server_refuse(peer, in);
		return;
	}
	why_init(&why);
	known = cache_get(s->cache, address, &why, &stale);
	p = known && !stale ? NULL : probe_get(s, address);
	if (known) {
		answer(peer, in->id, &why);
	} else if (p == NULL) {
		why_set(&why, "4.3.2", "too many addresses are being verified");
		answer(peer, in->id, &why);
	} else {
		wait_for(p, peer, in->id);
	}
	why_free(&why);
}

/* From qmgr alone: what a probe came to. One that we do not know of any more is
 * as good as any. */
static void
call_result(struct serve *s, struct server_peer *peer, struct packet_in *in)
{
	struct span address;
	struct probe *p;
	struct why why;

	why_init(&why);
	if (strcmp(server_peer_label(peer), "qmgr") != 0 ||
	    !verify_result_get(in, &address, &why)) {
		server_refuse(peer, in);
	} else {
		cache_put(s->cache, address, &why);
		p = table_get(s->probes, address);
		if (p != NULL && p->asking) {
			/* it came before the word that it was accepted */
			p->answered = true;
			why_copy(&p->why, &why);
		} else if (p != NULL) {
			probe_end(p, &why);
		}
	}
	why_free(&why);
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	if (span_is(in->call, "verify_ask"))
		call_ask(arg, p, in);
	else if (span_is(in->call, "verify_result"))
		call_result(arg, p, in);
	else
		server_refuse(p, in);
}

/* "double-bounce" is one of ours; "" and "<>" are nobody. */
static char *
sender_of(const struct verify_conf *conf)
{
	struct span sender = span_str(conf->address_verify_sender);

	if (span_is(sender, "<>"))
		return mem_str("");
	if (sender.n == 0 || span_find(sender, '@') < sender.n)
		return mem_span(sender);
	return mem_printf("%s@%s", conf->address_verify_sender, conf->myorigin);
}

struct serve *
serve_start(const struct verify_conf *conf, struct cache *cache)
{
	static const struct server_calls calls = { request, NULL };
	struct serve *s = mem_new(sizeof(*s));

	s->conf = conf;
	s->cache = cache;
	s->probes = table_new();
	s->sender = sender_of(conf);
	s->qmgr = service_channel("qmgr");
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		(void)server_new(service_loop(), l->fd, l->label, &calls, s);
	}
	return s;
}
