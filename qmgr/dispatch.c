/*
 * dispatch.c - sites and transports
 *
 * A site is what deliveries should be careful with together: a next hop, or a
 * local recipient. Sites with something to do take turns within their
 * transport, so that a long list to one site does not hold the others up. A
 * site that cannot be reached rests; what comes for it meanwhile is deferred
 * with its reason at once.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "calls/lookup_call.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "service/service.h"

/* An hour: longer than the sum of an agent's own limits. */
enum { DELIVERY_LIMIT_MS = 3600 * 1000 };

/* Which service delivers for a transport's name. */
static const char *
service_of(struct span transport)
{
	static const char *const services[][2] = { { "local", "deliver" },
		{ "virtual", "deliver" }, { "smtp", "smtp" },
		{ "relay", "smtp" }, { "lmtp", "lmtp" } };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (span_is(transport, services[i][0]))
			return services[i][1];
	return NULL;
}

static struct transport *
transport_get(struct qmgr *q, struct span name)
{
	struct transport *t = table_get(q->transports, name);
	const char *service = service_of(name);

	if (t != NULL || service == NULL)
		return t;
	t = mem_new(sizeof(*t));
	t->q = q;
	t->name = mem_span(name);
	t->channel =
	    channel_new(q->loop, service_path(service), DELIVERY_LIMIT_MS);
	t->remote = strcmp(service, "deliver") != 0;
	t->limit = (unsigned)q->conf->default_process_limit;
	t->sites = table_new();
	list_init(&t->ready);
	table_put(q->transports, name, t);
	list_add_tail(&q->transport_list, &t->in);
	return t;
}

static struct site *
site_get(struct transport *t, const struct rcpt *r)
{
	struct span key = t->remote ? r->nexthop : r->address;
	struct site *s;

	if (t->remote && key.n == 0)
		key = span_skip(r->address, span_rfind(r->address, '@') + 1);
	s = table_get(t->sites, key);
	if (s != NULL)
		return s;
	s = mem_new(sizeof(*s));
	s->transport = t;
	s->key = mem_span(key);
	s->nexthop = span_of(s->key, key.n);
	s->limit = (unsigned)(t->remote
		? t->q->conf->default_destination_concurrency_limit
		: t->q->conf->local_destination_concurrency_limit);
	list_init(&s->in);
	list_init(&s->waiting);
	table_put(t->sites, key, s);
	return s;
}

/* A site that nobody needs is forgotten, but for one that rests. */
static void
site_check(struct site *s)
{
	if (s->underway > 0 || !list_empty(&s->waiting) ||
	    s->dead_until > clock_ms())
		return;
	list_remove(&s->in);
	table_remove(s->transport->sites, span_str(s->key));
	free(s->dead_reason);
	free(s->key);
	free(s);
}

static void
site_ready(struct site *s)
{
	if (!list_empty(&s->waiting) && s->underway < s->limit &&
	    list_empty(&s->in))
		list_add_tail(&s->transport->ready, &s->in);
}

/* A delivery under way: recipients of one message at one site. */
struct delivery {
	struct site *site;
	struct message *m;
	size_t count;
	struct rcpt *rcpts[DELIVERY_RCPTS_MAX];
};

static void transport_run(struct transport *t);

static void
defer_all(struct site *s, const char *status, const char *why)
{
	struct list *l;
	struct list batch;

	list_init(&batch);
	while ((l = list_pop(&s->waiting)) != NULL)
		list_add_tail(&batch, l);
	list_remove(&s->in);
	while ((l = list_pop(&batch)) != NULL) {
		struct rcpt *r = LIST_OF(l, struct rcpt, in);

		r->at = AT_REST;
		active_result_text(r, DEFER, status, why);
	}
}

/* All recipients failed for a reason of the connection. */
static bool
site_failed(const struct delivery_result *results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (results[i].why.outcome != DEFER ||
		    strncmp(results[i].why.status, "4.4.", 4) != 0)
			return false;
	return count > 0;
}

static void
site_rest(struct site *s, struct why *why)
{
	s->dead_until =
	    clock_ms() + s->transport->q->conf->minimal_backoff_time * 1000;
	free(s->dead_reason);
	s->dead_reason =
	    mem_printf("delivery temporarily suspended: %s", why_text(why));
	memcpy(s->dead_status, why->status, sizeof(s->dead_status));
	defer_all(s, s->dead_status, s->dead_reason);
}

static void
results_take(struct delivery *d, struct delivery_result *results, size_t count)
{
	if (count != d->count) {
		for (size_t i = 0; i < d->count; i++)
			active_result_text(d->rcpts[i], DEFER, "4.3.0",
			    "mail transport failed");
		return;
	}
	if (d->site->transport->remote && site_failed(results, count))
		site_rest(d->site, &results[0].why);
	for (size_t i = 0; i < count; i++)
		active_result(d->rcpts[i], &results[i]);
}

static void
delivered(void *arg, struct packet_in *in)
{
	struct delivery *d = arg;
	struct site *s = d->site;
	struct transport *t = s->transport;
	struct arena *a = arena_new();
	struct delivery_result *results = NULL;
	size_t count = 0;

	for (size_t i = 0; i < d->count; i++)
		d->rcpts[i]->at = AT_REST;
	if (in == NULL || !delivery_done_get(in, a, &results, &count))
		count = 0;
	results_take(d, results, count);
	for (size_t i = 0; i < count; i++)
		why_free(&results[i].why);
	arena_free(&a);
	free(d);
	t->underway--;
	t->q->deliveries--;
	s->underway--;
	site_ready(s);
	site_check(s);
	transport_run(t);
}

