/*
 * dane.c - the TLSA records of a host
 *
 * RFC 7672, 2.2: only a host whose addresses were validated is asked for them,
 * first under the name behind its aliases, then under its own. An answer that
 * cannot be had or does not validate is trouble: whoever can suppress it must
 * not get plaintext for it. An alias that is validated, of a name that is not,
 * has records under its own name alone (2.2.2). Usages 0 and 1 are of no use to
 * SMTP (3.1.3).
 */

#include "smtp/dane.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "calls/dns_call.h"
#include "os/loop.h"
#include "smtp/conf.h"
#include "smtp/destination.h"
#include "smtp/dns.h"
#include "smtp/env.h"
#include "tls/tls_stream.h"

enum { NAMES_MAX = 2 };

struct dane_query {
	const struct smtp_env *env;
	struct arena *arena;
	struct span names[NAMES_MAX];
	size_t count, at;
	uint16_t port;
	bool encrypt_only; /* records say no more than that there is TLS */
	struct dns_query *query;
	struct loop_timer *now; /* reports what needed no question */
	dane_fn *fn;
	void *arg;
};

void
dane_cancel(struct dane_query **q)
{
	if (*q == NULL)
		return;
	dns_query_cancel(&(*q)->query);
	loop_timer_free(&(*q)->now);
	mem_free(q);
}

static void
report(struct dane_query *q, const struct dane *found)
{
	dane_fn *fn = q->fn;
	void *arg = q->arg;

	dane_cancel(&q);
	fn(arg, found);
}

static void
report_none(void *arg)
{
	struct dane none = { .result = DANE_NONE };

	report(arg, &none);
}

/* By smtp_conf.dane_rank; a whole certificate or key always does. */
static bool
usable(const struct smtp_conf *c, const struct tls_tlsa *r)
{
	return (r->usage == 2 || r->usage == 3) && r->selector <= 1 &&
	    r->matching <= 2 &&
	    (r->matching == 0 || c->dane_rank[r->matching] > 0);
}

/* Of records that differ in their digest alone, those by the best one count
 * (RFC 7671, 9): whoever can break another must not have the choice. */
static size_t
best_digests(const struct smtp_conf *c, struct tls_tlsa *list, size_t count)
{
	unsigned best[4][2] = { { 0 } };
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned rank = c->dane_rank[list[i].matching];
		unsigned *b = &best[list[i].usage][list[i].selector];

		if (rank > 0 && (*b == 0 || rank < *b))
			*b = rank;
	}
	for (size_t i = 0; i < count; i++)
		if (list[i].matching == 0 ||
		    c->dane_rank[list[i].matching] ==
			best[list[i].usage][list[i].selector])
			list[n++] = list[i];
	return n;
}

static void
records_take(struct dane_query *q, const struct dns_answer *answer)
{
	struct tls_tlsa *list =
	    arena_array(q->arena, DANE_RECORDS_MAX, sizeof(*list));
	struct dane found = { .result = DANE_UNUSABLE,
		.base = q->names[q->at - 1],
		.list = list };

	for (size_t i = 0; i < answer->count && found.count < DANE_RECORDS_MAX;
	     i++) {
		struct span data = answer->records[i].data;
		struct tls_tlsa *r = &list[found.count];

		r->usage = (unsigned char)data.p[0];
		r->selector = (unsigned char)data.p[1];
		r->matching = (unsigned char)data.p[2];
		r->data = span_skip(data, 3);
		if (usable(q->env->conf, r))
			found.count++;
	}
	found.count = best_digests(q->env->conf, list, found.count);
	if (found.count > 0 && !q->encrypt_only)
		found.result = DANE_FOUND;
	report(q, &found);
}

static void answered(void *arg, const struct dns_answer *answer, bool emptied);

static void
ask(struct dane_query *q, const struct dns_query_setup *setup, dns_query_fn *fn)
{
	q->query = dns_find(q->env, setup, q->arena, fn, q);
}

static void
ask_next(struct dane_query *q)
{
	struct buf name = BUF_EMPTY;

	buf_printf(&name, "_%u._tcp.", q->port);
	buf_add_span(&name, q->names[q->at++]);
	ask(q,
	    &(struct dns_query_setup){
		buf_span(&name), DNS_TLSA, DNS_HOSTS_FIRST },
	    answered);
	buf_free(&name);
}

static void
alias_came(void *arg, const struct dns_answer *answer, bool emptied)
{
	struct dane_query *q = arg;
	struct dane trouble = { .result = DANE_TROUBLE };

	(void)emptied;
	q->query = NULL;
	if (answer->result == DNS_TROUBLE)
		report(q, &trouble);
	else if (answer->result == DNS_FOUND && answer->secure)
		ask_next(q);
	else
		report_none(q);
}

/* Is the alias itself validated? */
static void
ask_alias(struct dane_query *q)
{
	ask(q,
	    &(struct dns_query_setup){
		q->names[0], DNS_CNAME, DNS_HOSTS_NEVER },
	    alias_came);
}

static void
answered(void *arg, const struct dns_answer *answer, bool emptied)
{
	struct dane_query *q = arg;
	struct dane trouble = { .result = DANE_TROUBLE };

	(void)emptied;
	q->query = NULL;
	if (answer->result == DNS_TROUBLE)
		report(q, &trouble);
	else if (answer->result == DNS_FOUND && answer->secure)
		records_take(q, answer);
	else if (q->at < q->count)
		ask_next(q);
	else
		report_none(q);
}

struct dane_query *
dane_find(const struct smtp_env *env, const struct target *t, struct arena *a,
    dane_fn *fn, void *arg)
{
	struct dane_query *q = mem_new(sizeof(*q));
	struct span policy =
	    span_str(env->conf->smtp_tls_dane_insecure_mx_policy);
	bool any = env->conf->smtp_tls_force_insecure_host_tlsa_lookup;

	q->env = env;
	q->arena = a;
	q->port = address_port(&t->address);
	q->fn = fn;
	q->arg = arg;
	q->encrypt_only = !t->mx_secure && span_iis(policy, "encrypt");
	if ((!t->secure && !t->aliased && !any) ||
	    (!t->mx_secure && span_iis(policy, "may"))) {
		q->now = loop_timer_new(env->loop, report_none, q);
		loop_timer_set(q->now, 0);
		return q;
	}
	if (!t->secure && t->aliased) {
		q->names[q->count++] = arena_span(a, span_str(t->host));
		ask_alias(q);
		return q;
	}
	q->names[q->count++] = arena_span(a, span_str(t->canonical));
	if (!span_iis(q->names[0], t->host))
		q->names[q->count++] = arena_span(a, span_str(t->host));
	ask_next(q);
	return q;
}
