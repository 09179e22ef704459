/*
 * thread.c - mail in threads (RFC 5256)
 *
 * Only parents are kept. Children, their order and the text come from one sort
 * by parent and date at the end, so that no list is cut and joined on the way,
 * and what strangers wrote into References costs no more than its length.
 */

#include "imapd/thread.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"

#define NONE UINT32_MAX

/* A message, or (message NONE) one that is only known by its id. */
struct node {
	uint32_t parent;
	uint32_t message; /* in the list */
	uint32_t same; /* a dummy that was merged into this one, or NONE */
	uint32_t first; /* of a dummy: its first child by date, or NONE */
	size_t children_at, children; /* in the sorted order */
};

struct threading {
	const struct thread_message *list;
	struct node *nodes; /* the first n are the messages */
	size_t n, count, room;
	uint32_t *order; /* nodes by parent and date; those of the root last */
};

static uint32_t
node_add(struct threading *t, uint32_t message)
{
	if (t->count == t->room) {
		t->room = t->room == 0 ? 64 : t->room * 2;
		t->nodes = mem_resize(t->nodes, t->room, sizeof(*t->nodes));
	}
	t->nodes[t->count] = (struct node){ NONE, message, NONE, NONE, 0, 0 };
	return (uint32_t)t->count++;
}

/* The message that stands for a node: itself, or a dummy's first child. */
static uint32_t
face(const struct threading *t, uint32_t i)
{
	const struct node *d = &t->nodes[i];

	return d->message != NONE || d->first == NONE ? i : d->first;
}

static int64_t
date_of(const struct threading *t, uint32_t i)
{
	const struct node *d = &t->nodes[face(t, i)];

	return d->message == NONE ? 0 : t->list[d->message].date;
}

