/*
 * send.c - the reports of yesterday, sent once a day
 *
 * RFC 8460, 4.1: some random time after the day has ended in UTC; 5.3 and 5.4:
 * by mail, through pickup, so that they are signed as other mail is, and by
 * HTTPS; 5.5: what cannot be sent is tried again, less and less often, for a
 * day. A report counts as sent when one of the domain's places has taken it.
 * That is kept on disk with the counts: a crash may send some twice, under the
 * same Report-ID.
 *
 * Each domain that is counted has its task, so those that cannot be reached
 * keep nobody else's report back; the counts are bounded, and with them the
 * tasks.
 */

#include "sts/send.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "os/clock.h"
#include "os/loop.h"
#include "sts/conf.h"
#include "sts/fetch.h"
#include "sts/report.h"
#include "wire/tlsrpt.h"
#include "wire/tlsrpt_mail.h"

enum {
	TICK_MS = 15000,
	FIRST_MS = 1000,
	DAY_SECONDS = 86400,
	DAYS = 2, /* yesterday, and what a night of rest left */
	ACTIVE_MAX = 8,
	PLACES_MAX = 4, /* of a domain: it may name anybody */
	TRIES_MAX = 8, /* 10 minutes, 20, 40 ...: 21 hours in all */
	WAIT_S = 600
};

struct send {
	const struct sts_conf *conf;
	const struct fetch_env *env;
	struct report *report;
	struct channel *pickup;
	struct loop_timer *tick;
	struct list tasks;
	struct table *known; /* the same, by key_put() */
	struct heap *idle; /* of them, by their next */
	struct list running; /* the others, active many */
	unsigned active;
	bool mailing; /* one message at a time */
	int64_t delay; /* after midnight */
};

/* The report of a domain's day. */
struct task {
	struct list in, run;
	struct heap_node due;
	struct send *send;
	char day[REPORT_DAY + 1];
	char *domain, *rua;
	struct span rest; /* of rua */
	struct fetch *fetch;
	struct channel_call *call;
	unsigned tries, places; /* places: of this round */
	bool active;
	bool asked, taken; /* one of the places, and by one of them */
	int64_t next; /* wall clock */
};

static void go(struct send *s);

static void
key_put(struct buf *key, const char *day, struct span domain)
{
	buf_printf(key, "%s ", day);
	for (size_t i = 0; i < domain.n; i++)
		buf_add_byte(
		    key, (char)ascii_lower((unsigned char)domain.p[i]));
}

static void
task_free(struct task *t)
{
	struct send *s = t->send;
	struct buf key = BUF_EMPTY;

	key_put(&key, t->day, span_str(t->domain));
	(void)table_remove(s->known, buf_span(&key));
	buf_free(&key);
	fetch_cancel(&t->fetch);
	channel_cancel(&t->call);
	heap_remove(s->idle, &t->due);
	list_remove(&t->run);
	list_remove(&t->in);
	s->active -= t->active;
	free(t->domain);
	free(t->rua);
	free(t);
}

static struct tlsrpt_by
by(const struct task *t)
{
	const struct send *s = t->send;
	struct span sender = span_str(s->conf->tlsrpt_sender);

	return (struct tlsrpt_by){ report_counts(s->report), span_str(t->day),
		span_str(t->domain), tlsrpt_submitter(sender), sender };
}

/* No place is left to try. */
static void
round_end(struct task *t)
{
	struct send *s = t->send;

	t->active = false;
	s->active--;
	list_remove(&t->run);
	t->tries++;
	if (t->asked && !t->taken && t->tries < TRIES_MAX) {
		t->next = clock_wall() + ((int64_t)WAIT_S << (t->tries - 1));
		heap_put(s->idle, &t->due, t->next);
		return;
	}
	if (!t->taken)
		log_warning("domain=%s: the report of %s about TLS is given up",
		    t->domain, t->day);
	tlsrpt_sent_set(
	    report_counts(s->report), span_str(t->day), span_str(t->domain));
	report_changed(s->report);
	task_free(t);
}

static void place_next(struct task *t);

static void
placed(struct task *t, bool good, const char *how, struct span text)
{
	t->asked = true;
	t->taken |= good;
	if (good)
		log_info("domain=%s: the report of %s about TLS went by %s",
		    t->domain, t->day, how);
	else
		log_warning("domain=%s: the report of %s about TLS by %s: "
			    "%.*s",
		    t->domain, t->day, how, (int)text.n, text.p);
	place_next(t);
}

static void
posted(void *arg, enum fetch_result result, struct span text)
{
	struct task *t = arg;
	struct send *s = t->send;

	t->fetch = NULL; /* ends with this call */
	placed(t, result == FETCH_DONE, "HTTPS", text);
	go(s);
}

static void
post(struct task *t, const struct tlsrpt_uri *uri)
{
	struct send *s = t->send;
	struct tlsrpt_by from = by(t);
	struct buf body = BUF_EMPTY;
	struct fetch_post p = { .host = uri->host,
		.target = uri->target,
		.port = (uint16_t)uri->port,
		.type = SPAN("application/tlsrpt+gzip"),
		.anywhere = s->conf->tlsrpt_private_addresses };

	tlsrpt_packed(&from, &body);
	p.body = buf_span(&body);
	t->fetch = fetch_post(s->env, &p, posted, t);
	buf_free(&body);
}

