/*
 * serve.c - questions of smtp about policies, answered
 *
 * One job for each domain that is looked at, however many ask: first the TXT
 * record, then, where its id is new, the document (RFC 8461, 3.1 and 5.1). What
 * is known and not expired is the answer whenever one of the two cannot be had.
 */

#include "sts/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "calls/dns_call.h"
#include "calls/sts_call.h"
#include "calls/tlsrpt_call.h"
#include "dns/name.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/slots.h"
#include "sts/cache.h"
#include "sts/conf.h"
#include "sts/fetch.h"
#include "sts/report.h"
#include "sts/send.h"
#include "wire/tlsrpt.h"

enum {
	SERVERS_MAX = 16,
	JOBS_MAX = 200,
	WAITERS_MAX = 2000,
	FAILURES_MAX = 1000,
	CHECK_MS = 300000, /* a record that was looked at is not asked for */
	FAILURE_MS = 300000, /* a fetch that failed is not tried again */
	REFRESH_MS = 3600000, /* the same, while the old policy serves */
	SWEEP_MS = 10000,
	FLUSH_MS = 500
};

struct sts {
	const struct sts_conf *conf;
	const struct fetch_env *env;
	struct slots *slots;
	struct cache *cache;
	struct server *servers[SERVERS_MAX];
	unsigned server_count, waiter_count;
	bool dirty; /* not all of it is on disk */
	struct report *report;
	struct send *send; /* NULL: somebody else sends them */
	struct table *jobs; /* by domain */
	struct table *failures; /* struct failure, by domain */
	struct loop_timer *sweep, *flush;
	struct packet_out out;
};

/* A domain that is being looked at. */
struct job {
	struct sts *sts;
	char *domain;
	struct channel_call *call;
	struct fetch *fetch;
	char id[STS_ID_MAX + 1];
	struct list waiters;
};

struct waiter {
	struct list in;
	struct server_peer *peer;
	uint32_t id;
};

/* A document that could not be had, and the id it would have had. */
struct failure {
	char id[STS_ID_MAX + 1];
	int64_t until_ms;
};

/* ---- answers */

static void
reply(struct sts *s, struct server_peer *peer, uint32_t id,
    const struct policy *p)
{
	struct sts_answer answer = { .found = p != NULL };

	if (p != NULL)
		answer.policy = p->p;
	sts_answer_put(&s->out, id, &answer);
	server_reply(peer, &s->out);
}

static void
reply_trouble(struct sts *s, struct server_peer *peer, uint32_t id)
{
	sts_answer_put(&s->out, id, &(struct sts_answer){ .trouble = true });
	server_reply(peer, &s->out);
}

static void
job_free(struct job *j, const struct policy *p)
{
	struct sts *s = j->sts;

	(void)table_remove(s->jobs, span_str(j->domain));
	for (struct list *l; (l = list_pop(&j->waiters)) != NULL;) {
		struct waiter *w = LIST_OF(l, struct waiter, in);

		reply(s, w->peer, w->id, p);
		server_peer_drop(&w->peer);
		free(w);
		s->waiter_count--;
	}
	channel_cancel(&j->call);
	fetch_cancel(&j->fetch);
	free(j->domain);
	free(j);
}

/* Somebody has asked for it. */
static void
touch(struct sts *s, struct policy *p, int64_t now)
{
	cache_touch(s->cache, p, now);
	s->dirty = true;
}

/* What is known is the answer. */
static void
job_end(struct job *j)
{
	struct sts *s = j->sts;
	int64_t now = clock_wall();
	struct policy *p = cache_find(s->cache, span_str(j->domain), now);

	if (p != NULL) {
		p->checked_ms = clock_ms();
		if (!list_empty(&j->waiters))
			touch(s, p, now);
	}
	job_free(j, p);
}

/* ---- the document */

static void
failure_note(struct sts *s, const struct job *j)
{
	struct failure *f = table_get(s->failures, span_str(j->domain));
	struct policy *p =
	    cache_find(s->cache, span_str(j->domain), clock_wall());

	if (p != NULL)
		p->retry_ms = clock_ms() + REFRESH_MS;
	if (f == NULL && table_count(s->failures) >= FAILURES_MAX) {
		table_free(&s->failures, free);
		s->failures = table_new();
	}
	if (f == NULL) {
		f = mem_new(sizeof(*f));
		(void)table_put(s->failures, span_str(j->domain), f);
	}
	memcpy(f->id, j->id, sizeof(f->id));
	f->until_ms = clock_ms() + FAILURE_MS;
}

