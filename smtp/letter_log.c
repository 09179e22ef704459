/*
 * letter_log.c - the last word on a recipient, as the log and qmgr are told it
 */

#include "smtp/letter.h"

#include "base/buf.h"
#include "base/log.h"
#include "calls/delivery_call.h"
#include "calls/delivery_log.h"
#include "calls/queue_call.h"
#include "os/clock.h"
#include "smtp/conf.h"
#include "smtp/destination.h"

void
letter_log(const struct letter *letter, size_t i, const struct smtp_conf *conf,
    int64_t setup_us)
{
	const struct delivery_request *request = letter->request;
	struct letter_rcpt *r = &letter->rcpts[i];
	bool probe = (request->flags & QUEUE_PROBE) != 0;
	struct buf line = BUF_EMPTY;
	struct delivery_log l = {
		.qid = request->qid,
		.address = r->to->address,
		.orig = r->to->orig,
		.conn_use = r->conn_use,
		.relay = r->where == NULL ? SPAN("") : span_str(r->where->text),
		.arrival_us = request->arrival_us,
		.ready_us = request->ready_us,
		.setup_us = setup_us,
		.transfer_us = letter->transfer_us,
		.now_us = clock_wall_us(),
		.resolution = conf->delay_logging_resolution_limit,
		.probe = probe,
	};

	if (conf->soft_bounce && !probe)
		why_soften(&r->why);
	l.status = span_str(r->why.status);
	l.outcome = r->why.outcome;
	l.text = buf_span(&r->why.text);
	delivery_log_print(&line, &l);
	log_info("%s", buf_str(&line));
	buf_free(&line);
}
