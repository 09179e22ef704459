/*
 * dispatch.c - deliveries, begun and ended
 *
 * Recipients wait until all of their message have been looked up, so that those
 * who go the same way go together; then sched.c says whose turn it is.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "ipc/channel.h"
#include "os/file.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "qmgr/sched.h"

/* Recipients of a request: what they and the message's edits take of a packet
 * stays well below its size. */
enum { RCPT_BYTES_MAX = 12000, RCPT_ROOM = 80, GATHER_MAX = 2000 };
/* Ends of an agent in a row, none of its answers between. */
enum { LOSSES_MAX = 3 };

/* A delivery under way: recipients of one message at one site. */
struct delivery {
	struct site *site;
	struct message *m;
	struct delivery_results answer;
	size_t count, room;
	struct rcpt **rcpts;
};

static struct span
orig_of(const struct rcpt *r)
{
	if (!r->m->q->conf->enable_original_recipient)
		return SPAN("");
	if (r->file.orig.n == 0 && !span_eq(r->address, r->file.address))
		return r->file.address;
	return r->file.orig;
}

static void
defer_list(struct list *waiting, const char *status, const char *why)
{
	for (struct list *l; (l = list_pop(waiting)) != NULL;)
		active_result_text(
		    LIST_OF(l, struct rcpt, in), DEFER, status, why);
}

/* ---- the end of a delivery */

/* Did nobody get anywhere near the site? */
static const struct delivery_result *
unreachable(const struct delivery_results *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (!answer->results[i].unreachable ||
		    answer->results[i].why.outcome != DEFER)
			return NULL;
	return answer->count > 0 ? &answer->results[0] : NULL;
}

static void
site_learn(struct site *s, const struct delivery_results *answer)
{
	const struct delivery_result *bad = unreachable(answer);
	const char *status = bad == NULL ? "" : bad->why.status, *reason;
	struct span text = bad == NULL ? SPAN("") : buf_span(&bad->why.text);
	struct list waiting;

	list_init(&waiting);
	host_join(s, answer->host);
	if (site_result(s, bad == NULL, status, text))
		sched_withdraw_site(s, &waiting);
	if (s->host != NULL && answer->host.n > 0 &&
	    host_result(s->host, bad == NULL, status, text))
		host_withdraw(s->host, &waiting);
	if (!site_is_dead(s, &status, &reason))
		return;
	sched_withdraw_site(s, &waiting); /* it may have come to a dead host */
	defer_list(&waiting, status, reason);
}

/* Without an answer nothing is known: it is tried again. */
static void
results_take(struct delivery *d, bool answered)
{
	if (answered && d->answer.count == d->count) {
		site_learn(d->site, &d->answer);
		for (size_t i = 0; i < d->count; i++)
			active_result(d->rcpts[i], &d->answer.results[i]);
		return;
	}
	for (size_t i = 0; i < d->count; i++)
		active_result_text(
		    d->rcpts[i], DEFER, "4.3.0", "mail transport failed");
}

static void
delivery_free(struct delivery *d)
{
	delivery_results_done(&d->answer);
	free(d->rcpts);
	free(d);
}

/* An agent that ends again and again before it answers is given a rest: what
 * waits for it waits. */
static void
transport_learn(struct transport *t, bool answered)
{
	unsigned losses = channel_losses(t->channel);

	if (answered) {
		t->losses = losses;
	} else if (losses - t->losses >= LOSSES_MAX) {
		log_warning("transport %s: the agent ended %u times before it "
			    "answered; next try in %lld seconds",
		    t->name, losses - t->losses,
		    (long long)t->q->conf->transport_retry_time);
		t->losses = losses;
		transport_rest(t, t->q->conf->transport_retry_time);
	}
}

static bool
delivered(void *arg, struct packet_in *in)
{
	struct delivery *d = arg;
	struct site *s = d->site;
	struct transport *t = s->transport;
	enum delivery_came got =
	    in == NULL ? DELIVERY_BAD : delivery_results_take(&d->answer, in);

	if (got == DELIVERY_MORE)
		return true;
	t->underway--;
	t->q->deliveries--;
	site_count(s, -1, 0);
	for (size_t i = 0; i < d->count; i++)
		d->rcpts[i]->at = AT_REST;
	transport_learn(t, in != NULL);
	results_take(d, got == DELIVERY_END);
	delivery_free(d);
	sched_choose(s);
	site_settle(s);
	dispatch_run(t);
	return false;
}

