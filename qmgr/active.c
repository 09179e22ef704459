/*
 * active.c - a message's run, from ready to its end
 *
 * A run is over when nothing is outstanding: no lookup, delivery, flush or
 * report. Then the message goes (all recipients done), is reported (some
 * failed for good), or waits for its next try.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/must.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/delivery_log.h"
#include "calls/lookup_call.h"
#include "calls/status_filter.h"
#include "calls/verify_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/syncpool.h"
#include "qmgr/accept_log.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"

enum { DELAY_DECIMALS = 2 };

bool
is_probe(const struct message *m)
{
	return (m->e->flags & QUEUE_PROBE) != 0;
}

bool
is_traced(const struct message *m)
{
	return (m->e->flags & QUEUE_TRACE) != 0 &&
	    (m->attempts == 0 || is_probe(m));
}

void
log_result(const struct rcpt *r, const char *agent, enum outcome outcome,
    const char *status, struct span text)
{
	const struct message *m = r->m;
	struct buf line = BUF_EMPTY, quoted = BUF_EMPTY;
	struct delivery_log l = { .qid = span_str(m->id),
		.address = r->address.n > 0 ? r->address : r->file.address,
		.orig = r->file.orig,
		.arrival_us = retry_since_us(m),
		.ready_us = m->ready_us,
		.now_us = clock_wall_us(),
		.resolution = DELAY_DECIMALS,
		.status = span_str(status),
		.outcome = outcome,
		.probe = is_probe(m) };

	log_quote(&quoted, text, 500);
	l.text = buf_span(&quoted);
	delivery_log_print(&line, &l);
	log_info_as(agent, "%s", buf_str(&line));
	buf_free(&line);
	buf_free(&quoted);
}

static void
log_active(const struct message *m, unsigned queued)
{
	struct buf from = BUF_EMPTY;

	log_quote(&from, m->e->sender, 256);
	log_info("%s: from=<%s>, size=%llu, nrcpt=%u (queue active)", m->id,
	    from.n == 0 ? "" : buf_str(&from), (unsigned long long)m->size,
	    queued);
	buf_free(&from);
}

static unsigned
count_state(const struct message *m, enum qfile_state state)
{
	unsigned n = 0;

	for (size_t i = 0; i < m->rcpt_count; i++)
		if (m->rcpts[i]->file.state == state)
			n++;
	return n;
}

void
active_start(struct message *m)
{
	size_t count = m->rcpt_count;

	must(m->place == PLACE_ACTIVE && m->e != NULL);
	m->q->awake++;
	m->run_rcpts = count;
	m->q->awake_rcpts += count;
	m->ready_us = clock_wall_us();
	log_active(m, count_state(m, STATE_QUEUED));
	m->outstanding++; /* so that the run cannot end while it begins */
	route_hold(m);
	for (size_t i = 0; i < count; i++) {
		m->rcpts[i]->deferred = m->rcpts[i]->warned = false;
		if (m->rcpts[i]->file.state == STATE_QUEUED && !m->want_expire)
			route_start(m->rcpts[i]);
	}
	route_release(m);
	active_done(m);
}

bool
active_is_full(const struct qmgr *q)
{
	return q->awake >= (unsigned)q->conf->qmgr_message_active_limit ||
	    q->awake_rcpts >= (size_t)q->conf->qmgr_message_recipient_limit;
}

static void
remove_message(struct message *m)
{
	accept_log_unlink(m);
	log_info("%s: removed", m->id);
	metric_count(METRIC_REMOVED);
	message_free(&m);
}

/* Too old: what still waits has failed. */
static void
expire(struct message *m)
{
	struct buf from = BUF_EMPTY;
	bool forced = m->want_expire;

	log_quote(&from, m->e->sender, 256);
	log_info("%s: from=<%s>, status=%s, returned to sender", m->id,
	    from.n == 0 ? "" : buf_str(&from),
	    forced ? "force-expired" : "expired");
	buf_free(&from);
	m->want_expire = false;
	for (size_t i = 0; i < m->rcpt_count; i++) {
		struct rcpt *r = m->rcpts[i];

		if (r->file.state != STATE_QUEUED)
			continue;
		if (r->file.reason.n == 0)
			rcpt_why(r, "4.4.7",
			    forced ? SPAN("message is administratively expired")
				   : SPAN("message expired"));
		message_mark(r, STATE_FAILED);
	}
}

static bool
held(struct message *m)
{
	if (!m->want_hold)
		return false;
	m->want_hold = false;
	message_close(m);
	if (spool_move(m->q, m->id, m->place, PLACE_HOLD) == -1)
		return false;
	m->place = PLACE_HOLD;
	message_sleep(m);
	log_info_as("postsuper", "%s: placed on hold", m->id);
	return true;
}

static bool
all_settled(const struct message *m)
{
	for (size_t i = 0; i < m->rcpt_count; i++)
		if (state_is_open(m->rcpts[i]->file.state))
			return false;
	return true;
}

static void
run_over(struct message *m)
{
	m->q->awake--;
	m->q->awake_rcpts -= m->run_rcpts;
	m->run_rcpts = 0;
	m->flushed = false;
	retry_more(m->q);
}

/* To verify, of one that it asked about: as it named it. */
static void
probe_answer(const struct rcpt *r)
{
	struct packet_out o = { .fd_count = 0 };
	char status[12];
	struct why why;

	why_init(&why);
	(void)snprintf(status, sizeof(status), "%.*s", (int)r->file.status.n,
	    r->file.status.p);
	why_set(&why, status, "%.*s", (int)r->file.reason.n, r->file.reason.p);
	why.outcome = r->outcome;
	verify_result_put(
	    &o, r->file.orig.n > 0 ? r->file.orig : r->file.address, &why);
	channel_tell(r->m->q->verify, &o);
	packet_done(&o);
	why_free(&why);
}

