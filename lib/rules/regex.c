/*
 * regex.c - searching a text
 *
 * The states of the nodes are followed all at once, so no pattern makes the
 * search go back. Sets of states that occurred are kept with what each class of
 * symbols leads to (a deterministic automaton made on demand); when they fill
 * their room all are dropped and it begins anew, which costs at most a step of
 * the plain simulation for each byte. Where \/ stands in the pattern and there
 * is a match, a second pass carries the place of \/ along with each state.
 *
 * What procmail does with a + before \/ is part of the language, rc files have
 * it: in "x +\/[^ ]*" MATCH begins behind the first blank, and takes in those
 * that + would take as well. So in the second pass the ways from one node are
 * gone in a fixed order, and those that come behind the one by which \/ and the
 * end were reached lie behind \/ too.
 */

#include "rules/regex.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/table.h"
#include "rules/grams.h"
#include "rules/regex_need.h"
#include "rules/regex_nodes.h"

/* Patterns up to here cannot be too large, whatever stands in them. */
enum { LATER_MAX = 8192 };

/* A set of nodes that consume. to[class] is NULL while unknown. */
struct state {
	bool accepts;
	size_t count;
	const uint32_t *nodes; /* ascending */
	struct state **to;
};

/* Nodes reached at one place of the text, in the order they were found. */
struct reached {
	uint32_t *nodes;
	size_t *from; /* second pass: where MATCH began */
	size_t count;
	bool accepts;
	size_t accept_from;
};

struct regex {
	char *pattern; /* until the nodes are made, which is when a text has all
			* that is needed */
	size_t pattern_n;
	bool fold;
	bool parsed;
	struct regex_need need;
	struct regex_nodes n;
	uint16_t *class_of; /* [SYMBOLS] */
	size_t classes;
	uint8_t *set_has; /* [set * classes + class] */
	struct table *states;
	size_t states_bytes;
	unsigned drops; /* how often all states were dropped */
	struct state *start;
	uint32_t *seen; /* by node: the round it was reached in */
	uint32_t round;
	uint32_t *stack;
	struct reached now, next; /* second pass: behind \/ */
	struct reached before, before_next; /* second pass: before it */
	struct reached again; /* second pass: nodes behind one more \/ */
	size_t place; /* of the second pass */
	bool accepted; /* second pass: the end was reached */
	bool compiled; /* what follows the nodes is made for the first search
			* of a text that may match */
	uint64_t steps;
};

/* ---- classes of symbols that no set tells apart */

enum { SET_WORDS = (SYMBOLS + 63) / 64 };

/* The lowest symbol of what is left of a word of a set. */
static unsigned
symbol_of(unsigned word, uint64_t bits)
{
	return word * 64 + (unsigned)__builtin_ctzll(bits);
}

/* Symbols of the set leave their class for a new one when others of the class
 * stay behind. */
static void
classes_split(struct regex *re, size_t *in_class, const struct symbol_set *set)
{
	uint16_t with[SYMBOLS];
	size_t inside[SYMBOLS], count = re->classes;

	memset(with, 0, sizeof(with));
	memset(inside, 0, count * sizeof(*inside));
	for (unsigned w = 0; w < SET_WORDS; w++)
		for (uint64_t b = set->bits[w]; b != 0; b &= b - 1)
			inside[re->class_of[symbol_of(w, b)]]++;
	for (size_t c = 0; c < count; c++) {
		with[c] = (uint16_t)c;
		if (inside[c] == 0 || inside[c] == in_class[c])
			continue;
		in_class[c] -= inside[c];
		in_class[re->classes] = inside[c];
		with[c] = (uint16_t)re->classes++;
	}
	for (unsigned w = 0; w < SET_WORDS; w++)
		for (uint64_t b = set->bits[w]; b != 0; b &= b - 1) {
			uint16_t *class = &re->class_of[symbol_of(w, b)];

			*class = with[*class];
		}
}

