/*
 * admin.c - listings, flush, and the administrator's hand
 *
 * The kernel says who asks: everybody may look and flush, root and mail_owner
 * may hold, release, delete, requeue and expire. What is under way is not torn
 * from an agent: the wish is kept and done when the run ends.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/showq_call.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/syncpool.h"
#include "qmgr/accept_log.h"
#include "qmgr/qmgr.h"
#include "service/authorized.h"
#include "service/service.h"

/* What is done by hand is logged as postsuper's: log readers look there. */
#define AGENT "postsuper"

enum { PIECE_MS = 10 };

/* Where a caller's listing stands: ids in order, then the recipient. */
struct listing {
	char (*ids)[QUEUE_ID_MAX + 1];
	size_t count, at;
	size_t rcpt; /* number of the next one plus one; 0: its message */
};

static int
by_id(const void *a, const void *b)
{
	struct span x = span_str(a), y = span_str(b);

	return x.n != y.n ? (x.n < y.n ? -1 : 1) : span_cmp(x, y);
}

static struct listing *
listing_new(struct qmgr *q)
{
	struct listing *l = mem_new(sizeof(*l));
	struct span key;
	void *value;
	size_t at = 0;

	l->ids = mem_array(table_count(q->messages) + 1, sizeof(*l->ids));
	while (table_next(q->messages, &at, &key, &value))
		memcpy(l->ids[l->count++], ((struct message *)value)->id,
		    sizeof(*l->ids));
	qsort(l->ids, l->count, sizeof(*l->ids), by_id);
	return l;
}

static void
listing_free(struct listing *l)
{
	if (l == NULL)
		return;
	free(l->ids);
	free(l);
}

static bool
put_message(struct packet_out *o, const struct message *m)
{
	struct showq_line line = { .queue_name = span_str(place_name(m->place)),
		.qid = span_str(m->id),
		.sender = message_sender(m),
		.arrival = m->arrival_us / 1000000,
		.next_try = m->next_try,
		.release = m->release,
		.flags = m->flags,
		.size = m->size,
		.attempts = m->attempts,
		.expire = m->want_expire };

	return showq_line_put(o, &line);
}

/* False when the packet is full; l->rcpt says where to go on. */
static bool
put_rcpts(struct packet_out *o, const struct message *m, struct listing *l)
{
	struct message_walk w = message_walk(m, l->rcpt - 1);
	struct message_line from;

	for (; message_next(&w, &from); l->rcpt++) {
		struct showq_line line = { .rcpt = true,
			.address = from.address,
			.orig = from.orig,
			.status = from.status,
			.reason = from.reason };

		if (from.waits && !showq_line_put(o, &line))
			return false;
	}
	return true;
}

static void
fill_page(struct qmgr *q, struct packet_out *o, struct listing *l)
{
	for (; l->at < l->count; l->at++, l->rcpt = 0) {
		struct message *m =
		    table_get(q->messages, span_str(l->ids[l->at]));

		if (m == NULL)
			continue;
		if (l->rcpt == 0) {
			if (!put_message(o, m))
				return;
			l->rcpt = 1;
		}
		if (!put_rcpts(o, m, l))
			return;
	}
}

static void
call_next(struct qmgr *q, struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct listing *l = server_peer_data(p);

	if (!showq_next_get(in)) {
		server_refuse(p, in);
		return;
	}
	if (l == NULL) {
		l = listing_new(q);
		server_peer_data_set(p, l);
	}
	showq_page_begin(&o, in->id);
	fill_page(q, &o, l);
	showq_page_end(&o);
	server_reply(p, &o);
	packet_done(&o);
	if (l->at == l->count && l->count > 0) {
		/* the next page is empty: that ends it */
		l->count = 0;
		l->at = 0;
	}
}

static void
delete_message(struct message *m)
{
	if (m->outstanding > 0) {
		m->want_remove = true;
		dispatch_withdraw(m);
		return;
	}
	accept_log_unlink(m);
	log_info_as(AGENT, "%s: removed", m->id);
	metric_count(METRIC_REMOVED);
	message_free(&m);
}

static bool
hold_message(struct message *m)
{
	if (m->place == PLACE_HOLD)
		return false;
	if (m->outstanding > 0) {
		m->want_hold = true;
		dispatch_withdraw(m);
		return true;
	}
	if (spool_move(m->q, m->id, m->place, PLACE_HOLD) == -1) {
		log_error("%s: hold: %s", m->id, strerror(errno));
		return false;
	}
	m->place = PLACE_HOLD;
	heap_remove(m->q->retries, &m->retry);
	log_info_as(AGENT, "%s: placed on hold", m->id);
	return true;
}