static void
mailed(void *arg, struct packet_in *in)
{
	struct task *t = arg;
	struct send *s = t->send;
	struct span qid;
	struct why why;

	t->call = NULL;
	s->mailing = false;
	why_init(&why);
	if (in == NULL || !submit_done_get(in, &why, &qid))
		why_set(&why, "4.3.0", "pickup does not answer");
	placed(t, why.outcome == DONE, "mail", buf_span(&why.text));
	why_free(&why);
	go(s);
}

/* All of a message before the loop runs again: pickup takes one at a time. */
static void
mail(struct task *t, struct span to)
{
	struct send *s = t->send;
	struct tlsrpt_by from = by(t);
	struct submit_begin begin = { .sender = from.sender };
	struct queue_rcpt rcpt = { .address = to, .notify = NOTIFY_NEVER };
	struct packet_out o = { .fd_count = 0 };
	struct buf text = BUF_EMPTY;

	submit_begin_put(&o, &begin);
	channel_tell(s->pickup, &o);
	submit_rcpts_put(&o, &rcpt, 1);
	channel_tell(s->pickup, &o);
	tlsrpt_message(&from, to, &text);
	for (struct span rest = buf_span(&text); rest.n > 0;
	     rest = span_skip(rest, SUBMIT_DATA_MAX)) {
		submit_data_put(&o, span_head(rest, SUBMIT_DATA_MAX));
		channel_tell(s->pickup, &o);
	}
	submit_end_put(&o);
	s->mailing = true;
	t->call = channel_ask(s->pickup, &o, mailed, t);
	packet_done(&o);
	buf_free(&text);
}

/* The next place; mail waits for other mail. */
static void
place_next(struct task *t)
{
	struct span before = t->rest;
	struct tlsrpt_uri uri;

	if (t->places == PLACES_MAX || !tlsrpt_uri_next(&t->rest, &uri)) {
		round_end(t);
		return;
	}
	if (!uri.https && t->send->mailing) {
		t->rest = before;
		return;
	}
	t->places++;
	if (uri.https)
		post(t, &uri);
	else
		mail(t, uri.address);
}

static bool
is_waiting(const struct task *t)
{
	return t->active && t->fetch == NULL && t->call == NULL;
}

static void
task_begin(struct task *t)
{
	struct send *s = t->send;

	heap_remove(s->idle, &t->due);
	list_add_tail(&s->running, &t->run);
	t->active = true;
	s->active++;
	t->places = 0;
	t->rest = span_str(t->rua);
	place_next(t);
}

/* Whatever can be begun is. */
static void
go(struct send *s)
{
	int64_t now = clock_wall();
	struct heap_node *first;
	struct list *next;

	/* those that waited for other mail come first */
	for (struct list *at = s->running.next; at != &s->running; at = next) {
		struct task *t = LIST_OF(at, struct task, run);

		next = at->next;
		if (is_waiting(t))
			place_next(t);
	}
	while (
	    s->active < ACTIVE_MAX && (first = heap_first(s->idle)) != NULL) {
		struct task *t = HEAP_OF(first, struct task, due);

		if (t->next > now)
			break;
		task_begin(t);
	}
}

static void
task_new(struct send *s, const char *day, struct span domain, struct span rua)
{
	struct buf key = BUF_EMPTY;
	struct task *t;

	key_put(&key, day, domain);
	if (table_get(s->known, buf_span(&key)) == NULL) {
		t = mem_new(sizeof(*t));
		t->send = s;
		memcpy(t->day, day, sizeof(t->day));
		t->domain = mem_span(domain);
		t->rua = mem_span(rua);
		list_init(&t->in);
		list_init(&t->run);
		list_add_tail(&s->tasks, &t->in);
		heap_put(s->idle, &t->due, t->next);
		(void)table_put(s->known, buf_span(&key), t);
	}
	buf_free(&key);
}

static void
tasks_of(struct send *s, const char *day)
{
	struct tlsrpt *counts = report_counts(s->report);
	struct span domain, rua;
	size_t at = 0;

	while (tlsrpt_next(counts, span_str(day), &at, &domain, &rua))
		if (!tlsrpt_sent(counts, span_str(day), domain))
			task_new(s, day, domain, rua);
}

static void
tick(void *arg)
{
	struct send *s = arg;
	char day[REPORT_DAY + 1];
	int64_t now = clock_wall();

	if (now % DAY_SECONDS >= s->delay)
		for (int i = 1; i <= DAYS; i++) {
			report_day(now - (int64_t)i * DAY_SECONDS, day);
			tasks_of(s, day);
		}
	go(s);
	loop_timer_set(s->tick, TICK_MS);
}

struct send *
send_new(const struct sts_conf *conf, const struct fetch_env *env,
    struct report *report, struct channel *pickup)
{
	struct send *s = mem_new(sizeof(*s));
	uint32_t dice = 0;

	s->conf = conf;
	s->env = env;
	s->report = report;
	s->pickup = pickup;
	list_init(&s->tasks);
	list_init(&s->running);
	s->known = table_new();
	s->idle = heap_new();
	if (conf->tlsrpt_send_delay > 0 &&
	    getrandom(&dice, sizeof(dice), 0) == sizeof(dice))
		s->delay = dice % conf->tlsrpt_send_delay % DAY_SECONDS;
	s->tick = loop_timer_new(env->loop, tick, s);
	loop_timer_set(s->tick, FIRST_MS);
	return s;
}

void
send_free(struct send **s)
{
	if (*s == NULL)
		return;
	while (!list_empty(&(*s)->tasks))
		task_free(LIST_OF((*s)->tasks.next, struct task, in));
	table_free(&(*s)->known, NULL);
	heap_free(&(*s)->idle);
	loop_timer_free(&(*s)->tick);
	mem_free(s);
}