static void
classes_make(struct regex *re)
{
	size_t in_class[SYMBOLS] = { SYMBOLS };
	uint16_t one_of[SYMBOLS];

	re->classes = 1;
	re->class_of = mem_array(SYMBOLS, sizeof(*re->class_of));
	for (size_t i = 0; i < re->n.set_count && re->classes < SYMBOLS; i++)
		classes_split(re, in_class, &re->n.sets[i]);
	for (unsigned s = 0; s < SYMBOLS; s++)
		one_of[re->class_of[s]] = (uint16_t)s;
	re->set_has = mem_array(re->n.set_count + 1, re->classes);
	for (size_t i = 0; i < re->n.set_count; i++)
		for (size_t c = 0; c < re->classes; c++)
			re->set_has[i * re->classes + c] =
			    symbol_in(&re->n.sets[i], one_of[c]);
}

/* ---- what is reached without consuming */

static void
reached_init(struct reached *r, size_t nodes)
{
	r->nodes = mem_array(nodes + 1, sizeof(*r->nodes));
	r->from = mem_array(nodes + 1, sizeof(*r->from));
}

static void
reached_free(struct reached *r)
{
	mem_free(&r->nodes);
	mem_free(&r->from);
}

static void
round_begin(struct regex *re, struct reached *r)
{
	r->count = 0;
	r->accepts = false;
	if (++re->round == 0) {
		memset(re->seen, 0, 2 * re->n.count * sizeof(*re->seen));
		re->round = 1;
	}
}

static void
push(struct regex *re, size_t *depth, uint32_t node)
{
	if (node == NODE_NONE || re->seen[node] == re->round)
		return;
	re->seen[node] = re->round;
	re->stack[(*depth)++] = node;
}

static void
reach(struct regex *re, struct reached *to, uint32_t node)
{
	size_t depth = 0;

	push(re, &depth, node);
	while (depth > 0) {
		uint32_t at = re->stack[--depth];
		const struct regex_node *n = &re->n.nodes[at];

		re->steps++;
		if (n->kind == NODE_SET) {
			to->nodes[to->count++] = at;
		} else if (n->kind == NODE_ACCEPT) {
			to->accepts = true;
		} else {
			push(re, &depth, n->other);
			push(re, &depth, n->next);
		}
	}
}

/* ---- first pass: the automaton */

static void
state_free(void *p)
{
	free(p);
}

static void
states_drop(struct regex *re)
{
	table_free(&re->states, state_free);
	re->states = table_new();
	re->states_bytes = 0;
	re->drops++;
	re->start = NULL;
}

static int
node_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The state of what was reached: known, or made. Making one may drop all
 * others. */
static struct state *
state_of(struct regex *re, struct reached *r)
{
	size_t bytes = sizeof(struct state) +
	    re->classes * sizeof(struct state *) +
	    2 * r->count * sizeof(*r->nodes);
	struct span key;
	struct state *s;
	uint32_t *copy;

	qsort(r->nodes, r->count, sizeof(*r->nodes), node_cmp);
	re->steps += r->count;
	/* Behind the nodes there is room: the set ends with its verdict. */
	r->nodes[r->count] = r->accepts;
	key =
	    span_of((const char *)r->nodes, (r->count + 1) * sizeof(*r->nodes));
	s = table_get(re->states, key);
	if (s != NULL)
		return s;
	if (re->states_bytes + bytes > REGEX_CACHE_BYTES)
		states_drop(re);
	re->states_bytes += bytes;
	s = mem_new(bytes);
	s->to = (struct state **)(void *)(s + 1);
	copy = (uint32_t *)(void *)(s->to + re->classes);
	if (r->count > 0)
		memcpy(copy, r->nodes, r->count * sizeof(*copy));
	s->nodes = copy;
	s->count = r->count;
	s->accepts = r->accepts;
	(void)table_put(re->states, key, s);
	return s;
}

/* At every place a match may begin too. */
static struct state *
state_start(struct regex *re)
{
	if (re->start == NULL) {
		round_begin(re, &re->now);
		reach(re, &re->now, re->n.start);
		re->start = state_of(re, &re->now);
	}
	return re->start;
}