/* Out of hold/ at once: there may be no room for its run yet. */
static bool
release_message(struct message *m)
{
	if (spool_move(m->q, m->id, PLACE_HOLD, PLACE_DEFERRED) == -1) {
		log_error("%s: release: %s", m->id, strerror(errno));
		return false;
	}
	m->place = PLACE_DEFERRED;
	return true;
}

/* The wish outlives us in the file's mode; what is on hold keeps it until it is
 * released. */
static void
expire_message(struct message *m, bool release)
{
	m->want_expire = true;
	log_info_as(AGENT, "%s: expired", m->id);
	if (fchmodat(m->q->folders[m->place], m->id, 0700, 0) == -1)
		log_error("%s: expire: %s", m->id, strerror(errno));
	if (m->outstanding > 0)
		dispatch_withdraw(m);
	else if (m->place != PLACE_HOLD || (release && release_message(m)))
		retry_plan(m, 0); /* whatever its release */
}

static bool
operate(struct message *m, enum showq_op op)
{
	if (m->committing) /* nobody has been told yet that it is here */
		return false;
	switch (op) {
	case SHOWQ_DELETE:
		delete_message(m);
		return true;
	case SHOWQ_HOLD:
		return hold_message(m);
	case SHOWQ_RELEASE:
		if (m->place != PLACE_HOLD || !release_message(m))
			return false;
		log_info_as(AGENT, "%s: released from hold", m->id);
		retry_now(m);
		return true;
	case SHOWQ_REQUEUE:
		log_info_as(AGENT, "%s: requeued", m->id);
		if (m->outstanding > 0)
			m->want_requeue = true;
		else
			retry_now(m);
		return true;
	case SHOWQ_EXPIRE:
		expire_message(m, false);
		return true;
	case SHOWQ_EXPIRE_RELEASE:
		expire_message(m, true);
		return true;
	case SHOWQ_OPS:
		break;
	}
	return false;
}

static bool
is_meant(const struct message *m, struct span queue_name)
{
	return queue_name.n == 0 || span_is(queue_name, place_name(m->place));
}

static void
answer(
    struct server_peer *p, uint32_t id, uint64_t count, const struct why *why)
{
	struct packet_out o = { .fd_count = 0 };

	showq_done_put(&o, id, count, why);
	server_reply(p, &o);
	packet_done(&o);
}

/* What is to be done to many messages: a piece at a time, so that mail comes
 * and goes meanwhile. The ids first: the table changes under the operations. */
struct sweep {
	struct qmgr *q;
	struct server_peer *peer;
	uint32_t id;
	enum showq_op op;
	char *queue_name;
	struct listing *rest;
	uint64_t count;
	struct loop_timer *timer;
};

static void
sweep_end(struct sweep *s)
{
	struct why why;

	why_init(&why);
	answer(s->peer, s->id, s->count, &why);
	why_free(&why);
	server_peer_drop(&s->peer);
	listing_free(s->rest);
	loop_timer_free(&s->timer);
	free(s->queue_name);
	free(s);
}

/* The next qmgr does what this one has not when it ends: the tool asks it. */
static void
sweep_piece(void *arg)
{
	struct sweep *s = arg;
	struct listing *l = s->rest;
	int64_t end = clock_ms() + PIECE_MS;
	bool gone = server_peer_is_gone(s->peer); /* he thought better of it */

	while (
	    l->at < l->count && clock_ms() < end && !s->q->draining && !gone) {
		struct message *m =
		    table_get(s->q->messages, span_str(l->ids[l->at++]));

		if (m != NULL && is_meant(m, span_str(s->queue_name)) &&
		    operate(m, s->op))
			s->count++;
	}
	accept_log_write(s->q);
	if (l->at < l->count && !s->q->draining && !gone)
		loop_timer_set(s->timer, 0);
	else if (l->at == l->count || gone)
		sweep_end(s);
}

static void
sweep_begin(struct qmgr *q, struct server_peer *p, uint32_t id,
    enum showq_op op, struct span queue_name)
{
	struct sweep *s = mem_new(sizeof(*s));

	s->q = q;
	s->peer = server_peer_hold(p);
	s->id = id;
	s->op = op;
	s->queue_name = mem_span(queue_name);
	s->rest = listing_new(q);
	s->timer = loop_timer_new(q->loop, sweep_piece, s);
	sweep_piece(s);
}

