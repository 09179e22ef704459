/*
 * route.c - where recipients go
 *
 * Each recipient of an active message is asked about at lookup, at most
 * ROUTING_MAX at once. What an alias or a ~/.forward replaces it by is appended
 * to the queue file as new recipients and flushed before the old one's state
 * byte changes: a crash between leaves both, never neither.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "os/syncpool.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "queue/via.h"

/* More recipients than a file holds would not be read again. */
enum { ROUTING_MAX = 256, RCPTS_MAX = QFILE_RCPTS_MAX };

void
route_hold(struct message *m)
{
	m->routing++;
}

void
route_release(struct message *m)
{
	must(m->routing > 0);
	if (--m->routing == 0)
		dispatch_settled(m);
}

/* All of the message goes to "transport:nexthop" first; without a next hop to
 * default_filter_nexthop, or to the recipient's domain. */
static void
filter_to(struct rcpt *r, const struct lookup_target *t)
{
	const struct qmgr_conf *conf = r->m->q->conf;
	struct span filter = r->m->e->filter;
	size_t colon = span_find(filter, ':'), at;

	r->kind = TO_REMOTE;
	r->address = arena_span(r->m->arena, t->address);
	r->transport = span_head(filter, colon);
	r->nexthop = span_skip(filter, colon + 1);
	r->user = SPAN("");
	if (r->nexthop.n == 0)
		r->nexthop = span_str(conf->default_filter_nexthop);
	at = span_rfind(r->address, '@');
	if (r->nexthop.n == 0)
		r->nexthop = at < r->address.n ? span_skip(r->address, at + 1)
					       : span_str(conf->myhostname);
	dispatch_add(r);
}

static void
deliver_to(struct rcpt *r, const struct lookup_target *t)
{
	struct arena *a = r->m->arena;

	if (r->m->e->filter.n > 0) {
		filter_to(r, t);
		return;
	}

	r->kind =
	    t->kind == ROUTE_DELIVER && t->user.n > 0 ? TO_USER : TO_REMOTE;
	r->address = arena_span(a, t->address);
	r->transport = arena_span(a, t->transport);
	r->nexthop = arena_span(a, t->nexthop);
	r->user = arena_span(a, t->user);
	dispatch_add(r);
}

static void
route_take(struct rcpt *r, struct lookup_route *route)
{
	if (route->why.outcome != DONE)
		active_result_text(r, route->why.outcome, route->why.status,
		    why_text(&route->why));
	else if (route->expanded && route->count > 1 && is_probe(r->m) &&
	    !is_traced(r->m)) /* one question, one answer */
		active_result_text(r, DONE, "2.0.0", "expands to a list");
	else if (route->expanded)
		route_replace(r, route->targets, route->count, route->owner,
		    route->local);
	else if (route->count == 1)
		deliver_to(r, &route->targets[0]);
	else
		active_result_text(
		    r, DEFER, "4.3.0", "address lookup gave no destination");
}

/* A question under way; long answers are put together here. */
struct asked {
	struct rcpt *r;
	struct arena *arena; /* of what was kept; NULL: nothing yet */
	struct lookup_target *targets;
	size_t count, room;
};

static void
keep_part(struct asked *x, const struct lookup_route *part)
{
	if (x->arena == NULL)
		x->arena = arena_new();
	if (x->count + part->count > x->room) {
		x->room = x->room * 2 + part->count;
		x->targets =
		    mem_resize(x->targets, x->room, sizeof(*x->targets));
	}
	for (size_t i = 0; i < part->count; i++) {
		struct lookup_target *t = &x->targets[x->count++];

		*t = part->targets[i];
		t->address = arena_span(x->arena, t->address);
		t->transport = arena_span(x->arena, t->transport);
		t->nexthop = arena_span(x->arena, t->nexthop);
		t->user = arena_span(x->arena, t->user);
	}
}

/* route: the last part, or NULL without an answer. */
static void
answer_end(struct asked *x, struct lookup_route *route)
{
	struct rcpt *r = x->r;
	struct message *m = r->m;
	struct qmgr *q = m->q;

	q->routing--;
	r->at = AT_REST;
	m->outstanding++; /* it must outlive what comes of the answer */
	if (route != NULL)
		route_take(r, route);
	else
		active_result_text(
		    r, DEFER, "4.3.0", "address lookup is not available");
	arena_free(&x->arena);
	free(x->targets);
	free(x);
	route_release(m);
	active_done(m);
	route_next(q);
}