static bool
consumes(struct regex *re, uint32_t node, size_t class)
{
	re->steps++;
	return re->set_has[re->n.nodes[node].set * re->classes + class] != 0;
}

static struct state *
state_step(struct regex *re, struct state *s, unsigned symbol)
{
	size_t class = re->class_of[symbol];
	struct state *to = s->to[class];
	unsigned drops = re->drops;

	re->steps++;
	if (to != NULL)
		return to;
	round_begin(re, &re->now);
	for (size_t i = 0; i < s->count; i++)
		if (consumes(re, s->nodes[i], class))
			reach(re, &re->now, re->n.nodes[s->nodes[i]].next);
	reach(re, &re->now, re->n.start);
	to = state_of(re, &re->now);
	if (re->drops == drops) /* else s is gone */
		s->to[class] = to;
	return to;
}

/* A text with its two edges: place 0 is before the first edge, place 1 before
 * the first byte, and so on. */
static unsigned
symbol_at(struct span text, size_t place)
{
	return place == 0 || place > text.n ? SYMBOL_EDGE
					    : (unsigned char)text.p[place - 1];
}

/* Through the text as far as states are known; between its edges. */
static struct state *
follow(struct regex *re, struct state *s, struct span text, size_t *place)
{
	const unsigned char *p = (const unsigned char *)text.p;
	const uint16_t *class_of = re->class_of;
	size_t at = *place;

	while (at > 0 && at <= text.n && !s->accepts) {
		struct state *to = s->to[class_of[p[at - 1]]];

		if (to == NULL)
			break;
		s = to;
		at++;
	}
	re->steps += at - *place;
	*place = at;
	return s;
}

static bool
first_end(struct regex *re, struct span text, size_t place, size_t *end)
{
	struct state *s = state_start(re);

	for (;;) {
		s = follow(re, s, text, &place);
		if (s->accepts)
			break;
		if (place > text.n + 1)
			return false;
		s = state_step(re, s, symbol_at(text, place++));
	}
	*end = place;
	return true;
}

/* The nodes; and where the pattern's text did not tell what it needs, they may.
 */
static void
parse(struct regex *re)
{
	if (re->parsed)
		return;
	re->parsed = true;
	(void)regex_parse(
	    span_of(re->pattern, re->pattern_n), re->fold, &re->n);
	mem_free(&re->pattern);
	if (re->need.count == 0)
		regex_need_find(&re->n, &re->need);
}

/* A text without what every match has is not gone through. Where there is a
 * match it ends behind the rows that are found here: so no byte is looked at
 * more often by this than by the search. */
static bool
is_hopeless(struct regex *re, struct span rest)
{
	if (re->need.count == 0)
		parse(re);
	return !regex_need_in(&re->need, rest, &re->steps);
}

/* ---- second pass: where MATCH begins and how far it goes */

struct pass {
	bool accepted;
	size_t from, end; /* of MATCH */
	size_t place;
};

static void
reached_swap(struct reached *a, struct reached *b)
{
	struct reached c = *a;

	*a = *b;
	*b = c;
}

/* A node of the second pass: with BEHIND, and so seen for itself, once \/ has
 * been passed. */
#define BEHIND ((uint32_t)1 << 31)

static void
pass_push(struct regex *re, size_t *depth, uint32_t node, uint32_t behind)
{
	size_t at;

	if (node == NODE_NONE)
		return;
	at = node + (behind != 0 ? re->n.count : 0);
	if (re->seen[at] == re->round)
		return;
	re->seen[at] = re->round;
	re->stack[(*depth)++] = node | behind;
}

/* All that is reached from a node. from: where MATCH began, or for what stands
 * before \/ where it would begin if \/ came now. */