static void
call_do(struct qmgr *q, struct server_peer *p, struct packet_in *in)
{
	enum showq_op op;
	struct span qid, queue_name;
	uint64_t count = 0;
	struct why why;

	if (!showq_do_get(in, &op, &qid, &queue_name)) {
		server_refuse(p, in);
		return;
	}
	why_init(&why);
	if (server_peer_uid(p) != 0 && server_peer_uid(p) != getuid()) {
		why_set(&why, "5.7.1", "only root and mail_owner may do that");
	} else if (span_is(queue_name, place_name(PLACE_CORRUPT))) {
		count = op == SHOWQ_REQUEUE ? scan_corrupt(q, qid) : 0;
	} else if (qid.n > 0) {
		struct message *m = table_get(q->messages, qid);

		count = m != NULL && is_meant(m, queue_name) && operate(m, op)
		    ? 1
		    : 0;
	} else {
		sweep_begin(q, p, in->id, op, queue_name);
		why_free(&why);
		return;
	}
	accept_log_write(q);
	answer(p, in->id, count, &why);
	why_free(&why);
}

static bool
flush_one(struct message *m)
{
	if (m == NULL || m->place != PLACE_DEFERRED || m->committing ||
	    retry_is_held(m))
		return false;
	m->flushed = true;
	retry_now(m);
	return true;
}

static uint64_t
flush_all(struct qmgr *q)
{
	struct listing *l = listing_new(q);
	uint64_t count = 0;

	for (size_t i = 0; i < l->count; i++)
		if (flush_one(table_get(q->messages, span_str(l->ids[i]))))
			count++;
	listing_free(l);
	return count;
}

static uint64_t
flush_site(struct qmgr *q, struct span site)
{
	struct waiting_ids w;
	uint64_t count = 0;

	waiting_for(q, site, &w);
	qsort(w.ids, w.count, sizeof(*w.ids), by_id);
	for (size_t i = 0; i < w.count; i++)
		if ((i == 0 || by_id(w.ids[i - 1], w.ids[i]) != 0) &&
		    flush_one(table_get(q->messages, span_str(w.ids[i]))))
			count++;
	free(w.ids);
	return count;
}

void
admin_flush(struct qmgr *q, struct server_peer *p, struct packet_in *in)
{
	struct span qid, site;
	uint64_t count;
	struct why why;

	if (!showq_flush_get(in, &qid, &site)) {
		server_refuse(p, in);
		return;
	}
	why_init(&why);
	dispatch_revive(q);
	if (qid.n > 0)
		count = flush_one(table_get(q->messages, qid)) ? 1 : 0;
	else if (site.n > 0)
		count = flush_site(q, site);
	else
		count = flush_all(q);
	answer(p, in->id, count, &why);
	why_free(&why);
}

/* Not by this user: said, and logged. */
static bool
forbidden(struct server_peer *p, const struct packet_in *in,
    const struct authorized *may, const char *what)
{
	long uid = (long)server_peer_uid(p);
	struct why why;

	if (authorized_serves(may, server_peer_uid(p)))
		return false;
	log_warning("uid %ld is not allowed to %s", uid, what);
	why_init(&why);
	why_set(
	    &why, "5.7.1", "User (uid %ld) is not allowed to %s", uid, what);
	answer(p, in->id, 0, &why);
	why_free(&why);
	return true;
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	struct qmgr *q = arg;

	if (span_is(in->call, "showq_next")) {
		if (!forbidden(p, in, q->may_list, "view the mail queue"))
			call_next(q, p, in);
	} else if (span_is(in->call, "showq_do")) {
		call_do(q, p, in);
	} else if (span_is(in->call, "flush")) {
		if (!forbidden(p, in, q->may_flush, "flush the mail queue"))
			admin_flush(q, p, in);
	} else {
		server_refuse(p, in);
	}
}

static void
gone(void *arg, struct server_peer *p)
{
	(void)arg;
	listing_free(server_peer_data(p));
	server_peer_data_set(p, NULL);
}

void
admin_serve(struct qmgr *q, int fd, const char *label)
{
	static const struct server_calls calls = { request, gone };

	(void)server_new(q->loop, fd, label, &calls, q);
}

void
admin_start(struct qmgr *q)
{
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		if (strcmp(l->label, "showq") == 0 ||
		    strcmp(l->label, "flush") == 0)
			admin_serve(q, l->fd, l->label);
	}
}
