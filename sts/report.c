/*
 * report.c - what smtp tells of TLS to other hosts, counted by day
 *
 * The counts go to disk some seconds after they change: a crash costs those
 * Reports are made of them by send.c, and of the file by facteur
 * tlsrpt.
 */

#include "sts/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/dns_call.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/slots.h"
#include "sts/serve.h"
#include "wire/tlsrpt.h"

enum {
	ROWS_MAX = 10000,
	QUESTIONS_MAX = 100,
	KEPT_DAYS = 3, /* before today */
	DAY_SECONDS = 86400,
	FLUSH_MS = 5000
};

struct report {
	struct loop *loop;
	struct channel *resolver;
	struct slots *slots;
	struct tlsrpt *counts;
	struct loop_timer *flush;
	struct list questions;
	unsigned question_count;
	char today[TLSRPT_DAY + 1];
	bool dirty, full;
};

/* Where does a domain want its reports? */
struct question {
	struct list in;
	struct report *report;
	struct channel_call *call;
	char day[TLSRPT_DAY + 1];
	char *domain;
};

void
report_day(int64_t when, char out[REPORT_DAY + 1])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, TLSRPT_DAY + 1, "%Y-%m-%d", &tm) != TLSRPT_DAY)
		memcpy(out, "1970-01-01", TLSRPT_DAY + 1);
}

static void
day_begin(struct report *r)
{
	char day[TLSRPT_DAY + 1];
	int64_t now = clock_wall();

	report_day(now, day);
	if (strcmp(day, r->today) == 0)
		return;
	memcpy(r->today, day, sizeof(r->today));
	report_day(now - KEPT_DAYS * DAY_SECONDS, day);
	tlsrpt_forget(r->counts, span_str(day));
	r->full = false;
}

static void
question_free(struct question *q)
{
	channel_cancel(&q->call);
	list_remove(&q->in);
	q->report->question_count--;
	free(q->domain);
	free(q);
}

struct tlsrpt *
report_counts(struct report *r)
{
	return r->counts;
}

void
report_changed(struct report *r)
{
	r->dirty = true;
	if (!loop_timer_is_set(r->flush))
		loop_timer_set(r->flush, FLUSH_MS);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct question *q = arg;
	struct arena *a = arena_new();
	struct dns_answer answer = { .result = DNS_TROUBLE };
	struct span rua = SPAN(""), one;
	unsigned count = 0;

	q->call = NULL;
	if (in == NULL || !dns_answer_get(in, a, DNS_TXT, &answer))
		answer = (struct dns_answer){ .result = DNS_TROUBLE };
	for (size_t i = 0; i < answer.count; i++)
		if (tlsrpt_record_parse(answer.records[i].data, &one)) {
			rua = one;
			count++;
		}
	/* more than one: as if there were none (3) */
	if (answer.result != DNS_TROUBLE) {
		tlsrpt_rua_set(q->report->counts, span_str(q->day),
		    span_str(q->domain), count == 1 ? rua : SPAN(""));
		report_changed(q->report);
	}
	arena_free(&a);
	question_free(q);
}

static void
ask(struct report *r, struct span domain)
{
	struct packet_out o = { .id = 0 };
	struct question *q;
	char *name;

	LIST_EACH(l, &r->questions)
	if (span_ieq(span_str(LIST_OF(l, struct question, in)->domain), domain))
		return;
	if (r->question_count == QUESTIONS_MAX)
		return; /* at the next event */
	q = mem_new(sizeof(*q));
	q->report = r;
	memcpy(q->day, r->today, sizeof(q->day));
	q->domain = mem_span(domain);
	list_init(&q->in);
	list_add_tail(&r->questions, &q->in);
	r->question_count++;
	name = mem_printf("_smtp._tls.%.*s", (int)domain.n, domain.p);
	dns_ask_put_hosts(&o, span_str(name), DNS_TXT, DNS_HOSTS_NEVER);
	q->call = channel_ask(r->resolver, &o, answered, q);
	packet_done(&o);
	free(name);
}

void
report_count(struct report *r, const struct tlsrpt_event *e)
{
	struct span today;

	day_begin(r);
	today = span_str(r->today);
	if (!tlsrpt_rua_asked(r->counts, today, e->domain))
		ask(r, e->domain);
	if (!tlsrpt_count(r->counts, today, e) && !r->full) {
		log_warning("tlsrpt: more than %d policies in a few days: "
			    "the rest is not counted",
		    ROWS_MAX);
		r->full = true;
	}
	report_changed(r);
}

void
report_flush(struct report *r)
{
	struct buf text = BUF_EMPTY;

	loop_timer_stop(r->flush);
	if (!r->dirty)
		return;
	r->dirty = false;
	tlsrpt_print(r->counts, &text);
	if (text.n > REPORT_BYTES_MAX)
		log_warning(
		    "%zu octets of TLS reports: too many to keep", text.n);
	else if (slots_write(r->slots, buf_span(&text)) == -1)
		log_warning("TLS reports cannot be kept: %s", strerror(errno));
	buf_free(&text);
}

static void
flush_now(void *arg)
{
	report_flush(arg);
}

struct report *
report_new(struct loop *loop, struct channel *resolver, struct slots *slots)
{
	struct report *r = mem_new(sizeof(*r));
	struct buf text = BUF_EMPTY;

	r->loop = loop;
	r->resolver = resolver;
	r->slots = slots;
	r->counts = tlsrpt_new(ROWS_MAX);
	r->flush = loop_timer_new(loop, flush_now, r);
	list_init(&r->questions);
	if (slots_read(slots, REPORT_BYTES_MAX, &text) == 0)
		tlsrpt_load(r->counts, buf_span(&text));
	buf_free(&text);
	return r;
}

void
report_free(struct report **rp)
{
	struct report *r = *rp;

	if (r == NULL)
		return;
	while (!list_empty(&r->questions))
		question_free(LIST_OF(r->questions.next, struct question, in));
	loop_timer_free(&r->flush);
	tlsrpt_free(&r->counts);
	free(r);
	*rp = NULL;
}