static bool
failed_lately(const struct sts *s, const struct job *j)
{
	const struct failure *f = table_get(s->failures, span_str(j->domain));

	return f != NULL && f->until_ms > clock_ms() &&
	    strcmp(f->id, j->id) == 0;
}

static void
policy_log(const struct job *j, const struct sts_policy *p)
{
	struct buf list = BUF_EMPTY;

	for (size_t i = 0; i < p->mx_count; i++)
		buf_printf(&list, "%s%.*s", i > 0 ? "," : "", (int)p->mx[i].n,
		    p->mx[i].p);
	log_info("domain=%s, id=%s, mode=%s, max_age=%lu, mx=%s", j->domain,
	    j->id, sts_mode_name(p->mode), (unsigned long)p->max_age,
	    p->mx_count == 0 ? "none" : buf_str(&list));
	buf_free(&list);
}

static void
policy_take(struct job *j, const struct sts_policy *p)
{
	struct sts *s = j->sts;
	struct policy *kept = cache_put(
	    s->cache, span_str(j->domain), span_str(j->id), p, clock_wall());

	free(table_remove(s->failures, span_str(j->domain)));
	policy_log(j, p);
	s->dirty = true;
	if (!loop_timer_is_set(s->flush))
		loop_timer_set(s->flush, FLUSH_MS);
	if (p->max_age > 0) {
		job_end(j);
		return;
	}
	/* good for this question alone */
	job_free(j, kept);
}

/* The policy as its lines, and its patterns. */
static void
policy_print(const struct policy *p, struct buf *policy, struct buf *patterns)
{
	buf_printf(
	    policy, "version: STSv1\nmode: %s\n", sts_mode_name(p->p.mode));
	for (size_t i = 0; i < p->p.mx_count; i++) {
		buf_printf(
		    policy, "mx: %.*s\n", (int)p->p.mx[i].n, p->p.mx[i].p);
		buf_printf(patterns, "%s%.*s", i > 0 ? "\n" : "",
		    (int)p->p.mx[i].n, p->p.mx[i].p);
	}
	buf_printf(policy, "max_age: %lu", (unsigned long)p->p.max_age);
}

static void
count_event(struct sts *s, struct tlsrpt_event *e)
{
	const struct policy *p = e->type == TLSRPT_STS
	    ? cache_find(s->cache, e->domain, clock_wall())
	    : NULL;
	struct buf policy = BUF_EMPTY, patterns = BUF_EMPTY;

	if (p != NULL) {
		policy_print(p, &policy, &patterns);
		e->policy = buf_span(&policy);
		e->patterns = buf_span(&patterns);
	}
	report_count(s->report, e);
	buf_free(&policy);
	buf_free(&patterns);
}

/* A policy that could not be had is a failure of its own (RFC 8460, 4.3.3). */
static void
failure_count(struct sts *s, const struct job *j, enum fetch_result result,
    struct span text)
{
	struct tlsrpt_event e = { .domain = span_str(j->domain),
		.type = TLSRPT_STS,
		.result = result == FETCH_UNREACHABLE
		    ? TLSRPT_STS_POLICY_FETCH_ERROR
		    : result == FETCH_UNTRUSTED ? TLSRPT_STS_WEBPKI_INVALID
						: TLSRPT_STS_POLICY_INVALID,
		.text = text };

	if (s->conf->smtp_tlsrpt_enable)
		count_event(s, &e);
}

static void
fetched(void *arg, enum fetch_result result, struct span text)
{
	struct job *j = arg;
	struct sts_policy p;
	const char *error = NULL;
	bool parsed = result == FETCH_DONE;

	j->fetch = NULL; /* ends with this call */
	if (result != FETCH_DONE) {
		log_warning("domain=%s: MTA-STS policy cannot be fetched: "
			    "%.*s",
		    j->domain, (int)text.n, text.p);
	} else if (!sts_policy_parse(text, &p, &error)) {
		log_warning(
		    "domain=%s: MTA-STS policy with %s", j->domain, error);
		result = FETCH_ODD;
	}
	if (result == FETCH_DONE) {
		policy_take(j, &p);
		return;
	}
	failure_note(j->sts, j);
	failure_count(j->sts, j, result, parsed ? span_str(error) : text);
	job_end(j);
}

