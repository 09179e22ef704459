/* dns.c - asking the DNS, less what smtp_dns_reply_filter passes over */

#include "smtp/dns.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "calls/dns_filter.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "smtp/conf.h"
#include "smtp/env.h"

struct dns_query {
	const struct smtp_env *env;
	struct arena *arena;
	struct span name;
	enum dns_type type;
	struct channel_call *call;
	struct dns_answer answer;
	struct dns_filter *filter;
	dns_query_fn *fn;
	void *arg;
};

void
dns_query_cancel(struct dns_query **q)
{
	if (*q == NULL)
		return;
	channel_cancel(&(*q)->call);
	dns_filter_cancel(&(*q)->filter);
	mem_free(q);
}

static void
filtered(void *arg, const struct dns_answer *answer, bool emptied)
{
	struct dns_query *q = arg;
	dns_query_fn *fn = q->fn;

	arg = q->arg;
	free(q);
	fn(arg, answer, emptied);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct dns_query *q = arg;
	struct dns_filter_question ask = { .lookup = q->env->lookup,
		.tables =
		    smtp_conf_table(q->env->conf, "smtp_dns_reply_filter"),
		.name = q->name,
		.type = q->type,
		.answer = &q->answer,
		.arena = q->arena };

	q->call = NULL;
	if (in == NULL || !dns_answer_get(in, q->arena, q->type, &q->answer))
		q->answer = (struct dns_answer){ .result = DNS_TROUBLE };
	if (q->env->lookup == NULL ||
	    q->env->conf->smtp_dns_reply_filter[0] == '\0' ||
	    q->answer.result != DNS_FOUND || q->answer.count == 0) {
		struct dns_answer answer = q->answer;

		filtered(q, &answer, false);
		return;
	}
	q->filter = dns_filter_start(&ask, filtered, q);
}

struct dns_query *
dns_find(const struct smtp_env *env, const struct dns_query_setup *setup,
    struct arena *a, dns_query_fn *fn, void *arg)
{
	struct dns_query *q = mem_new(sizeof(*q));
	struct packet_out o = { .id = 0 };

	q->env = env;
	q->arena = a;
	q->name = arena_span(a, setup->name);
	q->type = setup->type;
	q->fn = fn;
	q->arg = arg;
	dns_ask_put_hosts(&o, setup->name, setup->type, setup->hosts);
	q->call = channel_ask(env->resolver, &o, answered, q);
	packet_done(&o);
	return q;
}
