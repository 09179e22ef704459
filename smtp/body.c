/*
 * body.c - rules for what stands behind the header as mail leaves
 *
 * The message is read once, line by line; each line of a body, and each field
 * of a part's or an inner message's header, unfolded, is looked up, many in one
 * question. What a rule says becomes a change of the letter, applied as it is
 * sent; the queue file stays as it is.
 */

#include "smtp/body.h"

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
#include "message/mime_lines.h"
#include "os/loop.h"
#include "queue/edits.h"
#include "smtp/checks.h"
#include "smtp/conf.h"
#include "smtp/env.h"
#include "smtp/header.h"
#include "smtp/letter.h"

enum {
	PIECE = 16384,
	PIECES_MAX = 32, /* read in one go */
	SHOWN_MAX = 200,
	TEXT_MAX = 4096, /* of a line or field is looked at */
	BATCH_MAX = 400 /* lines of a question */
};

enum table { MIME, NESTED, BODY, TABLES };

static const char *const table_names[TABLES] = { "smtp_mime_header_checks",
	"smtp_nested_header_checks", "smtp_body_checks" };

struct item {
	enum table table;
	uint64_t from, to; /* in the message, with line ends */
	size_t text, size; /* in the texts */
};

struct body_query {
	const struct smtp_env *env;
	struct letter *letter;
	struct span qid;
	struct mime_lines *mime;
	bool wanted[TABLES];
	uint64_t read_at, line_at; /* in the message */
	struct buf ahead; /* read, and not a line yet */
	bool long_line; /* what is ahead goes on with one that was looked at */
	bool field; /* a field is under way: the last item */
	struct item items[BATCH_MAX];
	size_t count;
	struct buf texts; /* of the items, as they stand */
	enum table asking;
	size_t asked[BATCH_MAX], asked_count; /* items of the question */
	unsigned part;
	uint64_t part_octets;
	struct channel_call *call;
	struct loop_timer *now;
	struct why why;
	body_fn *fn;
	void *arg;
};

bool
body_wanted(const struct smtp_conf *c)
{
	return c->smtp_body_checks[0] != '\0' ||
	    c->smtp_mime_header_checks[0] != '\0' ||
	    c->smtp_nested_header_checks[0] != '\0';
}

void
body_cancel(struct body_query **qp)
{
	struct body_query *q = *qp;

	if (q == NULL)
		return;
	channel_cancel(&q->call);
	loop_timer_free(&q->now);
	mime_lines_free(&q->mime);
	buf_free(&q->ahead);
	buf_free(&q->texts);
	why_free(&q->why);
	mem_free(qp);
}

static void
report(struct body_query *q)
{
	body_fn *fn = q->fn;
	void *fn_arg = q->arg;
	struct why why;

	why_init(&why);
	why_copy(&why, &q->why);
	body_cancel(&q);
	fn(fn_arg, why.outcome == DONE ? NULL : &why);
	why_free(&why);
}

/* ---- lines */

static struct span
text_of(const struct body_query *q, const struct item *i)
{
	return span_of(q->texts.p + i->text, i->size);
}

/* The field under way is whole: it may say what its part is. */
static void
field_end(struct body_query *q)
{
	if (!q->field)
		return;
	q->field = false;
	mime_lines_field(q->mime, text_of(q, &q->items[q->count - 1]));
	if (!q->wanted[q->items[q->count - 1].table])
		buf_cut(&q->texts, q->items[--q->count].text);
}

static void
item_add(struct body_query *q, enum table table, struct span line, uint64_t to)
{
	struct item *i = &q->items[q->count++];

	*i = (struct item){ .table = table,
		.from = q->line_at,
		.to = to,
		.text = q->texts.n,
		.size = line.n < TEXT_MAX ? line.n : TEXT_MAX };
	buf_add_span(&q->texts, span_head(line, TEXT_MAX));
}

/* A line that goes on with the field. */
static void
field_more(struct body_query *q, struct span line, uint64_t to)
{
	struct item *i = &q->items[q->count - 1];
	struct span more = span_head(line, TEXT_MAX - i->size);

	if (i->size < TEXT_MAX) {
		buf_add_byte(&q->texts, '\n');
		buf_add_span(
		    &q->texts, span_head(more, TEXT_MAX - i->size - 1));
		i->size = q->texts.n - i->text;
	}
	i->to = to;
}

/* body_checks_size_limit holds for each part. */
static bool
body_looked_at(struct body_query *q, struct span line)
{
	unsigned part = mime_lines_part(q->mime);

	if (part != q->part)
		q->part_octets = 0;
	q->part = part;
	q->part_octets += line.n + 1;
	return q->wanted[BODY] &&
	    q->part_octets <= q->env->conf->body_checks_size_limit;
}

static void
line_take(struct body_query *q, struct span line, uint64_t to)
{
	bool nested;

	if (q->field && (span_at(line, 0) == ' ' || span_at(line, 0) == '\t')) {
		field_more(q, line, to);
		return;
	}
	field_end(q);
	switch (mime_lines_feed(q->mime, line)) {
	case MIME_LINE_BODY:
		if (body_looked_at(q, line))
			item_add(q, BODY, line, to);
		break;
	case MIME_LINE_FIELD:
		nested = mime_lines_nested(q->mime);
		item_add(q, nested ? NESTED : MIME, line, to);
		q->field = true;
		break;
	case MIME_LINE_END:
		break;
	}
}