static void
pass_reach(struct regex *re, uint32_t node, uint32_t behind, size_t from)
{
	size_t depth = 0;

	pass_push(re, &depth, node, behind);
	while (depth > 0) {
		uint32_t at = re->stack[--depth];
		uint32_t side = at & BEHIND;
		const struct regex_node *n = &re->n.nodes[at & ~BEHIND];
		struct reached *to = side != 0 ? &re->next : &re->before_next;

		re->steps++;
		if (side < behind) { /* \/ and the end came meanwhile */
			pass_push(re, &depth, at, BEHIND);
		} else if (n->kind == NODE_SET) {
			to->from[to->count] = from;
			to->nodes[to->count++] = at & ~BEHIND;
		} else if (n->kind == NODE_ACCEPT) {
			to->accepts = true;
			to->accept_from = from;
			behind = side;
		} else if (n->kind == NODE_MARK && from < re->place &&
		    !re->accepted) {
			re->again.nodes[re->again.count++] = n->next;
		} else if (n->kind == NODE_MARK) {
			pass_push(re, &depth, n->next, BEHIND);
		} else {
			pass_push(re, &depth, n->other, side);
			pass_push(re, &depth, n->next, side);
		}
	}
}

/* One symbol for the nodes behind \/ (in now), which stand in ascending order
 * of where their MATCH began, so that each keeps the first such place; then for
 * those before it. With start, a match may begin here too. Of several \/ the
 * last one counts. */
static void
pass_step(struct regex *re, size_t class, bool start, size_t place)
{
	round_begin(re, &re->next);
	re->place = place;
	re->again.count = re->before_next.count = 0;
	re->before_next.accepts = false;
	for (size_t i = 0; i < re->now.count; i++)
		if (consumes(re, re->now.nodes[i], class))
			pass_reach(re, re->n.nodes[re->now.nodes[i]].next,
			    BEHIND, re->now.from[i]);
	for (size_t i = 0; i < re->before.count; i++)
		if (consumes(re, re->before.nodes[i], class))
			pass_reach(re, re->n.nodes[re->before.nodes[i]].next, 0,
			    place);
	if (start)
		pass_reach(re, re->n.start, 0, place);
	for (size_t i = 0; i < re->again.count; i++)
		pass_reach(re, re->again.nodes[i], BEHIND, place);
	reached_swap(&re->now, &re->next);
	reached_swap(&re->before, &re->before_next);
}

static void
pass_accept(struct regex *re, struct pass *p)
{
	size_t keep = 0;

	if (!p->accepted || re->now.accept_from < p->from) {
		p->from = re->now.accept_from;
		p->end = p->place;
	} else if (re->now.accept_from == p->from) {
		p->end = p->place;
	}
	p->accepted = re->accepted = true;
	re->before.count = 0;
	/* A MATCH that began later is of no use any more. */
	while (keep < re->now.count && re->now.from[keep] <= p->from)
		keep++;
	re->now.count = keep;
}

/* From place on, where a match is known to lie ahead. False when what matches
 * first did not go through \/. */
static bool
pass_run(struct regex *re, struct span text, size_t place, struct pass *p)
{
	*p = (struct pass){ .place = place };
	re->before.count = re->now.count = 0;
	re->accepted = false;
	pass_step(re, 0, true, place);
	for (;;) {
		if (re->now.accepts)
			pass_accept(re, p);
		else if (re->before.accepts && !p->accepted)
			return false;
		if (p->place > text.n + 1 ||
		    (p->accepted && re->now.count == 0))
			break;
		pass_step(re, re->class_of[symbol_at(text, p->place)],
		    !p->accepted, p->place + 1);
		p->place++;
	}
	return p->accepted;
}

static size_t
byte_of(struct span text, size_t place)
{
	size_t byte = place == 0 ? 0 : place - 1;

	return byte < text.n ? byte : text.n;
}

/* What comes after a match between two places. A newline that ended it is left
 * for the next one; behind a last line without newline there is one that has
 * two sides, as in a text of its own. */
static void
hit_end(struct span text, size_t begin, size_t end, struct regex_hit *hit)
{
	hit->end = byte_of(text, end);
	hit->next = end;
	if (end > 0 && symbol_at(text, end - 1) == '\n')
		hit->next = end - 1;
	else if (end == text.n + 1)
		hit->next = REGEX_LAST_EDGES;
	hit->empty = hit->next <= begin || (begin == 0 && end == 1);
}