/* ---- the begin of one */

static void
delivery_add(struct delivery *d, struct rcpt *r)
{
	if (d->count == d->room) {
		d->room = d->room == 0 ? 1 : d->room * 2;
		d->rcpts = mem_resize(d->rcpts, d->room, sizeof(struct rcpt *));
	}
	r->at = AT_DELIVERY;
	d->rcpts[d->count++] = r;
}

static size_t
bytes_of(const struct rcpt *r)
{
	return RCPT_ROOM + r->address.n + orig_of(r).n + r->file.orcpt.n +
	    r->user.n;
}

/* As many recipients of the group as one delivery may have. */
static struct delivery *
collect(struct group *g)
{
	struct delivery *d = mem_new(sizeof(*d));
	const struct limits *l;
	const struct rcpt *r;
	size_t most = DELIVERY_RCPTS_MAX, bytes = 0;

	d->site = group_site(g);
	l = &d->site->transport->limits;
	if (l->recipients > 0 && l->recipients < most)
		most = l->recipients;
	if (group_peek(g)->m->e->verp.n > 0)
		most = 1;
	while (d->count < most && (r = group_peek(g)) != NULL) {
		bytes += bytes_of(r);
		if (d->count > 0 && bytes > RCPT_BYTES_MAX)
			break;
		delivery_add(d, group_take(g));
	}
	d->m = d->rcpts[0]->m;
	group_begun(g, d->rcpts[0]);
	delivery_results_init(&d->answer, d->count);
	return d;
}

static void
rcpts_describe(const struct delivery *d, struct delivery_rcpt *out)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct rcpt *r = d->rcpts[i];

		out[i] = (struct delivery_rcpt){ .kind = r->kind,
			.address = r->address,
			.orig = orig_of(r),
			.orcpt = r->file.orcpt,
			.notify = r->file.notify,
			.user = r->user };
	}
}

static void
delivery_ask(struct delivery *d, int fd)
{
	struct message *m = d->m;
	bool listed = d->rcpts[0]->file.owner.n > 0; /* under other terms */
	struct arena *a = arena_new();
	struct delivery_rcpt *rcpts = arena_array(a, d->count, sizeof(*rcpts));
	struct packet_out o = { .fd_count = 0 };
	struct buf made = BUF_EMPTY;
	struct delivery_request r = { .fd = fd,
		.qid = span_str(m->id),
		.content_size = m->first.content_size,
		.crc = m->first.content_crc,
		.edits = m->e->edits,
		.via = d->rcpts[0]->file.via,
		.sender = rcpt_verp_sender(d->rcpts[0], &made),
		.envid = listed ? SPAN("") : m->e->envid,
		.ret = listed ? RET_NONE : m->e->ret,
		.flags = m->e->flags | (m->loaded ? QUEUE_CHECK : 0U),
		.arrival_us = retry_since_us(m),
		.ready_us = m->ready_us,
		.transport = span_str(d->site->transport->name),
		.nexthop = d->rcpts[0]->nexthop,
		.client_name = m->e->client_name,
		.client_addr = m->e->client_addr,
		.helo = m->e->helo,
		.proto = m->e->proto,
		.rcpt_count = d->count,
		.rcpts = rcpts };

	rcpts_describe(d, rcpts);
	delivery_put(&o, &r);
	(void)channel_ask_parts(d->site->transport->channel, &o, delivered, d);
	packet_done(&o);
	buf_free(&made);
	arena_free(&a);
}

/* The queue file cannot be opened: no fault of the site's. */
static void
delivery_give_up(struct delivery *d)
{
	log_error("%s: open queue file: %s", d->m->id, strerror(errno));
	for (size_t i = 0; i < d->count; i++) {
		d->rcpts[i]->at = AT_REST;
		active_result_text(
		    d->rcpts[i], DEFER, "4.3.0", "cannot open the queue file");
	}
	delivery_free(d);
}

static void
delivery_start(struct group *g)
{
	struct delivery *d = collect(g);
	struct site *s = d->site;
	struct transport *t = s->transport;
	int fd = spool_reading(d->m->q, d->m);

	if (fd == -1) {
		delivery_give_up(d);
	} else {
		site_count(s, 1, 0);
		t->underway++;
		t->q->deliveries++;
		delivery_ask(d, fd); /* it rides along as a duplicate */
	}
	sched_choose(s);
	site_settle(s);
}

