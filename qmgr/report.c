/*
 * report.c - telling senders what became of their mail (RFC 3461, 5)
 *
 * bounce writes the report and puts it into the queue; only then are the
 * recipients marked as told. A crash between tells the sender twice, never not
 * at all. Mail without a sender is a report itself: what becomes of it is for
 * the log, and for the postmaster where notify_classes says so. The recipients
 * of one report have the same sender, which is a list's owner for its members.
 * With VERP a report of failure is of one recipient, to the sender made of it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/bounce_call.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/file.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"

/* What they take of a packet, beside the message's edits. */
enum { REPORT_BYTES = 16000, RCPT_ROOM = 80, REASON_MOST = 1000 };

struct report {
	struct message *m;
	enum bounce_kind kind;
	size_t count;
	struct rcpt *rcpts[BOUNCE_RCPTS_MAX];
};

/* ---- who is told of what */

static bool
tells(enum qfile_state state)
{
	return state == STATE_TELL_DONE || state == STATE_TELL_RELAYED ||
	    state == STATE_TELL_REPLACED;
}

static bool
concerns(const struct rcpt *r, enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return r->file.state == STATE_FAILED;
	case BOUNCE_DELAYED:
		return r->file.state == STATE_QUEUED && r->deferred &&
		    !r->warned;
	case BOUNCE_SUCCESS:
		return tells(r->file.state);
	case BOUNCE_VERIFY:
	case BOUNCE_KINDS:
		break;
	}
	if (r->traced)
		return false;
	return is_probe(r->m)
	    ? r->probed
	    : tells(r->file.state) || r->file.state == STATE_FAILED ||
		(r->file.state == STATE_QUEUED && r->deferred);
}

/* A failed report is told of to the postmaster at most, and by bounce. That
 * delayed mail got through is told where the delay was. */
static bool
wanted(const struct rcpt *r, enum bounce_kind kind)
{
	static const unsigned bits[BOUNCE_KINDS] = { [BOUNCE_FAILED] =
							 NOTIFY_FAILURE,
		[BOUNCE_DELAYED] = NOTIFY_DELAY,
		[BOUNCE_SUCCESS] = NOTIFY_SUCCESS };

	if (kind == BOUNCE_VERIFY)
		return r->m->e->sender.n > 0;
	if (rcpt_sender(r).n == 0 || (r->m->e->flags & QUEUE_BOUNCE) != 0)
		return kind == BOUNCE_FAILED;
	if (kind == BOUNCE_SUCCESS && rcpt_confirms(r))
		return true;
	if (r->file.notify == 0)
		return kind != BOUNCE_SUCCESS;
	return (r->file.notify & bits[kind]) != 0;
}

/* There is nothing to tell any more. */
static enum qfile_state
settled(enum qfile_state state)
{
	if (state == STATE_FAILED)
		return STATE_TOLD;
	return state == STATE_TELL_REPLACED ? STATE_REPLACED : STATE_DONE;
}

static void
settle(struct rcpt *r, enum bounce_kind kind)
{
	if (kind == BOUNCE_VERIFY)
		r->traced = true;
	if (kind == BOUNCE_DELAYED)
		r->warned = true;
	else if (kind != BOUNCE_VERIFY || tells(r->file.state))
		message_mark(r, settled(r->file.state));
}

/* ---- the answer */

static void
reported(void *arg, struct packet_in *in)
{
	struct report *x = arg;
	struct message *m = x->m;
	struct span qid;
	struct why why;

	why_init(&why);
	if (in == NULL || !bounce_done_get(in, &why, &qid))
		why_set(&why, "4.3.0", "bounce service is not available");
	m->report_failed = why.outcome != DONE;
	if (m->report_failed) /* they stay as they are: it is tried again */
		log_warning("%s: cannot report to the sender: %s", m->id,
		    why_text(&why));
	else
		for (size_t i = 0; i < x->count; i++)
			settle(x->rcpts[i], x->kind);
	why_free(&why);
	free(x);
	active_done(m);
}

/* ---- the question */

static enum bounce_action
action_of(const struct rcpt *r)
{
	if (r->probed)
		return r->outcome == DONE ? BOUNCE_DELIVERABLE
					  : BOUNCE_UNDELIVERABLE;
	switch (r->file.state) {
	case STATE_TELL_RELAYED:
		return BOUNCE_RELAYED;
	case STATE_TELL_REPLACED:
		return BOUNCE_EXPANDED;
	case STATE_QUEUED:
		return BOUNCE_WAITS;
	case STATE_FAILED:
	case STATE_TOLD:
		return BOUNCE_GIVEN_UP;
	case STATE_TELL_DONE:
	case STATE_DONE:
	case STATE_REPLACED:
		break;
	}
	return BOUNCE_DELIVERED;
}