/* Most patterns of an rc file need bytes that a message does not have, and are
 * never more than nodes. */
static void
compile(struct regex *re)
{
	size_t count;

	if (re->compiled)
		return;
	parse(re);
	re->compiled = true;
	count = re->n.count;
	classes_make(re);
	re->states = table_new();
	re->seen = mem_array(2 * count, sizeof(*re->seen));
	re->stack = mem_array(2 * count, sizeof(*re->stack));
	reached_init(&re->now, count);
	if (re->n.splits) {
		reached_init(&re->next, count);
		reached_init(&re->before, count);
		reached_init(&re->before_next, count);
		reached_init(&re->again, count);
	}
}

/* A pattern of rows and .* alone, in a text of which nothing was searched. */
static bool
find_plain(struct regex *re, struct span text, struct regex_hit *hit)
{
	size_t end;

	if (!regex_plain_find(&re->need, text, &end, &re->steps))
		return false;
	*hit = (struct regex_hit){ .looked = end };
	hit_end(text, 0, end + 1, hit);
	return true;
}

static bool
find(struct regex *re, struct span text, size_t begin, bool longest,
    struct regex_hit *hit)
{
	size_t end;
	struct pass p;

	if (re->need.plain && begin == 0)
		return find_plain(re, text, hit);
	if (is_hopeless(re, span_skip(text, byte_of(text, begin))))
		return false;
	compile(re);
	if (!first_end(re, text, begin, &end))
		return false;
	*hit = (struct regex_hit){ .looked = byte_of(text, end) };
	hit_end(text, begin, end, hit);
	if (!longest || !re->n.splits || !pass_run(re, text, begin, &p))
		return true;
	hit->split = true;
	hit->match = span_between(
	    text.p + byte_of(text, p.from), text.p + byte_of(text, p.end));
	hit->looked = byte_of(text, p.place);
	hit_end(text, begin, p.end, hit);
	return true;
}

bool
regex_find(struct regex *re, struct span text, size_t from, bool longest,
    struct regex_hit *hit)
{
	if (from != REGEX_LAST_EDGES)
		return find(re, text, from, longest, hit);
	if (!find(re, span_skip(text, text.n), 0, longest, hit))
		return false;
	hit->end = hit->looked = text.n;
	hit->next = text.n + 2;
	return true;
}

bool
regex_may_find(const struct regex *re, const struct grams *g)
{
	bool may = true;

	for (size_t i = 0; i < re->need.count && may; i++) {
		const struct regex_row *row = &re->need.rows[i];

		may =
		    grams_may_have(g, span_of((const char *)row->high, row->n));
	}
	return may;
}

/* ---- making and ending */

struct regex *
regex_new(struct span pattern, bool fold, enum regex_error *error)
{
	struct regex *re = mem_new(sizeof(*re));

	*error = REGEX_FINE;
	re->fold = fold;
	if (pattern.n <= LATER_MAX &&
	    regex_need_scan(pattern, fold, &re->need)) {
		re->pattern = mem_span(pattern);
		re->pattern_n = pattern.n;
		return re;
	}
	re->parsed = true;
	*error = regex_parse(pattern, fold, &re->n);
	if (*error == REGEX_TOO_LARGE)
		regex_free(&re);
	else {
		re->need.plain = false;
		regex_need_find(&re->n, &re->need);
	}
	return re;
}

void
regex_free(struct regex **re)
{
	struct regex *r = *re;

	if (r == NULL)
		return;
	free(r->pattern);
	regex_nodes_free(&r->n);
	table_free(&r->states, state_free);
	free(r->class_of);
	free(r->set_has);
	free(r->seen);
	free(r->stack);
	reached_free(&r->now);
	reached_free(&r->next);
	reached_free(&r->before);
	reached_free(&r->before_next);
	reached_free(&r->again);
	mem_free(re);
}

uint64_t
regex_steps(const struct regex *re)
{
	return re->steps;
}
