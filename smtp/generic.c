/*
 * generic.c - addresses as the world is to see them (smtp_generic_maps)
 *
 * The header is read once, whole, and where an address in it changes the letter
 * gets another header; the body stays in the queue file. Log lines speak of the
 * addresses that the recipients had in the queue.
 */

#include "smtp/generic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/clean_call.h"
#include "calls/clean_job.h"
#include "calls/delivery_call.h"
#include "message/header.h"
#include "os/loop.h"
#include "smtp/conf.h"
#include "smtp/env.h"
#include "smtp/header.h"
#include "smtp/letter.h"

struct generic_query {
	const struct smtp_env *env;
	struct letter *letter;
	struct arena *arena;
	struct header_list list;
	struct clean_fields *fields;
	struct clean_job *job;
	struct loop_timer *now; /* reports trouble */
	struct why why;
	generic_fn *fn;
	void *arg;
};

void
generic_cancel(struct generic_query **qp)
{
	struct generic_query *q = *qp;

	if (q == NULL)
		return;
	clean_cancel(&q->job);
	clean_fields_free(&q->fields);
	loop_timer_free(&q->now);
	why_free(&q->why);
	mem_free(qp);
}

static void
report(void *arg)
{
	struct generic_query *q = arg;
	generic_fn *fn = q->fn;
	void *fn_arg = q->arg;
	struct why why;

	why_init(&why);
	why_copy(&why, &q->why);
	generic_cancel(&q);
	fn(fn_arg, why.outcome == DONE ? NULL : &why);
	why_free(&why);
}

/* The edit of a field, or NULL. */
static const struct clean_edit *
edit_of(const struct clean_answer *a, size_t number)
{
	for (size_t i = 0; i < a->edit_count; i++)
		if (a->edits[i].number == number)
			return &a->edits[i];
	return NULL;
}

static void
header_make(struct generic_query *q, const struct clean_answer *a)
{
	struct buf fresh = BUF_EMPTY;

	if (a->edit_count == 0)
		return;
	for (size_t i = 0; i < q->list.count; i++) {
		const struct clean_edit *e = edit_of(a, i);

		buf_add_span(&fresh, e != NULL ? e->text : q->list.list[i].all);
	}
	header_set(q->letter, &q->list, buf_span(&fresh));
	buf_free(&fresh);
}

static void
answered(void *arg, const struct clean_answer *a)
{
	struct generic_query *q = arg;
	struct letter *l = q->letter;

	q->job = NULL;
	if (a->why.outcome != DONE || a->copy_count != l->count) {
		why_set(&q->why, "4.3.0", "smtp_generic_maps cannot be read");
		report(q);
		return;
	}
	l->sender = arena_span(q->arena, a->sender);
	for (size_t i = 0; i < l->count; i++)
		l->rcpts[i].address = arena_span(q->arena, a->copies[i]);
	header_make(q, a);
	report(q);
}

bool
generic_is_forwarded(const struct letter *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->rcpts[i].to->orig.n > 0)
			return true;
	return false;
}

static void
ask(struct generic_query *q)
{
	struct letter *l = q->letter;
	struct span *rcpts = arena_array(q->arena, l->count, sizeof(*rcpts));
	struct clean_request r = { .header = q->env->conf->lmtp
		    ? CLEAN_GENERIC_LMTP
		    : CLEAN_GENERIC,
		.forwarded = generic_is_forwarded(l),
		.tables = span_str(
		    smtp_conf_table(q->env->conf, "smtp_generic_maps")),
		.sender = l->sender,
		.rcpt_count = l->count,
		.rcpts = rcpts };

	for (size_t i = 0; i < l->count; i++)
		rcpts[i] = l->rcpts[i].to->address;
	for (size_t i = 0; i < q->list.count; i++)
		clean_fields_add(q->fields, (uint32_t)i, q->list.list[i].name,
		    q->list.list[i].value);
	r.fields = clean_fields_list(q->fields, &r.field_count);
	q->job = clean_start(q->env->lookup, &r, answered, q);
}

struct generic_query *
generic_start(const struct smtp_env *env, struct letter *letter,
    struct arena *a, generic_fn *fn, void *arg)
{
	struct generic_query *q = mem_new(sizeof(*q));

	q->env = env;
	q->letter = letter;
	q->arena = a;
	q->fields = clean_fields_new();
	q->fn = fn;
	q->arg = arg;
	why_init(&q->why);
	if (header_load(letter, a, &q->list)) {
		ask(q);
	} else {
		why_set(&q->why, "4.3.0", "queue file: %s", strerror(errno));
		q->now = loop_timer_new(env->loop, report, q);
		loop_timer_set(q->now, 0);
	}
	return q;
}