/* The next recipients of one message that wait at s. */
static struct delivery *
collect(struct site *s)
{
	struct delivery *d = mem_new(sizeof(*d));
	size_t most = s->transport->remote ? DELIVERY_RCPTS_MAX : 1;
	struct list *l = s->waiting.next;

	d->site = s;
	while (l != &s->waiting && d->count < most) {
		struct rcpt *r = LIST_OF(l, struct rcpt, in);

		if (d->m != NULL && r->m != d->m)
			break;
		l = l->next;
		list_remove(&r->in);
		d->m = r->m;
		r->at = AT_DELIVERY;
		d->rcpts[d->count++] = r;
	}
	return d;
}

static void
rcpts_describe(const struct delivery *d, struct delivery_rcpt *out)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct rcpt *r = d->rcpts[i];

		out[i] = (struct delivery_rcpt){ .kind = r->kind,
			.address = r->address,
			.orig = r->file.orig,
			.orcpt = r->file.orcpt,
			.notify = r->file.notify,
			.user = r->user };
		if (out[i].orig.n == 0 && !span_eq(r->address, r->file.address))
			out[i].orig = r->file.address;
	}
}

static void
delivery_start(struct delivery *d, int fd)
{
	struct message *m = d->m;
	struct delivery_rcpt rcpts[DELIVERY_RCPTS_MAX];
	struct packet_out o = { .fd_count = 0 };
	struct delivery_request r = { .fd = fd,
		.qid = span_str(m->id),
		.content_size = m->first.content_size,
		.crc = m->first.content_crc,
		.edits = m->e.edits,
		.sender = m->e.sender,
		.envid = m->e.envid,
		.ret = m->e.ret,
		.flags = m->e.flags,
		.arrival_us = m->e.arrival_us,
		.ready_us = m->ready_us,
		.transport = span_str(d->site->transport->name),
		.nexthop = d->rcpts[0]->nexthop,
		.client_addr = m->e.client_addr,
		.helo = m->e.helo,
		.proto = m->e.proto,
		.rcpt_count = d->count,
		.rcpts = rcpts };

	rcpts_describe(d, rcpts);
	delivery_put(&o, &r);
	d->site->underway++;
	d->site->transport->underway++;
	m->q->deliveries++;
	(void)channel_ask(d->site->transport->channel, &o, delivered, d);
	packet_done(&o);
}

static void
site_run(struct site *s)
{
	struct delivery *d = collect(s);
	int fd = spool_open_read(d->m->q, d->m);

	if (fd == -1) {
		log_error("%s: open queue file: %s", d->m->id, strerror(errno));
		for (size_t i = 0; i < d->count; i++) {
			d->rcpts[i]->at = AT_REST;
			active_result_text(d->rcpts[i], DEFER, "4.3.0",
			    "cannot open the queue file");
		}
		free(d);
	} else {
		delivery_start(d, fd);
		file_close(&fd); /* it rides along as a duplicate */
	}
	site_ready(s);
}

static void
transport_run(struct transport *t)
{
	struct list *l;

	while (!t->q->draining && t->underway < t->limit &&
	    (l = list_pop(&t->ready)) != NULL)
		site_run(LIST_OF(l, struct site, in));
}

/* error:5.1.1 text, discard: and retry: need no agent. */
static bool
without_agent(struct rcpt *r)
{
	char status[12] = "";
	struct span text = r->nexthop, word;
	bool retry = span_is(r->transport, "retry");

	if (span_is(r->transport, "discard")) {
		struct buf line = BUF_EMPTY;

		log_quote(&line, text, 200);
		active_result_text(r, DONE, "2.0.0",
		    text.n > 0 ? buf_str(&line) : "discarded");
		buf_free(&line);
		return true;
	}
	if (!retry && !span_is(r->transport, "error"))
		return false;
	memcpy(status, retry ? "4.0.0" : "5.0.0", 6);
	if (span_word(&text, " ", &word) && word.n >= 5 && word.n < 11 &&
	    (word.p[0] == '4' || word.p[0] == '5') && word.p[1] == '.') {
		memcpy(status, word.p, word.n);
		status[word.n] = '\0';
		text = span_trim(text);
	} else {
		text = r->nexthop;
	}
	{
		char *copy = mem_span(text);

		active_result_text(r, status[0] == '4' ? DEFER : BOUNCE, status,
		    copy[0] == '\0' ? "mail is not accepted" : copy);
		free(copy);
	}
	return true;
}

void
dispatch_add(struct rcpt *r)
{
	struct transport *t;
	struct site *s;

	if (without_agent(r))
		return;
	t = transport_get(r->m->q, r->transport);
	if (t == NULL) {
		active_result_text(
		    r, DEFER, "4.3.0", "mail transport unavailable");
		return;
	}
	s = site_get(t, r);
	if (s->dead_until > clock_ms()) {
		active_result_text(r, DEFER, s->dead_status, s->dead_reason);
		return;
	}
	s->dead_until = 0;
	r->at = AT_SITE;
	list_add_tail(&s->waiting, &r->in);
	site_ready(s);
	transport_run(t);
}

void
dispatch_revive(struct qmgr *q)
{
	LIST_EACH(l, &q->transport_list)
	{
		struct transport *t = LIST_OF(l, struct transport, in);
		struct span key;
		void *value;
		size_t at = 0;

		while (table_next(t->sites, &at, &key, &value))
			((struct site *)value)->dead_until = 0;
	}
}