static void
report_add(struct report *x, struct rcpt *r, struct bounce_rcpt *out)
{
	out[x->count] = (struct bounce_rcpt){ .address = r->file.address,
		.orig = r->m->q->conf->enable_original_recipient ? r->file.orig
								 : SPAN(""),
		.orcpt = r->file.orcpt,
		.status = r->file.status,
		.reason = span_head(r->file.reason, REASON_MOST),
		.action = action_of(r),
		.tried = r->tried };
	x->rcpts[x->count++] = r;
}

/* Who is told: of a list's members its owner, but who asks how it goes asks
 * for himself. */
static struct span
teller(const struct rcpt *r, enum bounce_kind kind)
{
	return kind == BOUNCE_VERIFY ? r->m->e->sender : rcpt_sender(r);
}

/* Each recipient has a sender of its own, who hears of him alone. */
static bool
apart(const struct report *x)
{
	return x->m->e->verp.n > 0 && x->kind == BOUNCE_FAILED &&
	    !x->m->q->conf->disable_verp_bounces;
}

static size_t
bytes_of(const struct rcpt *r)
{
	return RCPT_ROOM + r->file.address.n + r->file.orig.n +
	    r->file.orcpt.n + span_head(r->file.reason, REASON_MOST).n;
}

/* Those of the first sender that is to be told. Those that nobody is told of
 * are done with at once. */
static void
collect(struct report *x, struct bounce_rcpt *out)
{
	struct message *m = x->m;
	size_t bytes = 0;

	for (size_t i = 0; i < m->rcpt_count; i++) {
		struct rcpt *r = m->rcpts[i];

		if (!concerns(r, x->kind))
			continue;
		if (!wanted(r, x->kind)) {
			if (x->kind != BOUNCE_DELAYED)
				settle(r, x->kind);
			continue;
		}
		if (x->count > 0 &&
		    (apart(x) ||
			!span_eq(
			    teller(r, x->kind), teller(x->rcpts[0], x->kind))))
			continue;
		bytes += bytes_of(r);
		if (x->count == BOUNCE_RCPTS_MAX ||
		    (x->count > 0 && bytes > REPORT_BYTES))
			break;
		report_add(x, r, out);
	}
}

static bool
report_ask(struct report *x, const struct bounce_rcpt *rcpts)
{
	struct message *m = x->m;
	struct packet_out o = { .fd_count = 0 };
	const struct rcpt *first = x->rcpts[0];
	bool listed = first->file.owner.n > 0 && x->kind != BOUNCE_VERIFY;
	struct buf made = BUF_EMPTY;
	struct bounce_request r = { .kind = x->kind,
		.qid = span_str(m->id),
		.sender = apart(x) ? rcpt_verp_sender(first, &made)
				   : teller(first, x->kind),
		.content_size = m->first.content_size,
		.edits = m->e->edits,
		.envid = listed ? SPAN("") : m->e->envid,
		.ret = listed ? RET_NONE : m->e->ret,
		.flags = m->e->flags,
		.hold = m->e->hold,
		.arrival_us = m->arrival_us,
		.expires = retry_end(m),
		.rcpt_count = x->count,
		.rcpts = rcpts };

	r.fd = spool_open_read(m->q, m);
	if (r.fd == -1) {
		log_error("%s: open queue file: %s", m->id, strerror(errno));
		buf_free(&made);
		return false;
	}
	m->outstanding++;
	bounce_make_put(&o, &r);
	(void)channel_ask(m->q->bounce, &o, reported, x);
	packet_done(&o);
	buf_free(&made);
	file_close(&r.fd);
	return true;
}

static bool
report(struct message *m, enum bounce_kind kind)
{
	struct report *x = mem_new(sizeof(*x));
	struct bounce_rcpt *rcpts = mem_array(BOUNCE_RCPTS_MAX, sizeof(*rcpts));
	bool asked;

	x->m = m;
	x->kind = kind;
	m->outstanding++; /* marks may be flushed and end before we do */
	collect(x, rcpts);
	asked = x->count > 0 && report_ask(x, rcpts);
	m->outstanding--;
	if (!asked)
		free(x);
	free(rcpts);
	return asked || m->outstanding > 0;
}

static bool
too_slow(const struct message *m)
{
	int64_t limit = m->q->conf->delay_warning_time;

	return limit > 0 && !m->e->warned && retry_age(m) >= limit;
}

bool
report_due(struct message *m)
{
	if (m->report_failed) { /* not again in this run */
		m->report_failed = false;
		return false;
	}
	if (is_traced(m) && report(m, BOUNCE_VERIFY))
		return true;
	if (is_probe(m))
		return false;
	return report(m, BOUNCE_FAILED) || report(m, BOUNCE_SUCCESS) ||
	    (too_slow(m) && report(m, BOUNCE_DELAYED));
}