void
dispatch_run(struct transport *t)
{
	struct group *g;

	while (!t->q->draining && t->pause_until == 0 &&
	    t->underway < t->limit && (g = sched_next(t)) != NULL) {
		delivery_start(g);
		if (t->limits.transport_delay > 0)
			transport_rest(t, t->limits.transport_delay);
	}
}

/* ---- recipients whose way is known */

/* "5.1.1 text" of error: and retry:, or "4.0.0 whole text". */
static void
refusal_of(const struct rcpt *r, bool retry, char status[12], struct buf *text)
{
	struct span rest = r->nexthop, word;

	memcpy(status, retry ? "4.0.0" : "5.0.0", 6);
	if (span_word(&rest, " ", &word) && word.n >= 5 && word.n < 11 &&
	    (word.p[0] == '4' || word.p[0] == '5') && word.p[1] == '.') {
		memcpy(status, word.p, word.n);
		status[word.n] = '\0';
		rest = span_trim(rest);
	} else {
		rest = r->nexthop;
	}
	log_quote(text, rest.n > 0 ? rest : SPAN("mail is not accepted"), 500);
}

/* error:5.1.1 text, discard: and retry: need no agent. */
static bool
without_agent(struct rcpt *r)
{
	bool retry = span_is(r->transport, "retry");
	struct buf text = BUF_EMPTY;
	char status[12] = "2.0.0";

	if (span_is(r->transport, "discard"))
		log_quote(&text,
		    r->nexthop.n > 0 ? r->nexthop : SPAN("discarded"), 200);
	else if (retry || span_is(r->transport, "error"))
		refusal_of(r, retry, status, &text);
	else
		return false;
	active_result_text(r,
	    status[0] == '2'       ? DONE
		: status[0] == '4' ? DEFER
				   : BOUNCE,
	    status, buf_str(&text));
	buf_free(&text);
	return true;
}

static void
dispatch_one(struct rcpt *r)
{
	const char *status, *reason;
	struct transport *t;
	struct site *s;

	if (without_agent(r))
		return;
	t = transport_get(r->m->q, r->transport);
	if (t->deferred && !r->m->flushed) {
		active_result_text(r, DEFER, "4.3.2", "deferred transport");
		return;
	}
	s = site_get(t, r);
	if (site_is_dead(s, &status, &reason)) {
		active_result_text(r, DEFER, status, reason);
		return;
	}
	sched_add(s, r);
	sched_choose(s);
}

/* All who are routed, in the order they came; the message may end with it. */
static void
release(struct message *m)
{
	struct list batch;

	list_init(&batch);
	for (struct list *l; (l = list_pop(&m->routed)) != NULL;)
		list_add_tail(&batch, l);
	m->routed_count = 0;
	m->outstanding++;
	for (struct list *l; (l = list_pop(&batch)) != NULL;)
		dispatch_one(LIST_OF(l, struct rcpt, in));
	LIST_EACH(l, &m->q->transport_list)
	dispatch_run(LIST_OF(l, struct transport, in));
	active_done(m);
}

void
dispatch_add(struct rcpt *r)
{
	struct message *m = r->m;

	if (message_goes_there(r)) {
		message_mark(r, STATE_REPLACED);
		active_done(m);
		return;
	}
	r->at = AT_SITE;
	list_add_tail(&m->routed, &r->in);
	if (++m->routed_count >= GATHER_MAX)
		release(m);
}

void
dispatch_settled(struct message *m)
{
	if (!list_empty(&m->routed))
		release(m);
}

void
dispatch_withdraw(struct message *m)
{
	struct list waiting;

	list_init(&waiting);
	for (struct list *l; (l = list_pop(&m->routed)) != NULL;)
		list_add_tail(&waiting, l);
	m->routed_count = 0;
	sched_withdraw(m, &waiting);
	m->outstanding++;
	for (struct list *l; (l = list_pop(&waiting)) != NULL;) {
		LIST_OF(l, struct rcpt, in)->at = AT_REST;
		active_done(m);
	}
	active_done(m);
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
			site_revive(value);
		hosts_revive(t);
	}
}
