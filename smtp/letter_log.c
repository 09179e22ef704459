/*
 * letter_log.c - the last word on a recipient, as the log and qmgr are told it
 */

#include "smtp/letter.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/delivery_call.h"
#include "calls/delivery_log.h"
#include "calls/queue_call.h"
#include "calls/status_filter.h"
#include "os/clock.h"
#include "smtp/conf.h"
#include "smtp/destination.h"
#include "smtp/env.h"

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

struct status_query *
letter_filter(const struct smtp_env *env, const struct letter *letter,
    void (*fn)(void *arg), void *arg)
{
	struct status_words words = { .count = letter->count,
		.parameter =
		    smtp_conf_table(env->conf, "smtp_delivery_status_filter") };
	struct status_query *q;
	struct why **whys;

	if (*env->conf->smtp_delivery_status_filter == '\0' ||
	    env->lookup == NULL || letter->count == 0)
		return NULL;
	whys = mem_array(letter->count, sizeof(*whys));
	for (size_t i = 0; i < letter->count; i++)
		whys[i] = &letter->rcpts[i].why;
	words.whys = whys;
	q = status_filter_start(env->lookup, &words, fn, arg);
	free(whys);
	return q;
}
