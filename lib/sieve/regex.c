/*
 * regex.c - searching with a regular expression of Sieve
 *
 * The tree becomes a program, and all threads through it go over the text
 * together, one character at a time: at most one at each step of the program,
 * the first that comes there. So nothing is tried twice. The longest match
 * wins, and of its ways the one that takes the first alternative and the most
 * repetitions from the left on: so the C library has it, by which other servers
 * fill ${1} to ${9}.
 */

#include "sieve/regex.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "sieve/regex_nodes.h"

enum {
	PATTERN_MAX = 65536,
	PROGRAM_MAX = 10000,
	SLOTS = 2 * SIEVE_REGEX_GROUPS,
	UNSET = -1
};

enum op { CHAR, ANY, SET, SPLIT, GO, SAVE, ASSERT, MATCH };

struct step {
	enum op op;
	unsigned assert; /* a kind of node */
	uint32_t c;
	const struct sieve_regex_set *set;
	size_t x, y; /* where it goes on; SAVE: slot, last group inside */
};

struct sieve_regex {
	struct step *program;
	size_t n;
	size_t groups; /* that are told, the whole one too */
	bool fold;
	bool all; /* any byte may begin a match, or none needs to */
	bool begins[256];
};

/* ---- the program */

struct emit {
	struct sieve_regex *re;
	bool full;
};

static size_t
emit(struct emit *e, enum op op)
{
	if (e->re->n == PROGRAM_MAX - 1) {
		e->full = true;
		return PROGRAM_MAX - 1;
	}
	e->re->program[e->re->n].op = op;
	return e->re->n++;
}

static void emit_node(struct emit *e, const struct sieve_regex_node *n);

static void
emit_one_of(struct emit *e, const struct sieve_regex_node *n)
{
	size_t last = UNSET;

	for (; n != NULL && !e->full; n = n->next) {
		size_t split = 0, go;

		if (n->next != NULL) {
			split = emit(e, SPLIT);
			e->re->program[split].x = e->re->n;
		}
		emit_node(e, n);
		if (n->next == NULL)
			break;
		go = emit(e, GO);
		e->re->program[go].x = last; /* a chain, mended below */
		last = go;
		e->re->program[split].y = e->re->n;
	}
	while (last != (size_t)UNSET && !e->full) {
		size_t before = e->re->program[last].x;

		e->re->program[last].x = e->re->n;
		last = before;
	}
}

static void
emit_repeat(struct emit *e, const struct sieve_regex_node *n)
{
	size_t split;

	for (unsigned i = 0; i < n->least && !e->full; i++)
		emit_node(e, n->below);
	if (n->most == REGEX_NO_END) {
		split = emit(e, SPLIT);
		e->re->program[split].x = e->re->n;
		emit_node(e, n->below);
		e->re->program[emit(e, GO)].x = split;
		e->re->program[split].y = e->re->n;
		return;
	}
	for (unsigned i = n->least; i < n->most && !e->full; i++) {
		split = emit(e, SPLIT);
		e->re->program[split].x = e->re->n;
		emit_node(e, n->below);
		e->re->program[split].y = e->re->n;
	}
}

static void
emit_save(struct emit *e, size_t slot, size_t last_group)
{
	size_t at;

	if (slot >= SLOTS)
		return;
	at = emit(e, SAVE);
	e->re->program[at].x = slot;
	e->re->program[at].y = last_group;
}

static void
emit_single(struct emit *e, const struct sieve_regex_node *n, enum op op)
{
	struct step *s = &e->re->program[emit(e, op)];

	s->c =
	    e->re->fold && n->c < 128 ? (uint32_t)ascii_lower((int)n->c) : n->c;
	s->set = &n->set;
	s->assert = n->kind;
}

static void
emit_node(struct emit *e, const struct sieve_regex_node *n)
{
	switch (n->kind) {
	case NODE_EMPTY:
		break;
	case NODE_CHAR:
		emit_single(e, n, CHAR);
		break;
	case NODE_ANY:
		emit_single(e, n, ANY);
		break;
	case NODE_SET:
		emit_single(e, n, SET);
		break;
	case NODE_START:
	case NODE_END:
	case NODE_EDGE:
	case NODE_NO_EDGE:
	case NODE_WORD_START:
	case NODE_WORD_END:
		emit_single(e, n, ASSERT);
		break;
	case NODE_GROUP:
		emit_save(e, 2 * (size_t)n->group, n->last_group);
		emit_node(e, n->below);
		emit_save(e, 2 * (size_t)n->group + 1, 0);
		break;
	case NODE_ROW:
		for (n = n->below; n != NULL && !e->full; n = n->next)
			emit_node(e, n);
		break;
	case NODE_ONE_OF:
		emit_one_of(e, n->below);
		break;
	case NODE_REPEAT:
		emit_repeat(e, n);
		break;
	}
}

