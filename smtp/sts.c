/* sts.c - the MTA-STS policy of a next hop, from sts */

#include "smtp/sts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "smtp/env.h"

struct sts_query {
	struct arena *arena;
	struct channel_call *call;
	sts_fn *fn;
	void *arg;
};

void
sts_cancel(struct sts_query **q)
{
	if (*q == NULL)
		return;
	channel_cancel(&(*q)->call);
	mem_free(q);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct sts_query *q = arg;
	struct sts_answer answer = { .trouble = true };
	sts_fn *fn = q->fn;
	void *fn_arg = q->arg;

	q->call = NULL;
	if (in == NULL || !sts_answer_get(in, q->arena, &answer))
		answer = (struct sts_answer){ .trouble = true };
	sts_cancel(&q);
	fn(fn_arg, &answer);
}

struct sts_query *
sts_find(const struct smtp_env *env, struct span domain, struct arena *a,
    sts_fn *fn, void *arg)
{
	struct sts_query *q = mem_new(sizeof(*q));
	struct packet_out o = { .id = 0 };

	q->arena = a;
	q->fn = fn;
	q->arg = arg;
	sts_ask_put(&o, domain);
	q->call = channel_ask(env->sts, &o, answered, q);
	packet_done(&o);
	return q;
}

bool
sts_binds(const struct sts_answer *answer)
{
	return answer->found && answer->policy.mode != STS_NONE;
}

bool
sts_names(const struct sts_answer *answer, struct span host)
{
	for (size_t i = 0; i < answer->policy.mx_count; i++)
		if (sts_mx_match(answer->policy.mx[i], host))
			return true;
	return false;
}