/* Take lines off what was read, until there is a batch; at the end the last
 * one without its end too. */
static void
lines_take(struct body_query *q, bool last)
{
	struct span rest = buf_span(&q->ahead);
	size_t used = 0;

	while (rest.n > 0 && q->count + 1 < BATCH_MAX &&
	    q->texts.n < CHECKS_LINES_MAX / 2) {
		size_t end = span_find(rest, '\n');
		bool whole = end < rest.n;
		size_t n = whole ? end + 1 : end;

		if (!whole && !last && rest.n < PIECE)
			break;
		if (!q->long_line)
			line_take(q, span_head(rest, end), q->line_at + n);
		else if (q->count > 0 &&
		    q->items[q->count - 1].to == q->line_at)
			q->items[q->count - 1].to += n;
		q->long_line = !whole;
		q->line_at += n;
		rest = span_skip(rest, n);
		used += n;
	}
	buf_drop(&q->ahead, used);
}

static bool
more_read(struct body_query *q)
{
	uint64_t left = edited_size(q->letter->message) - q->read_at;
	size_t want = left < PIECE ? (size_t)left : PIECE;
	ssize_t n = edited_read(
	    q->letter->message, buf_room(&q->ahead, want), want, q->read_at);

	if (n <= 0) {
		why_set(&q->why, "4.3.0", "queue file: %s",
		    strerror(n == 0 ? EIO : errno));
		return false;
	}
	q->ahead.n += (size_t)n;
	q->read_at += (uint64_t)n;
	return true;
}

/* ---- what a rule does */

static void
tell(const struct body_query *q, const struct item *i, const char *word,
    struct span value)
{
	struct buf line = BUF_EMPTY;

	log_quote(&line, text_of(q, i), SHOWN_MAX);
	buf_add_str(&line, "; rule: ");
	log_quote(&line, value, SHOWN_MAX);
	log_info("%.*s: %s: %s %s", (int)q->qid.n, q->qid.p, word,
	    i->table == BODY ? "body" : "header", buf_str(&line));
	buf_free(&line);
}

static void
change_add(struct body_query *q, uint64_t from, uint64_t to, struct span text)
{
	struct letter *l = q->letter;

	if (l->change_count == LETTER_CHANGES_MAX ||
	    l->change_octets + text.n > LETTER_CHANGES_BYTES) {
		why_set(&q->why, "4.3.0",
		    "more than %d changes by smtp_body_checks and the like",
		    LETTER_CHANGES_MAX);
		return;
	}
	if (l->changes == NULL)
		l->changes = arena_array(
		    l->arena, LETTER_CHANGES_MAX, sizeof(*l->changes));
	l->change_octets += text.n;
	l->changes[l->change_count++] =
	    (struct change){ from, to, arena_span(l->arena, text) };
}

/* As checks_apply() would have it: the text in place of the line, or before
 * it. */
static void
rule_apply(struct body_query *q, const struct item *i, struct span value)
{
	struct buf out = BUF_EMPTY, line = BUF_EMPTY;
	const char *word = NULL;
	bool known;

	buf_add_span(&line, text_of(q, i));
	buf_add_byte(&line, '\n');
	known = i->table == BODY
	    ? checks_apply_line(value, buf_span(&line), &word, &out)
	    : checks_apply(value, buf_span(&line), &word, &out);
	if (!known)
		word = "not available here";
	if (word != NULL)
		tell(q, i, word, value);
	if (out.n < line.n ||
	    memcmp(out.p + out.n - line.n, line.p, line.n) != 0)
		change_add(q, i->from, i->to, buf_span(&out));
	else if (out.n > line.n) /* the line itself may be longer than that */
		change_add(q, i->from, i->from,
		    span_head(buf_span(&out), out.n - line.n));
	buf_free(&out);
	buf_free(&line);
}

/* ---- questions */

/* Items that are whole: the last may have more to come. */
static size_t
ready_count(const struct body_query *q)
{
	return q->count - (q->count > 0 && (q->field || q->long_line));
}

static void go_on(struct body_query *q);