static void
fetch_begin(struct job *j)
{
	if (failed_lately(j->sts, j))
		job_end(j);
	else
		j->fetch =
		    fetch_start(j->sts->env, span_str(j->domain), fetched, j);
}

/* ---- the record */

/* The id of the one record there is; false: none, or more than one (3.1). */
static bool
id_find(const struct dns_answer *answer, struct span *id)
{
	unsigned count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		struct span one;

		switch (sts_record_parse(answer->records[i].data, &one)) {
		case STS_RECORD_OTHER:
			break;
		case STS_RECORD_BAD:
			return false;
		case STS_RECORD_GOOD:
			*id = one;
			count++;
			break;
		}
	}
	return count == 1;
}

static void
recorded(void *arg, struct packet_in *in)
{
	struct job *j = arg;
	struct arena *a = arena_new();
	int64_t now = clock_wall();
	struct dns_answer answer = { .result = DNS_TROUBLE };
	struct policy *p = cache_find(j->sts->cache, span_str(j->domain), now);
	struct span id = SPAN("");
	bool wanted;

	j->call = NULL;
	wanted = in != NULL && dns_answer_get(in, a, DNS_TXT, &answer) &&
	    id_find(&answer, &id);
	if (wanted)
		memcpy(j->id, id.p, id.n);
	arena_free(&a);
	/* a refresh, which nobody waits for, fetches the same id again */
	if (wanted &&
	    (p == NULL || !span_is(p->id, j->id) || list_empty(&j->waiters)))
		fetch_begin(j);
	else
		job_end(j);
}

static struct job *
job_new(struct sts *s, struct span domain)
{
	struct job *j = mem_new(sizeof(*j));
	struct packet_out o = { .id = 0 };
	char *name = mem_printf("_mta-sts.%.*s", (int)domain.n, domain.p);

	j->sts = s;
	j->domain = mem_span(domain);
	list_init(&j->waiters);
	(void)table_put(s->jobs, domain, j);
	dns_ask_put_hosts(&o, span_str(name), DNS_TXT, DNS_HOSTS_NEVER);
	j->call = channel_ask(s->env->resolver, &o, recorded, j);
	packet_done(&o);
	free(name);
	return j;
}

/* ---- questions */

static void
wait_for(
    struct sts *s, struct span domain, struct server_peer *peer, uint32_t id)
{
	struct job *j = table_get(s->jobs, domain);
	struct waiter *w;

	if ((j == NULL && table_count(s->jobs) >= JOBS_MAX) ||
	    s->waiter_count >= WAITERS_MAX) {
		log_warning("more than %d domains or %d questions at once",
		    JOBS_MAX, WAITERS_MAX);
		reply_trouble(s, peer, id);
		return;
	}
	if (j == NULL)
		j = job_new(s, domain);
	w = mem_new(sizeof(*w));
	w->peer = server_peer_hold(peer);
	w->id = id;
	list_init(&w->in);
	list_add_tail(&j->waiters, &w->in);
	s->waiter_count++;
}

static void
count(struct sts *s, struct server_peer *peer, struct packet_in *in)
{
	struct tlsrpt_event e;

	if (tlsrpt_event_get(in, &e))
		count_event(s, &e);
	else
		server_refuse(peer, in);
}

static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct sts *s = arg;
	struct span domain;
	struct policy *p;
	char name[DNS_NAME_MAX];
	int64_t now = clock_wall();

	if (span_is(in->call, "tlsrpt_event")) {
		count(s, peer, in);
		return;
	}
	if (!sts_ask_get(in, &domain)) {
		server_refuse(peer, in);
		return;
	}
	for (size_t i = 0; i < domain.n; i++)
		name[i] = (char)ascii_lower((unsigned char)domain.p[i]);
	domain = span_of(name, domain.n);
	p = cache_find(s->cache, domain, now);
	if (p == NULL || p->checked_ms == 0 ||
	    clock_ms() - p->checked_ms >= CHECK_MS) {
		wait_for(s, domain, peer, in->id);
		return;
	}
	touch(s, p, now);
	reply(s, peer, in->id, p);
}