/* Nothing waits, whatever the answers were; but who asked is to have them. */
static void
probe_end(struct message *m)
{
	bool untold = false;

	if (report_due(m))
		return;
	for (size_t i = 0; i < m->rcpt_count && !is_traced(m); i++)
		if (m->rcpts[i]->probed)
			probe_answer(m->rcpts[i]);
	for (size_t i = 0; i < m->rcpt_count; i++)
		untold = untold ||
		    (m->rcpts[i]->probed && !m->rcpts[i]->traced &&
			is_traced(m));
	run_over(m);
	if (untold && !retry_expired(m))
		retry_defer(m);
	else
		remove_message(m);
}

static void
run_end(struct message *m)
{
	if (m->want_remove) {
		run_over(m);
		remove_message(m);
		return;
	}
	if (is_probe(m)) {
		probe_end(m);
		return;
	}
	if (count_state(m, STATE_QUEUED) > 0 &&
	    (m->want_expire || retry_expired(m)))
		expire(m);
	if (m->outstanding > 0) /* marks are being flushed */
		return;
	if (report_due(m))
		return;
	run_over(m);
	if (all_settled(m))
		remove_message(m);
	else if (!held(m))
		retry_defer(m);
}

void
active_done(struct message *m)
{
	must(m->outstanding > 0);
	m->outstanding--;
	if (m->outstanding == 0)
		run_end(m);
}

/* Only who delivers to accounts may name other recipients, and they must be
 * some: mail is never marked as replaced by nobody. */
static bool
fresh_makes_sense(const struct rcpt *r, const struct delivery_result *result)
{
	if (r->kind == TO_REMOTE)
		return false;
	for (size_t i = 0; i < result->fresh_count; i++)
		if (result->fresh[i].n == 0)
			return false;
	return true;
}

/* Addresses that a ~/.forward or :include: gave in place of this one. */
static void
forward(struct rcpt *r, const struct delivery_result *result)
{
	struct arena *a = arena_new();
	struct lookup_target *targets =
	    arena_array(a, result->fresh_count, sizeof(*targets));

	for (size_t i = 0; i < result->fresh_count; i++)
		targets[i] = (struct lookup_target){ .kind = ROUTE_DELIVER,
			.address = result->fresh[i] };
	route_replace(r, targets, result->fresh_count, SPAN(""), true);
	arena_free(&a);
}

/* RFC 3461, 5.2.2: who wants to know is told by the last system that can. */
static enum qfile_state
done_state(const struct rcpt *r, enum delivery_told told)
{
	bool asked =
	    (r->file.notify & NOTIFY_SUCCESS) != 0 && rcpt_sender(r).n > 0;

	if (is_traced(r->m) && r->m->e->sender.n > 0)
		return told == TOLD_BY_US ? STATE_TELL_DONE
					  : STATE_TELL_RELAYED;
	if (asked ? told == TOLD_BY_NEXT : !rcpt_confirms(r))
		return STATE_DONE;
	return told == TOLD_BY_US ? STATE_TELL_DONE : STATE_TELL_RELAYED;
}

void
active_result(struct rcpt *r, struct delivery_result *result)
{
	struct message *m = r->m;
	const struct why *why = &result->why;

	if (why->outcome == DONE && result->fresh_count > 0 &&
	    !fresh_makes_sense(r, result)) {
		active_result_text(r, DEFER, "4.3.0",
		    "the delivery agent's answer makes no sense");
		return;
	}
	rcpt_why(r, why->status, buf_span(&why->text));
	r->tried = clock_wall();
	if (is_probe(m)) {
		r->probed = true;
		r->outcome = why->outcome;
		active_done(m);
		return;
	}
	switch (why->outcome) {
	case DONE:
		if (result->fresh_count > 0) {
			forward(r, result);
			return;
		}
		message_mark(r, done_state(r, result->told));
		break;
	case DEFER:
		r->deferred = true;
		break;
	case BOUNCE:
		message_mark(r, STATE_FAILED);
		break;
	}
	active_done(m);
}

/* A result of our own, which a table may have a say in. */
struct own_result {
	struct rcpt *r;
	struct delivery_result result;
};

static void
own_result_end(void *arg)
{
	struct own_result *o = arg;
	struct rcpt *r = o->r;
	struct why *why = &o->result.why;

	/* what agents say is soft already, and logged so */
	if (r->m->q->conf->soft_bounce && !is_probe(r->m))
		why_soften(why);
	log_result(r, "error", why->outcome, why->status, buf_span(&why->text));
	active_result(r, &o->result);
	why_free(why);
	free(o);
}

void
active_result_text(
    struct rcpt *r, enum outcome outcome, const char *status, const char *text)
{
	const struct qmgr *q = r->m->q;
	struct own_result *o = mem_new(sizeof(*o));
	struct why *why = &o->result.why;
	const struct status_words words = { "default_delivery_status_filter",
		&why, 1 };

	o->r = r;
	why_init(why);
	why_set(why, status, "%s", text);
	why->outcome = outcome;
	if (*q->conf->default_delivery_status_filter == '\0' || q->draining)
		own_result_end(o);
	else
		(void)status_filter_start(q->lookup, &words, own_result_end, o);
}