/* Which bytes may begin a match. */
static void
find_begins(struct sieve_regex *re)
{
	bool *seen = mem_array(re->n, sizeof(*seen));
	size_t *stack = mem_array(2 * re->n + 2, sizeof(*stack)), n = 1;

	while (n > 0 && !re->all) {
		const struct step *s;
		size_t at = stack[--n];

		if (seen[at])
			continue;
		seen[at] = true;
		s = &re->program[at];
		if (s->op == CHAR && s->c < 128) {
			re->begins[s->c] = true;
			if (re->fold)
				re->begins[ascii_upper((int)s->c)] = true;
		} else if (s->op == SPLIT) {
			stack[n++] = s->x;
			stack[n++] = s->y;
		} else if (s->op == GO) {
			stack[n++] = s->x;
		} else if (s->op == SAVE) {
			stack[n++] = at + 1;
		} else {
			re->all = true;
		}
	}
	free(seen);
	free(stack);
}

struct sieve_regex *
sieve_regex_new(
    struct arena *a, struct span pattern, bool fold, const char **error)
{
	struct sieve_regex *re = arena_alloc(a, sizeof(*re));
	struct emit e = { .re = re };
	struct step *work;
	struct sieve_regex_node *tree;
	unsigned groups;

	*error = "it is too long";
	if (pattern.n > PATTERN_MAX)
		return NULL;
	tree = sieve_regex_parse(a, pattern, &groups, error);
	if (tree == NULL)
		return NULL;
	work = mem_array(PROGRAM_MAX, sizeof(*work));
	re->program = work;
	re->fold = fold;
	re->groups = groups < SIEVE_REGEX_GROUPS ? groups : SIEVE_REGEX_GROUPS;
	emit_save(&e, 0, 0);
	emit_node(&e, tree);
	emit_save(&e, 1, 0);
	(void)emit(&e, MATCH);
	if (!e.full) {
		re->program = arena_array(a, re->n, sizeof(*work));
		memcpy(re->program, work, re->n * sizeof(*work));
		find_begins(re);
	}
	free(work);
	*error = "it is too large";
	return e.full ? NULL : re;
}

/* ---- the threads */

struct thread {
	size_t at;
	ptrdiff_t slots[SLOTS];
};

struct threads {
	struct thread *list;
	size_t n;
	size_t *where; /* of a step: its thread, when list agrees */
};

struct search {
	const struct sieve_regex *re;
	struct span text;
	struct sieve_regex_work *work;
	size_t at; /* in the text */
	uint32_t before, here; /* characters; NONE at the ends */
	struct threads now, next;
	struct thread *stack; /* that are to be followed */
	size_t stack_n, stack_room;
	struct thread best;
	bool found;
};

enum { NONE = 0x7fffffff };

static bool
holds(const struct search *s, unsigned what)
{
	bool left = s->before != NONE && sieve_regex_is_word(s->before);
	bool right = s->here != NONE && sieve_regex_is_word(s->here);

	switch (what) {
	case NODE_START:
		return s->at == 0;
	case NODE_END:
		return s->at == s->text.n;
	case NODE_EDGE:
		return left != right;
	case NODE_NO_EDGE:
		return left == right;
	case NODE_WORD_START:
		return !left && right;
	default:
		return left && !right;
	}
}

static void
push(struct search *s, const struct thread *from, size_t at)
{
	if (s->stack_n == s->stack_room) {
		s->stack_room = s->stack_room == 0 ? 64 : 2 * s->stack_room;
		s->stack =
		    mem_resize(s->stack, s->stack_room, sizeof(*s->stack));
	}
	s->stack[s->stack_n] = *from;
	s->stack[s->stack_n++].at = at;
}

/* Put it among the threads; false: one that goes before it is there. */
static bool
place(struct threads *to, const struct thread *t)
{
	size_t i = to->where[t->at];

	if (i < to->n && to->list[i].at == t->at)
		return false;
	to->where[t->at] = to->n;
	to->list[to->n++] = *t;
	return true;
}

static void
save(const struct search *s, struct thread *t, const struct step *step)
{
	t->slots[step->x] = (ptrdiff_t)s->at;
	if (step->x % 2 == 0)
		t->slots[step->x + 1] = UNSET;
	/* groups inside take part anew */
	for (size_t i = step->x + 2; i <= 2 * step->y + 1 && i < SLOTS; i++)
		t->slots[i] = UNSET;
}