static int
by_place(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void
hit(void *arg, uint32_t line, struct span value)
{
	struct body_query *q = arg;

	if (line < q->asked_count)
		rule_apply(q, &q->items[q->asked[line]], value);
}

/* Those of the question that are done leave the batch. */
static void
items_drop(struct body_query *q, size_t done)
{
	size_t n = 0, k = 0;

	for (size_t i = 0; i < q->count; i++) {
		if (k < done && q->asked[k] == i)
			k++;
		else
			q->items[n++] = q->items[i];
	}
	q->count = n;
}

static void
answered(void *arg, struct packet_in *in)
{
	struct body_query *q = arg;
	uint32_t done = 0;
	struct why why;

	q->call = NULL;
	why_init(&why);
	if (in == NULL || !checks_hits_get(in, hit, q, &done, &why) ||
	    why.outcome != DONE || done == 0 || done > q->asked_count)
		why_set(&q->why, "4.3.0", "%s cannot be read",
		    table_names[q->asking]);
	why_free(&why);
	if (q->why.outcome != DONE) {
		report(q);
		return;
	}
	items_drop(q, done);
	go_on(q);
}

static void
item_put(const struct body_query *q, const struct item *i, struct buf *lines)
{
	size_t at = lines->n;

	if (i->table == BODY)
		buf_add_span(lines, text_of(q, i));
	else
		header_unfold(lines, text_of(q, i));
	for (size_t k = at; k < lines->n; k++)
		if (lines->p[k] == '\0')
			lines->p[k] = ' ';
	buf_add_byte(lines, '\0');
}

/* Ask for what is in the batch, one table after the other; the field under way
 * is not whole yet. False: there is nothing. */
static bool
ask(struct body_query *q)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf lines = BUF_EMPTY;
	size_t ready = ready_count(q);

	if (ready == 0)
		return false;
	q->asking = q->items[0].table;
	q->asked_count = 0;
	for (size_t i = 0;
	     i < ready && lines.n < CHECKS_LINES_MAX - TEXT_MAX - 1; i++)
		if (q->items[i].table == q->asking) {
			item_put(q, &q->items[i], &lines);
			q->asked[q->asked_count++] = i;
		}
	checks_lines_put(&o,
	    span_str(smtp_conf_table(q->env->conf, table_names[q->asking])),
	    buf_span(&lines));
	q->call = channel_ask(q->env->lookup, &o, answered, q);
	packet_done(&o);
	buf_free(&lines);
	return true;
}

/* The texts of items that have gone. */
static void
texts_drop(struct body_query *q)
{
	size_t n = q->count == 0 ? q->texts.n : q->items[0].text;

	buf_drop(&q->texts, n);
	for (size_t i = 0; i < q->count; i++)
		q->items[i].text -= n;
}

static void
go_on(struct body_query *q)
{
	bool last = false;
	unsigned pieces = 0;

	if (ask(q))
		return;
	texts_drop(q);
	while (!last && ready_count(q) == 0) {
		if (pieces++ == PIECES_MAX) { /* others have a turn */
			loop_timer_set(q->now, 0);
			return;
		}
		last = q->read_at == edited_size(q->letter->message);
		if (!last && q->ahead.n < PIECE && !more_read(q)) {
			report(q);
			return;
		}
		lines_take(q, last);
		last = last && q->ahead.n == 0;
		if (last) {
			field_end(q);
			q->long_line = false;
		}
		if (!q->field && q->count == 0)
			buf_clear(&q->texts);
	}
	if (ask(q))
		return;
	if (q->letter->change_count > 0)
		qsort(q->letter->changes, q->letter->change_count,
		    sizeof(*q->letter->changes), by_place);
	report(q);
}

static void
begin(void *arg)
{
	go_on(arg);
}

/* The message's own header says what the body is; false: why. */
static bool
header_read(struct body_query *q)
{
	struct arena *a = arena_new();
	struct header_list list;
	bool good = header_load(q->letter, a, &list);

	if (!good)
		why_set(&q->why, "4.3.0", "queue file: %s", strerror(errno));
	for (size_t i = 0; good && i < list.count; i++) {
		mime_lines_field(q->mime, list.list[i].all);
		if (q->letter->header_size == 0)
			q->read_at += list.list[i].all.n;
	}
	arena_free(&a);
	q->read_at += q->letter->header_size;
	mime_lines_header_end(q->mime);
	return good;
}

/* The empty line behind the header is nobody's. */
static bool
gap_pass(struct body_query *q)
{
	q->line_at = q->read_at;
	if (q->read_at == edited_size(q->letter->message))
		return true;
	if (!more_read(q))
		return false;
	if (q->ahead.p[0] == '\n') {
		buf_drop(&q->ahead, 1);
		q->line_at++;
	}
	return true;
}

struct body_query *
body_start(const struct smtp_env *env, struct letter *letter, struct span qid,
    body_fn *fn, void *arg)
{
	const struct smtp_conf *c = env->conf;
	struct body_query *q = mem_new(sizeof(*q));

	q->env = env;
	q->letter = letter;
	q->qid = qid;
	q->fn = fn;
	q->arg = arg;
	q->wanted[MIME] = c->smtp_mime_header_checks[0] != '\0';
	q->wanted[NESTED] = c->smtp_nested_header_checks[0] != '\0';
	q->wanted[BODY] = c->smtp_body_checks[0] != '\0';
	q->mime = mime_lines_new((unsigned)c->mime_nesting_limit);
	why_init(&q->why);
	q->now = loop_timer_new(env->loop, begin, q);
	if (!header_read(q) || !gap_pass(q)) {
		/* told from the loop */
		q->read_at = edited_size(letter->message);
		buf_clear(&q->ahead);
	}
	loop_timer_set(q->now, 0);
	return q;
}