/* Takes one part in; true when the whole is there (or will not come). */
static bool
part_take(struct asked *x, struct lookup_route *part)
{
	bool bad = part->more &&
	    (!part->expanded || part->count == 0 || part->why.outcome != DONE);

	if (bad || x->count + part->count > LOOKUP_EXPAND_MAX) {
		answer_end(x, NULL);
		return true;
	}
	if (part->more || x->count > 0) {
		keep_part(x, part);
		part->targets = x->targets;
		part->count = x->count;
	}
	if (part->more)
		return false;
	answer_end(x, part);
	return true;
}

static bool
answered(void *arg, struct packet_in *in)
{
	struct asked *x = arg;
	struct arena *a = arena_new();
	struct lookup_route part = { .count = 0 };
	bool end = true;

	why_init(&part.why);
	if (in != NULL && lookup_route_get(in, a, &part))
		end = part_take(x, &part);
	else
		answer_end(x, NULL);
	why_free(&part.why);
	arena_free(&a);
	return !end;
}

/* "|command", "/file" and ":include:/file" of an alias: known without asking.
 */
static bool
is_special(struct rcpt *r)
{
	static const enum delivery_kind kinds[QFILE_KINDS] = {
		[KIND_ADDRESS] = TO_REMOTE,
		[KIND_COMMAND] = TO_COMMAND,
		[KIND_FILE] = TO_FILE,
		[KIND_INCLUDE] = TO_INCLUDE,
	};

	if (r->file.kind == KIND_ADDRESS)
		return false;
	r->kind = kinds[r->file.kind];
	r->user = r->file.user;
	r->address = r->file.address;
	r->transport = SPAN("local");
	return true;
}

void
route_start(struct rcpt *r)
{
	r->m->outstanding++;
	if (is_special(r)) {
		dispatch_add(r);
		return;
	}
	if (span_ieq(r->file.address, span_str(r->m->q->double_bounce))) {
		active_result_text(r, DONE, "2.0.0",
		    "undeliverable postmaster notification discarded");
		return;
	}
	r->at = AT_LOOKUP;
	route_hold(r->m);
	list_add_tail(&r->m->q->to_route, &r->in);
	route_next(r->m->q);
}

void
route_next(struct qmgr *q)
{
	struct list *l;

	while (q->routing < ROUTING_MAX && (l = list_pop(&q->to_route))) {
		struct rcpt *r = LIST_OF(l, struct rcpt, in);
		struct packet_out o = { .fd_count = 0 };
		struct lookup_rcpt_request ask = { .sender = rcpt_sender(r),
			.address = r->file.address,
			.final = r->file.final,
			.no_mappings =
			    (r->m->e->flags & QUEUE_NO_MAPPINGS) != 0,
			.filtered = r->m->e->filter.n > 0,
			.probe = (r->m->e->flags & QUEUE_PROBE) != 0 };
		struct asked *x = mem_new(sizeof(*x));

		x->r = r;
		q->routing++;
		lookup_rcpt_put(&o, &ask);
		(void)channel_ask_parts(q->lookup, &o, answered, x);
		packet_done(&o);
	}
}

/* One replacement under way. */
struct replacing {
	struct rcpt *old;
	struct buf block;
	size_t first_fresh; /* index of the first new recipient */
	struct span owner; /* of all of them, or empty */
	bool own; /* a list of its own: it has an owner now */
	bool local; /* they go through this one's hands: queue/via.h */
	struct span via; /* the last that the block told */
	bool tell; /* the sender hears that it is a list */
};

static void
replaced(void *arg, int error)
{
	struct replacing *x = arg;
	struct rcpt *old = x->old;
	struct message *m = old->m;

	m->outstanding++;
	if (error != 0) {
		log_error(
		    "%s: flush new recipients: %s", m->id, strerror(error));
		active_result_text(
		    old, DEFER, "4.3.0", "cannot record new recipients");
	} else {
		size_t end = m->rcpt_count;

		message_mark(
		    old, x->tell ? STATE_TELL_REPLACED : STATE_REPLACED);
		for (size_t i = x->first_fresh; i < end; i++)
			if (m->rcpts[i]->file.state == STATE_QUEUED &&
			    m->rcpts[i]->at == AT_REST &&
			    !m->rcpts[i]->deferred)
				route_start(m->rcpts[i]);
		active_done(m);
	}
	route_release(m);
	active_done(m);
	buf_free(&x->block);
	free(x);
}