/* ---- the rest of its life */

void
sts_flush(struct sts *s)
{
	struct buf text = BUF_EMPTY;

	loop_timer_stop(s->flush);
	report_flush(s->report);
	if (!s->dirty)
		return;
	s->dirty = false;
	cache_print(s->cache, &text);
	if (text.n > CACHE_BYTES_MAX)
		log_warning(
		    "%zu octets of MTA-STS policies: too many to keep", text.n);
	else if (slots_write(s->slots, buf_span(&text)) == -1)
		log_warning(
		    "MTA-STS policies cannot be kept: %s", strerror(errno));
	buf_free(&text);
}

static void
flush_now(void *arg)
{
	sts_flush(arg);
}

/* A policy in use is renewed before it ends (RFC 8461, 3.3). */
static void
sweep(void *arg)
{
	struct sts *s = arg;
	int64_t now_ms = clock_ms();
	struct policy *p;

	while (table_count(s->jobs) < JOBS_MAX / 2 &&
	    (p = cache_due(s->cache, clock_wall(), now_ms)) != NULL) {
		p->retry_ms = now_ms + REFRESH_MS;
		if (table_get(s->jobs, span_str(p->domain)) == NULL)
			(void)job_new(s, span_str(p->domain));
	}
	loop_timer_set(s->sweep, SWEEP_MS);
}

static void
load(struct sts *s)
{
	struct buf text = BUF_EMPTY;

	if (slots_read(s->slots, CACHE_BYTES_MAX, &text) == 0)
		cache_load(s->cache, buf_span(&text), clock_wall());
	else if (errno != ENOENT)
		log_warning(
		    "MTA-STS policies cannot be read: %s", strerror(errno));
	log_debug("%zu policies", cache_count(s->cache));
	buf_free(&text);
}

struct sts *
sts_new(const struct sts_conf *conf, const struct fetch_env *env,
    struct slots *slots, struct slots *reports, struct channel *pickup)
{
	struct sts *s = mem_new(sizeof(*s));

	s->conf = conf;
	s->env = env;
	s->slots = slots;
	s->cache = cache_new((size_t)conf->mta_sts_cache_limit);
	s->report = report_new(env->loop, env->resolver, reports);
	if (pickup != NULL)
		s->send = send_new(conf, env, s->report, pickup);
	s->jobs = table_new();
	s->failures = table_new();
	s->sweep = loop_timer_new(env->loop, sweep, s);
	s->flush = loop_timer_new(env->loop, flush_now, s);
	load(s);
	loop_timer_set(s->sweep, SWEEP_MS);
	return s;
}

void
sts_serve(struct sts *s, int fd, const char *label)
{
	static const struct server_calls calls = { .request = request };

	if (s->server_count == SERVERS_MAX)
		log_fatal("more than %d sockets", SERVERS_MAX);
	s->servers[s->server_count++] =
	    server_new(s->env->loop, fd, label, &calls, s);
}

void
sts_drain(struct sts *s)
{
	for (unsigned i = 0; i < s->server_count; i++)
		server_stop(s->servers[i]);
	loop_timer_stop(s->sweep);
	send_free(&s->send);
}

bool
sts_idle(const struct sts *s)
{
	return s->waiter_count == 0;
}

void
sts_free(struct sts **sp)
{
	struct sts *s = *sp;
	size_t at = 0;
	struct span key;
	void *job;

	if (s == NULL)
		return;
	while (table_next(s->jobs, &at, &key, &job)) {
		job_free(job, NULL);
		at = 0;
	}
	for (unsigned i = 0; i < s->server_count; i++)
		server_free(&s->servers[i]);
	loop_timer_free(&s->sweep);
	loop_timer_free(&s->flush);
	table_free(&s->jobs, NULL);
	table_free(&s->failures, free);
	cache_free(&s->cache);
	send_free(&s->send);
	report_free(&s->report);
	packet_done(&s->out);
	free(s);
	*sp = NULL;
}
