/*
 * checks.c - rules for the header as mail leaves (smtp_header_checks)
 *
 * Each field, unfolded, is looked up; what a rule says is done to a header of
 * the letter's own. Nothing is refused here: the mail was accepted long ago.
 */

#include "smtp/checks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/checks_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "message/header.h"
#include "os/loop.h"
#include "smtp/conf.h"
#include "smtp/env.h"
#include "smtp/header.h"
#include "smtp/letter.h"

enum { SHOWN_MAX = 200 };

struct checks_query {
	const struct smtp_env *env;
	struct letter *letter;
	struct span qid;
	struct arena *arena;
	struct header_list list;
	size_t at; /* fields that are done */
	size_t asked; /* fields of the question under way */
	struct span *values; /* of the rules that fit; p NULL: none */
	struct channel_call *call;
	struct loop_timer *now;
	struct why why;
	checks_fn *fn;
	void *arg;
};

void
checks_cancel(struct checks_query **qp)
{
	struct checks_query *q = *qp;

	if (q == NULL)
		return;
	channel_cancel(&q->call);
	loop_timer_free(&q->now);
	arena_free(&q->arena);
	why_free(&q->why);
	mem_free(qp);
}

static void
report(void *arg)
{
	struct checks_query *q = arg;
	checks_fn *fn = q->fn;
	void *fn_arg = q->arg;
	struct why why;

	why_init(&why);
	why_copy(&why, &q->why);
	checks_cancel(&q);
	fn(fn_arg, why.outcome == DONE ? NULL : &why);
	why_free(&why);
}

/* ---- what a rule does */

static void
add_field(struct buf *out, struct span text)
{
	buf_add_span(out, text);
	buf_add_byte(out, '\n');
}

/* A field that we would add must be one. */
static bool
is_field(struct span text)
{
	return !span_has_break(text) &&
	    header_name_valid(span_head(text, span_find(text, ':'))) &&
	    span_find(text, ':') < text.n;
}

static bool
apply(struct span value, struct span field, bool (*fits)(struct span),
    const char **word, struct buf *out)
{
	struct span rest = value, verb = SPAN("");

	*word = NULL;
	(void)span_word(&rest, " \t", &verb);
	rest = span_trim(rest);
	if (span_iis(verb, "IGNORE"))
		return true;
	if (span_iis(verb, "STRIP")) {
		*word = "strip";
		return true;
	}
	if (span_iis(verb, "REPLACE") && fits(rest)) {
		*word = "replace";
		add_field(out, rest);
		return true;
	}
	buf_add_span(out, field);
	if (span_iis(verb, "PREPEND") && fits(rest)) {
		buf_cut(out, out->n - field.n);
		*word = "prepend";
		add_field(out, rest);
		buf_add_span(out, field);
	} else if (span_iis(verb, "WARN")) {
		*word = "warning";
	} else if (span_iis(verb, "INFO")) {
		*word = "info";
	} else if (!span_iis(verb, "DUNNO") && !span_iis(verb, "OK")) {
		return false;
	}
	return true;
}

static bool
is_line(struct span text)
{
	return !span_has_break(text) && text.n > 0;
}

bool
checks_apply(
    struct span value, struct span field, const char **word, struct buf *out)
{
	return apply(value, field, is_field, word, out);
}

bool
checks_apply_line(
    struct span value, struct span line, const char **word, struct buf *out)
{
	return apply(value, line, is_line, word, out);
}

static void
tell(const struct checks_query *q, const char *word, size_t i)
{
	struct buf line = BUF_EMPTY;
	struct span value = q->values[i];

	log_quote(&line, span_trim(q->list.list[i].all), SHOWN_MAX);
	buf_add_str(&line, "; rule: ");
	log_quote(&line, value, SHOWN_MAX);
	log_info("%.*s: %s: header %s", (int)q->qid.n, q->qid.p, word,
	    buf_str(&line));
	buf_free(&line);
}

static void
apply_all(struct checks_query *q)
{
	struct buf fresh = BUF_EMPTY;
	bool any = false;

	for (size_t i = 0; i < q->list.count; i++) {
		struct span field = q->list.list[i].all;
		const char *word = NULL;

		if (q->values[i].p == NULL) {
			buf_add_span(&fresh, field);
			continue;
		}
		any = true;
		if (!checks_apply(q->values[i], field, &word, &fresh))
			word = "not available here";
		if (word != NULL)
			tell(q, word, i);
	}
	if (any)
		header_set(q->letter, &q->list, buf_span(&fresh));
	buf_free(&fresh);
}

/* ---- questions */

static void
hit(void *arg, uint32_t line, struct span value)
{
	struct checks_query *q = arg;

	if (line < q->asked)
		q->values[q->at + line] = arena_span(q->arena, value);
}

static void ask_next(struct checks_query *q);

static void
answered(void *arg, struct packet_in *in)
{
	struct checks_query *q = arg;
	uint32_t done = 0;
	struct why why;

	q->call = NULL;
	why_init(&why);
	if (in == NULL || !checks_hits_get(in, hit, q, &done, &why) ||
	    why.outcome != DONE || done == 0 || done > q->asked)
		why_set(&q->why, "4.3.0", "smtp_header_checks cannot be read");
	why_free(&why);
	q->at += done;
	if (q->why.outcome == DONE && q->at < q->list.count) {
		ask_next(q);
		return;
	}
	if (q->why.outcome == DONE)
		apply_all(q);
	report(q);
}

/* A field on one line, its end cut where it is larger than a question. */
static void
line_put(struct buf *lines, struct span field)
{
	struct buf line = BUF_EMPTY;

	header_unfold(&line, field);
	buf_add_span(lines, span_head(buf_span(&line), CHECKS_LINES_MAX / 2));
	buf_add_byte(lines, '\0');
	buf_free(&line);
}

static void
ask_next(struct checks_query *q)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf lines = BUF_EMPTY;

	for (q->asked = 0; q->at + q->asked < q->list.count; q->asked++) {
		size_t before = lines.n;

		line_put(&lines, q->list.list[q->at + q->asked].all);
		if (lines.n > CHECKS_LINES_MAX) {
			buf_cut(&lines, before);
			break;
		}
	}
	checks_lines_put(&o,
	    span_str(smtp_conf_table(q->env->conf, "smtp_header_checks")),
	    buf_span(&lines));
	q->call = channel_ask(q->env->lookup, &o, answered, q);
	packet_done(&o);
	buf_free(&lines);
}

struct checks_query *
checks_start(const struct smtp_env *env, struct letter *letter, struct span qid,
    checks_fn *fn, void *arg)
{
	struct checks_query *q = mem_new(sizeof(*q));

	q->env = env;
	q->letter = letter;
	q->qid = qid;
	q->arena = arena_new();
	q->fn = fn;
	q->arg = arg;
	why_init(&q->why);
	if (!header_load(letter, q->arena, &q->list))
		why_set(&q->why, "4.3.0", "queue file: %s", strerror(errno));
	q->values = arena_array(q->arena, q->list.count, sizeof(*q->values));
	if (q->why.outcome == DONE && q->list.count > 0) {
		ask_next(q);
	} else {
		q->now = loop_timer_new(env->loop, report, q);
		loop_timer_set(q->now, 0);
	}
	return q;
}