static enum qfile_kind
stored_kind(enum lookup_kind kind)
{
	switch (kind) {
	case ROUTE_COMMAND:
		return KIND_COMMAND;
	case ROUTE_FILE:
		return KIND_FILE;
	case ROUTE_INCLUDE:
		return KIND_INCLUDE;
	case ROUTE_DELIVER:
	case ROUTE_EXPAND:
	case ROUTE_REFUSE:
		break;
	}
	return KIND_ADDRESS;
}

/* RFC 3461, 5.2.7.3: the sender has been told of the list, not of its members.
 */
static unsigned
without_success(const struct rcpt *old)
{
	unsigned rest = old->file.notify & ~(unsigned)NOTIFY_SUCCESS;

	return rest == 0 ? NOTIFY_NEVER : rest;
}

static void
fresh_add(struct replacing *x, const struct lookup_target *t)
{
	struct rcpt *old = x->old;
	struct message *m = old->m;
	enum qfile_kind kind = stored_kind(t->kind);
	struct qfile_rcpt fresh = { .state = STATE_QUEUED,
		.notify = x->own ? 0
		    : x->tell    ? without_success(old)
				 : old->file.notify,
		.final = kind == KIND_ADDRESS && t->transport.n > 0,
		.kind = kind,
		.address = t->address,
		.orig =
		    old->file.orig.n > 0 ? old->file.orig : old->file.address,
		.orcpt = x->own ? SPAN("") : old->file.orcpt,
		.owner = x->owner,
		.via = old->file.via };

	if (x->local && old->file.kind == KIND_ADDRESS)
		fresh.via = via_make(
		    m->arena, old->file.address, old->file.via, t->address);
	if (kind != KIND_ADDRESS)
		fresh.user = t->user;
	if (fresh.address.n == 0 || fresh.address.n > UINT16_MAX ||
	    message_knows(m, &fresh))
		return;
	if (x->block.n == 0)
		qfile_block_owner(&x->block, x->owner);
	if (!span_eq(fresh.via, x->via))
		qfile_block_via(&x->block, fresh.via);
	x->via = fresh.via;
	qfile_block_rcpt(&x->block, &fresh, m->file_size);
	message_rcpt_add(m, &fresh)->parent = old;
}

/* Every member is the recipient itself or one that it came from: nobody would
 * ever get the mail. */
static bool
only_ancestors(
    const struct rcpt *r, const struct lookup_target *targets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct rcpt *up = r;

		while (up != NULL &&
		    !span_ieq(up->file.address, targets[i].address))
			up = up->parent;
		if (up == NULL || stored_kind(targets[i].kind) != KIND_ADDRESS)
			return false;
	}
	return count > 0;
}

void
route_replace(struct rcpt *r, const struct lookup_target *targets, size_t count,
    struct span owner, bool local)
{
	struct message *m = r->m;
	struct replacing *x = mem_new(sizeof(*x));

	x->old = r;
	x->first_fresh = m->rcpt_count;
	x->owner = owner.n > 0 ? owner : r->file.owner;
	x->own = owner.n > 0;
	x->local = local &&
	    param_list_has(m->q->conf->prepend_delivered_header, "forward");
	x->tell = (r->file.notify & NOTIFY_SUCCESS) != 0 &&
	    rcpt_sender(r).n > 0 && (count > 1 || x->own);
	if (x->tell)
		rcpt_why(r, "2.0.0", SPAN("alias expanded"));
	qfile_block_begin(&x->block);
	if (m->rcpt_count + count > RCPTS_MAX ||
	    only_ancestors(r, targets, count)) {
		active_result_text(r, BOUNCE, "5.4.6",
		    "mail forwarding loop, or too many recipients");
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		fresh_add(x, &targets[i]);
	if (x->block.n == 0) { /* all of them are served already */
		message_mark(r, STATE_REPLACED);
		active_done(m);
		goto out;
	}
	qfile_block_end(&x->block, &m->first);
	if (message_append(m, buf_span(&x->block)) == -1) {
		log_error(
		    "%s: write new recipients: %s", m->id, strerror(errno));
		m->rcpt_count = x->first_fresh;
		active_result_text(
		    r, DEFER, "4.3.0", "cannot record new recipients");
		goto out;
	}
	route_hold(m);
	syncpool_sync(m->q->pool, m->fd, replaced, x);
	return;
out:
	buf_free(&x->block);
	free(x);
}