/* Earlier mail first, then the folder's order. */
static int
by_date(const struct threading *t, uint32_t a, uint32_t b)
{
	int64_t x = date_of(t, a), y = date_of(t, b);

	a = face(t, a);
	b = face(t, b);
	if (x != y)
		return x < y ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int
order_cmp(const void *x, const void *y, void *arg)
{
	const struct threading *t = arg;
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	uint32_t pa = t->nodes[a].parent, pb = t->nodes[b].parent;

	if (pa != pb)
		return pa < pb ? -1 : 1;
	return by_date(t, a, b);
}

/* --- the text --- */

/* Sort, and let each node know where its children are. Dead dummies (those that
 * were merged, or have no child) are left out. */
static size_t
sort_nodes(struct threading *t)
{
	size_t kept = 0;

	t->order = mem_array(t->count + 1, sizeof(*t->order));
	for (uint32_t i = 0; i < t->count; i++)
		if (t->nodes[i].message != NONE || t->nodes[i].first != NONE)
			t->order[kept++] = i;
	if (kept > 1)
		qsort_r(t->order, kept, sizeof(*t->order), order_cmp, t);
	for (size_t k = 0; k < kept; k++) {
		uint32_t parent = t->nodes[t->order[k]].parent;

		if (parent == NONE)
			continue;
		if (t->nodes[parent].children++ == 0)
			t->nodes[parent].children_at = k;
	}
	return kept;
}

struct frame {
	size_t at, end; /* siblings that are still to be written, in brackets */
};

struct writing {
	struct threading *t;
	struct buf *out;
	struct frame *stack;
	size_t depth, room;
};

static void
push(struct writing *w, size_t at, size_t end)
{
	if (w->depth == w->room) {
		w->room = w->room == 0 ? 64 : w->room * 2;
		w->stack = mem_resize(w->stack, w->room, sizeof(*w->stack));
	}
	w->stack[w->depth++] = (struct frame){ at, end };
}

/* A line of only children, until it ends or splits. */
static void
put_line(struct writing *w, uint32_t i)
{
	const struct node *d;

	for (;;) {
		d = &w->t->nodes[i];
		if (d->message != NONE)
			buf_printf(
			    w->out, "%" PRIu32, w->t->list[d->message].number);
		if (d->children == 0)
			return;
		if (d->message != NONE)
			buf_add_byte(w->out, ' ');
		if (d->children > 1)
			break;
		i = w->t->order[d->children_at];
	}
	push(w, d->children_at, d->children_at + d->children);
}

static void
put_threads(struct threading *t, struct buf *out)
{
	struct writing w = { .t = t, .out = out };
	size_t end = sort_nodes(t), at = end;

	while (at > 0 && t->nodes[t->order[at - 1]].parent == NONE)
		at--;
	push(&w, at, end);
	while (w.depth > 0) {
		struct frame *f = &w.stack[w.depth - 1];
		size_t depth = w.depth;

		if (f->at == f->end) {
			if (--w.depth > 0)
				buf_add_byte(out, ')');
			continue;
		}
		buf_add_byte(out, '(');
		put_line(&w, t->order[f->at++]);
		if (w.depth == depth)
			buf_add_byte(out, ')');
	}
	free(w.stack);
}

static void
begin(struct threading *t, const struct thread_message *list, size_t n)
{
	*t = (struct threading){ .list = list, .n = n };
	for (size_t i = 0; i < n; i++)
		(void)node_add(t, (uint32_t)i);
}

static void
end(struct threading *t)
{
	free(t->nodes);
	free(t->order);
}

/* --- ORDEREDSUBJECT --- */

static int
subject_cmp(const void *x, const void *y, void *arg)
{
	const struct threading *t = arg;
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	int got = span_cmp(t->list[a].subject, t->list[b].subject);

	return got != 0 ? got : by_date(t, a, b);
}

void
thread_by_subject(const struct thread_message *list, size_t n, struct buf *out)
{
	uint32_t *sorted = mem_array(n + 1, sizeof(*sorted));
	struct threading t;
	uint32_t first = NONE;

	begin(&t, list, n);
	for (uint32_t i = 0; i < n; i++)
		sorted[i] = i;
	if (n > 1)
		qsort_r(sorted, n, sizeof(*sorted), subject_cmp, &t);
	for (size_t k = 0; k < n; k++) {
		if (first != NONE &&
		    span_eq(list[sorted[k]].subject, list[first].subject))
			t.nodes[sorted[k]].parent = first;
		else
			first = sorted[k];
	}
	free(sorted);
	put_threads(&t, out);
	end(&t);
}

/* --- REFERENCES, step 1 --- */

/* Would parent over child make a loop? A chain too long to say counts as one.
 */
static bool
would_loop(const struct threading *t, uint32_t parent, uint32_t child)
{
	uint32_t at = parent;

	for (int i = 0; i < THREAD_CHAIN_MOST; i++) {
		if (at == child)
			return true;
		at = t->nodes[at].parent;
		if (at == NONE)
			return false;
	}
	return true;
}

static uint32_t
node_of(struct threading *t, struct table *ids, struct span id)
{
	uintptr_t known = (uintptr_t)table_get(ids, id);
	uint32_t i;

	if (known != 0)
		return (uint32_t)(known - 1);
	i = node_add(t, NONE);
	(void)table_put(ids, id, (void *)((uintptr_t)i + 1));
	return i;
}

static void
link_message(struct threading *t, struct table *ids, uint32_t i)
{
	const struct thread_message *m = &t->list[i];
	uint32_t before = NONE;

	for (size_t r = 0; r < m->ref_count; r++) {
		uint32_t at = node_of(t, ids, m->refs[r]);

		if (before != NONE && t->nodes[at].parent == NONE &&
		    !would_loop(t, before, at))
			t->nodes[at].parent = before;
		before = at;
	}
	t->nodes[i].parent = NONE;
	if (before != NONE && !would_loop(t, before, i))
		t->nodes[i].parent = before;
}

static void
link_all(struct threading *t)
{
	struct table *ids = table_new();

	for (uint32_t i = 0; i < t->n; i++)
		if (t->list[i].id.n > 0 &&
		    table_get(ids, t->list[i].id) == NULL)
			(void)table_put(
			    ids, t->list[i].id, (void *)((uintptr_t)i + 1));
	for (uint32_t i = 0; i < t->n; i++)
		link_message(t, ids, i);
	table_free(&ids, NULL);
}

/* --- steps 2 and 3 --- */

/* Each message's parent becomes the nearest message above it, or, when there is
 * none, the dummy at the top, or nothing. Dummies on the way are skipped, and
 * what was found is kept in them so that none is walked over twice. */
static void
skip_dummies(struct threading *t, uint32_t *path)
{
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t at = t->nodes[i].parent, top = NONE;
		size_t steps = 0;

		while (at != NONE && t->nodes[at].message == NONE) {
			top = at;
			path[steps++] = at;
			at = t->nodes[at].parent;
		}
		if (at == NONE)
			at = top;
		for (size_t k = 0; k < steps; k++)
			if (path[k] != at)
				t->nodes[path[k]].parent = at;
		t->nodes[i].parent = at;
	}
}

/* First children of dummies; a dummy with one child makes place for it. */
static void
prune(struct threading *t)
{
	uint32_t *children = mem_array(t->count + 1, sizeof(*children));
	uint32_t *path = mem_array(t->count + 1, sizeof(*path));

	skip_dummies(t, path);
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t up = t->nodes[i].parent;

		if (up == NONE || t->nodes[up].message != NONE)
			continue;
		children[up]++;
		if (t->nodes[up].first == NONE ||
		    by_date(t, i, t->nodes[up].first) < 0)
			t->nodes[up].first = i;
	}
	for (size_t i = t->n; i < t->count; i++) {
		if (children[i] == 1) {
			t->nodes[t->nodes[i].first].parent = NONE;
			t->nodes[i].first = NONE;
		}
		t->nodes[i].parent = NONE;
	}
	free(children);
	free(path);
}

