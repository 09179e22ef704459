/*
 * check.c - header_checks and body_checks of local mail
 *
 * lookup is asked by the parameters' names: it has opened their tables for this
 * program.
 */

#include "pickup/check.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/checks_call.h"
#include "intake/check_act.h"
#include "intake/checks.h"
#include "intake/content.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "service/service.h"

enum { VALUE_MAX = 200, TEXT_MAX = 1000 };

struct check_job {
	struct check_request r;
	struct channel_call *asking;
	check_fn *fn;
	void *arg;
};

static void
logged(void *arg, const char *action, const struct check_item *item,
    struct span text)
{
	const struct check_job *j = arg;
	struct buf line = BUF_EMPTY;

	if (span_is(span_str(action), "reject"))
		metric_count(METRIC_REJECT_CONTENT);
	log_quote(&line, item->text, VALUE_MAX);
	buf_add_str(&line, " from local; from=<");
	log_quote(&line, j->r.sender, VALUE_MAX);
	buf_add_str(&line, "> to=<");
	log_quote(&line, j->r.rcpt, VALUE_MAX);
	buf_add_byte(&line, '>');
	if (text.n > 0) {
		buf_add_str(&line, ": ");
		log_quote(&line, text, TEXT_MAX);
	} else if (span_is(span_str(action), "reject")) {
		buf_add_str(&line, ": 5.7.1 message content rejected");
	}
	log_info_as("cleanup", "%s: %s: %s %s", j->r.qid, action,
	    item->table == CHECK_BODY ? "body" : "header", buf_str(&line));
	buf_free(&line);
}

static void
settle(struct check_job *j, struct checks *c)
{
	struct check_actor a = { .qid = j->r.qid,
		.arena = j->r.arena,
		.checks = c,
		.result = j->r.result,
		.logged = logged,
		.arg = j };

	check_act(&a);
	content_checked(j->r.content);
	if (check_over(a.result))
		checks_stop(c);
}

static void
hit(void *arg, uint32_t line, struct span value)
{
	checks_hit(arg, line, value);
}

static void answered(void *arg, struct packet_in *in);

/* False: nothing waits any more. */
static bool
ask(struct check_job *j, struct checks *c)
{
	static const char *const tables[CHECK_TABLES] = {
		[CHECK_HEADER] = "header_checks",
		[CHECK_MIME] = "mime_header_checks",
		[CHECK_NESTED] = "nested_header_checks",
		[CHECK_BODY] = "body_checks",
	};
	struct packet_out o = { .fd_count = 0 };
	struct buf lines = BUF_EMPTY;
	enum check_table table = checks_batch(c, CHECKS_LINES_MAX, &lines);

	if (table != CHECK_TABLES) {
		checks_lines_put(&o, span_str(tables[table]), buf_span(&lines));
		j->asking =
		    channel_ask(service_channel("lookup"), &o, answered, j);
		packet_done(&o);
	}
	buf_free(&lines);
	return table != CHECK_TABLES;
}

static void
answered(void *arg, struct packet_in *in)
{
	struct check_job *j = arg;
	struct checks *c = content_pending(j->r.content);
	check_fn *fn = j->fn;
	uint32_t done = 0;
	struct why why;

	j->asking = NULL;
	why_init(&why);
	if (in == NULL || !checks_hits_get(in, hit, c, &done, &why) ||
	    why.outcome != DONE || done == 0) {
		log_warning("%s: header_checks or body_checks: look-up "
			    "problem -- message not accepted, try again later",
		    j->r.qid);
		j->r.result->state = CHECKED_TROUBLE;
		checks_stop(c);
	} else {
		checks_done(c, done);
	}
	why_free(&why);
	if (ask(j, c))
		return;
	settle(j, c);
	arg = j->arg;
	free(j);
	fn(arg);
}

struct check_job *
check_start(const struct check_request *r, check_fn *fn, void *arg)
{
	struct checks *c = content_pending(r->content);
	struct check_job *j;

	if (c == NULL)
		return NULL;
	j = mem_new(sizeof(*j));
	j->r = *r;
	j->fn = fn;
	j->arg = arg;
	must(ask(j, c));
	return j;
}

void
check_cancel(struct check_job **job)
{
	if (*job == NULL)
		return;
	channel_cancel(&(*job)->asking);
	free(*job);
	*job = NULL;
}
