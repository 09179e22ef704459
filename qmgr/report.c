/*
 * report.c - telling senders of what failed
 *
 * bounce writes the report and puts it into the queue; only then are the
 * failed recipients marked as told. A crash between tells the sender twice,
 * never not at all. Mail without a sender is a report itself: its failure is
 * for the log.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/bounce_call.h"
#include "ipc/channel.h"
#include "os/file.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"

struct report {
	struct message *m;
	size_t count;
	struct rcpt *rcpts[BOUNCE_RCPTS_MAX];
};

static void
reported(void *arg, struct packet_in *in)
{
	struct report *x = arg;
	struct message *m = x->m;
	struct span qid;
	struct why why;
	bool told;

	why_init(&why);
	if (in == NULL || !bounce_done_get(in, &why, &qid))
		why_set(&why, "4.3.0", "bounce service is not available");
	told = why.outcome == DONE;
	if (told) {
		log_info("%s: sender non-delivery notification: %.*s", m->id,
		    (int)qid.n, qid.p);
		for (size_t i = 0; i < x->count; i++)
			message_mark(x->rcpts[i], STATE_TOLD);
	} else {
		log_warning("%s: cannot report to the sender: %s", m->id,
		    why_text(&why));
		/* they stay failed: the report is tried again */
	}
	why_free(&why);
	free(x);
	if (told) {
		active_done(m);
		return;
	}
	m->outstanding--;
	if (m->outstanding == 0)
		retry_defer(m);
}

static bool
wants_report(const struct rcpt *r)
{
	return r->file.notify == 0 || (r->file.notify & NOTIFY_FAILURE) != 0;
}

/* Those that nobody is told of are done with at once. */
static size_t
collect(struct message *m, struct report *x, struct bounce_rcpt *out)
{
	for (size_t i = 0; i < m->rcpt_count && x->count < BOUNCE_RCPTS_MAX;
	     i++) {
		struct rcpt *r = m->rcpts[i];

		if (r->file.state != STATE_FAILED)
			continue;
		if (m->e.sender.n == 0 || !wants_report(r)) {
			message_mark(r, STATE_TOLD);
			continue;
		}
		out[x->count] =
		    (struct bounce_rcpt){ .address = r->file.address,
			    .orig = r->file.orig,
			    .orcpt = r->file.orcpt,
			    .status = r->file.status,
			    .reason = r->file.reason };
		x->rcpts[x->count++] = r;
	}
	return x->count;
}

bool
report_failed(struct message *m)
{
	struct report *x = mem_new(sizeof(*x));
	struct bounce_rcpt rcpts[BOUNCE_RCPTS_MAX];
	struct packet_out o = { .fd_count = 0 };
	struct bounce_request r = { .kind = BOUNCE_FAILED,
		.qid = span_str(m->id),
		.sender = m->e.sender,
		.content_size = m->first.content_size,
		.edits = m->e.edits,
		.envid = m->e.envid,
		.ret = m->e.ret,
		.arrival_us = m->e.arrival_us,
		.rcpts = rcpts };

	x->m = m;
	r.rcpt_count = collect(m, x, rcpts);
	r.fd = r.rcpt_count > 0 ? spool_open_read(m->q, m) : -1;
	if (r.fd == -1) {
		if (r.rcpt_count > 0)
			log_error(
			    "%s: open queue file: %s", m->id, strerror(errno));
		free(x);
		return m->outstanding > 0;
	}
	m->outstanding++;
	bounce_make_put(&o, &r);
	(void)channel_ask(m->q->bounce, &o, reported, x);
	packet_done(&o);
	file_close(&r.fd);
	return true;
}