/* --- steps 4 and 5 --- */

static bool
is_dummy(const struct threading *t, uint32_t i)
{
	return t->nodes[i].message == NONE;
}

static bool
is_reply(const struct threading *t, uint32_t i)
{
	return !is_dummy(t, i) && t->list[t->nodes[i].message].reply;
}

static struct span
subject_of(const struct threading *t, uint32_t i)
{
	return t->list[t->nodes[face(t, i)].message].subject;
}

/* child is put below parent, which is at the top; a dummy's first may change.
 */
static void
put_below(struct threading *t, uint32_t parent, uint32_t child)
{
	t->nodes[child].parent = parent;
	if (is_dummy(t, parent) &&
	    (t->nodes[parent].first == NONE ||
		by_date(t, child, t->nodes[parent].first) < 0))
		t->nodes[parent].first = child;
}

/* Returns what stands in the table afterwards. */
static uint32_t
merge(struct threading *t, uint32_t known, uint32_t current)
{
	uint32_t dummy;

	if (is_dummy(t, known) && is_dummy(t, current)) {
		if (by_date(t, current, known) < 0)
			t->nodes[known].first = t->nodes[current].first;
		t->nodes[current].same = known;
		t->nodes[current].first = NONE;
		return known;
	}
	if (is_dummy(t, known) ||
	    (is_reply(t, current) && !is_reply(t, known))) {
		put_below(t, known, current);
		return known;
	}
	dummy = node_add(t, NONE);
	put_below(t, dummy, known);
	put_below(t, dummy, current);
	return dummy;
}

static uint32_t
table_number(const struct table *subjects, struct span subject)
{
	uintptr_t known = (uintptr_t)table_get(subjects, subject);

	return known == 0 ? NONE : (uint32_t)(known - 1);
}

static void
table_set(struct table *subjects, struct span subject, uint32_t i)
{
	(void)table_put(subjects, subject, (void *)((uintptr_t)i + 1));
}

static void
merge_subjects(struct threading *t, const uint32_t *roots, size_t n)
{
	struct table *subjects = table_new();

	for (size_t k = 0; k < n; k++) {
		struct span subject = subject_of(t, roots[k]);
		uint32_t known = table_number(subjects, subject);

		if (subject.n == 0)
			continue;
		if (known == NONE ||
		    (!is_dummy(t, known) &&
			(is_dummy(t, roots[k]) ||
			    (is_reply(t, known) && !is_reply(t, roots[k])))))
			table_set(subjects, subject, roots[k]);
	}
	for (size_t k = 0; k < n; k++) {
		struct span subject = subject_of(t, roots[k]);
		uint32_t known = table_number(subjects, subject);

		if (subject.n > 0 && known != roots[k] && known != NONE &&
		    t->nodes[roots[k]].parent == NONE)
			table_set(subjects, subject, merge(t, known, roots[k]));
	}
	table_free(&subjects, NULL);
}

/* Children of dummies that were merged go where those went. */
static void
follow_merges(struct threading *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t up = t->nodes[i].parent;

		while (up != NONE && t->nodes[up].same != NONE)
			up = t->nodes[up].same;
		t->nodes[i].parent = up;
	}
}

static void
merge_roots(struct threading *t)
{
	uint32_t *roots = mem_array(t->count + 1, sizeof(*roots));
	size_t n = 0;

	for (uint32_t i = 0; i < t->count; i++)
		if (t->nodes[i].parent == NONE &&
		    (t->nodes[i].message != NONE || t->nodes[i].first != NONE))
			roots[n++] = i;
	if (n > 1)
		qsort_r(roots, n, sizeof(*roots), order_cmp, t);
	merge_subjects(t, roots, n);
	follow_merges(t);
	free(roots);
}

void
thread_by_references(
    const struct thread_message *list, size_t n, struct buf *out)
{
	struct threading t;

	begin(&t, list, n);
	link_all(&t);
	prune(&t);
	merge_roots(&t);
	put_threads(&t, out);
	end(&t);
}

bool
thread_next_id(struct span *rest, struct buf *out)
{
	for (;;) {
		struct span id;
		size_t begun = out->n, close;

		*rest = span_skip(*rest, span_find(*rest, '<'));
		close = span_find(*rest, '>');
		if (close >= rest->n)
			return false;
		id = span_head(span_skip(*rest, 1), close - 1);
		*rest = span_skip(*rest, close + 1);
		for (size_t i = 0; i < id.n; i++)
			if (id.p[i] != '"' && id.p[i] != '\\' &&
			    !ascii_space((unsigned char)id.p[i]))
				buf_add_byte(out, id.p[i]);
		if (out->n > begun)
			return true;
	}
}
