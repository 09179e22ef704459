/* tables.c - keys looked up one after the other in the tables of a parameter */

#include "smtp/tables.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "os/loop.h"
#include "smtp/conf.h"
#include "smtp/env.h"

struct tables_query {
	const struct smtp_env *env;
	struct arena *arena;
	struct span parameter, keys[TABLES_KEYS_MAX + 1];
	size_t at;
	struct channel_call *call;
	struct loop_timer *now; /* reports what needed no question */
	tables_fn *fn;
	void *arg;
};

static void
query_free(struct tables_query *q)
{
	loop_timer_free(&q->now);
	arena_free(&q->arena);
	free(q);
}

static void
report(struct tables_query *q, enum tables_result result, struct span value)
{
	q->fn(q->arg, result, value);
	query_free(q);
}

static void
nothing_there(void *arg)
{
	report(arg, TABLES_NOT_FOUND, SPAN(""));
}

static void answered(void *arg, struct packet_in *in);

static void
ask_next(struct tables_query *q)
{
	struct packet_out o = { .id = 0 };

	if (q->keys[q->at].n == 0) {
		q->now = loop_timer_new(q->env->loop, nothing_there, q);
		loop_timer_set(q->now, 0);
		return;
	}
	lookup_map_put(&o, q->parameter, q->keys[q->at++]);
	q->call = channel_ask(q->env->lookup, &o, answered, q);
	packet_done(&o);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct tables_query *q = arg;
	struct span value = SPAN("");
	struct why why;
	bool found = false, good;

	q->call = NULL;
	why_init(&why);
	good = in != NULL && lookup_value_get(in, &found, &value, &why) &&
	    why.outcome == DONE;
	why_free(&why);
	if (!good)
		report(q, TABLES_TROUBLE, SPAN(""));
	else if (found)
		report(q, TABLES_FOUND, value);
	else
		ask_next(q);
}

struct tables_query *
tables_find(const struct smtp_env *env, const char *parameter,
    const struct span *keys, tables_fn *fn, void *arg)
{
	struct tables_query *q = mem_new(sizeof(*q));

	q->env = env;
	q->arena = arena_new();
	q->parameter = span_str(smtp_conf_table(env->conf, parameter));
	for (size_t i = 0; i < TABLES_KEYS_MAX && keys[i].n > 0; i++)
		q->keys[i] = arena_span(q->arena, keys[i]);
	q->fn = fn;
	q->arg = arg;
	ask_next(q);
	return q;
}

void
tables_cancel(struct tables_query **q)
{
	if (*q == NULL)
		return;
	if ((*q)->call != NULL)
		channel_cancel(&(*q)->call);
	query_free(*q);
	*q = NULL;
}