/* Follow a thread to all places that wait for a character. */
static void
add(struct search *s, struct threads *to, const struct thread *first)
{
	push(s, first, first->at);
	while (s->stack_n > 0 && s->work->done <= s->work->most) {
		struct thread t = s->stack[--s->stack_n];
		const struct step *step = &s->re->program[t.at];

		s->work->done++;
		if (!place(to, &t))
			continue;
		if (step->op == SPLIT) {
			push(s, &t, step->y);
			push(s, &t, step->x);
		} else if (step->op == GO) {
			push(s, &t, step->x);
		} else if (step->op == SAVE) {
			save(s, &t, step);
			push(s, &t, t.at + 1);
		} else if (step->op == ASSERT && holds(s, step->assert)) {
			push(s, &t, t.at + 1);
		} else if (step->op == MATCH &&
		    (!s->found || t.slots[0] <= s->best.slots[0])) {
			if (!s->found || t.slots[0] < s->best.slots[0] ||
			    t.slots[1] > s->best.slots[1])
				s->best = t;
			s->found = true;
		}
	}
	s->stack_n = 0;
}

static bool
takes(const struct sieve_regex *re, const struct step *step, uint32_t c)
{
	bool letter = re->fold && c < 128 && ascii_alpha((int)c), in;

	switch (step->op) {
	case CHAR:
		return step->c == (letter ? (uint32_t)ascii_lower((int)c) : c);
	case ANY:
		return true;
	case SET:
		in = sieve_regex_in_set(step->set, c) != step->set->others;
		if (!in && letter) /* the other case of it */
			in = sieve_regex_in_set(step->set, c ^ 32) !=
			    step->set->others;
		return in != step->set->others;
	case SPLIT:
	case GO:
	case SAVE:
	case ASSERT:
	case MATCH:
		break;
	}
	return false;
}

static void
begin_here(struct search *s)
{
	struct thread t = { .at = 0 };

	for (size_t i = 0; i < SLOTS; i++)
		t.slots[i] = UNSET;
	add(s, &s->now, &t);
}

/* One character on. */
static void
advance(struct search *s, size_t n)
{
	struct threads done = s->now;
	uint32_t c = s->here;

	s->at += n;
	s->before = c;
	if (sieve_regex_char(span_skip(s->text, s->at), &s->here) == 0)
		s->here = NONE;
	s->next.n = 0;
	for (size_t i = 0; i < done.n; i++) {
		struct thread *t = &done.list[i];

		s->work->done++;
		if ((s->found && t->slots[0] > s->best.slots[0]) ||
		    !takes(s->re, &s->re->program[t->at], c))
			continue;
		t->at++;
		add(s, &s->next, t);
	}
	s->now = s->next;
	s->next = done;
}

/* Pass over what no match begins with; false: the text is at its end. */
static bool
pass_over(struct search *s)
{
	size_t from = s->at;

	if (s->re->all)
		return true;
	while (s->at < s->text.n &&
	    !s->re->begins[(unsigned char)s->text.p[s->at]])
		s->at++;
	s->work->done += (s->at - from) / 8;
	if (s->at == from)
		return true;
	s->before = 0; /* nothing before a plain character asks for it */
	return s->at < s->text.n;
}

static void
search(struct search *s)
{
	size_t n;

	while (s->work->done <= s->work->most) {
		if (!s->found && s->now.n == 0 && !pass_over(s))
			return;
		n = sieve_regex_char(span_skip(s->text, s->at), &s->here);
		if (n == 0)
			s->here = NONE;
		if (!s->found)
			begin_here(s);
		if (n == 0 || s->now.n == 0)
			return;
		advance(s, n);
		if (s->now.n == 0 && s->found)
			return;
	}
}

bool
sieve_regex_find(const struct sieve_regex *re, struct span text,
    struct sieve_regex_work *work, struct sieve_regex_hit *hit)
{
	/* a field without text may have no place either */
	struct span in = text.p == NULL ? SPAN("") : text;
	struct search s = {
		.re = re, .text = in, .work = work, .before = NONE
	};
	size_t *where = mem_array(2 * re->n, sizeof(*where));
	struct thread *threads = mem_array(2 * re->n, sizeof(*threads));

	work->done += re->n; /* making the room above is work */
	s.now = (struct threads){ threads, 0, where };
	s.next = (struct threads){ threads + re->n, 0, where + re->n };
	search(&s);
	free(where);
	free(threads);
	free(s.stack);
	hit->count = re->groups;
	for (size_t i = 0; i < re->groups; i++) {
		ptrdiff_t from = s.best.slots[2 * i];
		ptrdiff_t to = s.best.slots[2 * i + 1];

		hit->groups[i] = s.found && from != UNSET && to != UNSET
		    ? span_of(in.p + from, (size_t)(to - from))
		    : span_of(NULL, 0);
	}
	return s.found && work->done <= work->most;
}

void
sieve_regex_quote(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\0' &&
		    strchr("\\^$.[]()|*+?{}", text.p[i]) != NULL)
			buf_add_byte(out, '\\');
		buf_add_byte(out, text.p[i]);
	}
}
