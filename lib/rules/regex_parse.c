/*
 * regex_parse.c - from a pattern to nodes
 *
 * One pass over the pattern with a stack of open parentheses. Each fragment has
 * one node to enter by and one whose next is still open, so joining two is one
 * assignment; a pattern of n bytes gives at most a few n nodes.
 */

#include "rules/regex_nodes.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/table.h"

enum { NODES_MAX = 4 * REGEX_PATTERN_MAX };

struct fragment {
	uint32_t start, end;
};

/* What is known of one open parenthesis: the chain of alternatives that are
 * done, the sequence being read, and its last item, which an operator may still
 * take. */
struct level {
	struct fragment done, sequence, last;
	size_t begun, last_begun; /* the first node inside, and of last */
	uint32_t split; /* of the alternative before; its other is open */
	uint32_t mark; /* the alternative before ended in \/ : see hang() */
	bool has_done, has_sequence, has_last;
	bool has_empty; /* one alternative is nothing */
	bool last_repeated; /* the next operator is an ordinary byte */
};

struct parser {
	struct span rest;
	bool fold;
	struct regex_nodes *out;
	struct level *levels;
	size_t depth, room;
	uint32_t of_byte[256]; /* its set's number plus one */
	struct table *numbers; /* of other sets; made when there is one */
	bool unbalanced;
};

static uint32_t
node_add(struct regex_nodes *o, enum node_kind kind, uint32_t set)
{
	if (o->count == o->room) {
		o->room = o->room == 0 ? 64 : o->room * 2;
		o->nodes = mem_resize(o->nodes, o->room, sizeof(*o->nodes));
	}
	o->nodes[o->count] = (struct regex_node){
		.kind = kind, .set = set, .next = NODE_NONE, .other = NODE_NONE
	};
	return (uint32_t)o->count++;
}

static struct fragment
one_node(struct parser *p, enum node_kind kind)
{
	uint32_t n = node_add(p->out, kind, 0);

	return (struct fragment){ n, n };
}

static uint32_t
set_add(struct parser *p, const struct symbol_set *set)
{
	struct regex_nodes *o = p->out;

	if (o->set_count == o->set_room) {
		o->set_room = o->set_room == 0 ? 16 : o->set_room * 2;
		o->sets = mem_resize(o->sets, o->set_room, sizeof(*o->sets));
	}
	o->sets[o->set_count] = *set;
	return (uint32_t)o->set_count++;
}

/* Equal sets share a number; the table holds that number plus one. */
static uint32_t
set_number(struct parser *p, const struct symbol_set *set)
{
	struct span key = span_of((const char *)set, sizeof(*set));
	uintptr_t known;
	uint32_t number;

	if (p->numbers == NULL)
		p->numbers = table_new();
	known = (uintptr_t)table_get(p->numbers, key);
	if (known != 0)
		return (uint32_t)(known - 1);
	number = set_add(p, set);
	(void)table_put(p->numbers, key, (void *)((uintptr_t)number + 1));
	return number;
}

static struct fragment
set_node(struct parser *p, const struct symbol_set *set)
{
	uint32_t n = node_add(p->out, NODE_SET, set_number(p, set));

	return (struct fragment){ n, n };
}

/* A byte stands for its other case too, a newline for those at the edges. */
static void
set_add_byte(const struct parser *p, struct symbol_set *set, int c)
{
	symbol_add(set, (unsigned)c);
	if (c == '\n')
		symbol_add(set, SYMBOL_EDGE);
	if (p->fold && ascii_alpha(c))
		symbol_add(set, (unsigned)c ^ 0x20);
}

static struct fragment
byte_node(struct parser *p, int c)
{
	struct symbol_set set = { { 0 } };
	uint32_t *number;
	struct fragment f = one_node(p, NODE_SET);

	if (p->fold)
		c = ascii_lower(c);
	number = &p->of_byte[c];
	if (*number == 0) {
		set_add_byte(p, &set, c);
		*number = set_add(p, &set) + 1;
	}
	p->out->nodes[f.start].set = *number - 1;
	return f;
}

static struct fragment
any_node(struct parser *p)
{
	struct symbol_set set = { { 0 } };

	for (unsigned c = 0; c < 256; c++)
		if (c != '\n')
			symbol_add(&set, c);
	return set_node(p, &set);
}

/* \< and \> */
static struct fragment
word_edge_node(struct parser *p)
{
	struct symbol_set set = { { 0 } };

	for (int c = 0; c < 256; c++)
		if (!ascii_alnum(c) && c != '_')
			symbol_add(&set, (unsigned)c);
	symbol_add(&set, SYMBOL_EDGE);
	return set_node(p, &set);
}

/* ^^ */
static struct fragment
edge_node(struct parser *p)
{
	struct symbol_set set = { { 0 } };

	symbol_add(&set, SYMBOL_EDGE);
	return set_node(p, &set);
}

static int
next_byte(struct parser *p)
{
	int c = span_at(p->rest, 0);

	p->rest = span_skip(p->rest, 1);
	return c;
}

/* What stands between the ends of a range; where they are the wrong way round
 * that is nothing. */
static void
range_inside(const struct parser *p, struct symbol_set *set, int from, int to)
{
	for (int c = from + 1; c < to; c++)
		set_add_byte(p, set, c);
}

/* Behind '['. What ends without ']' is taken as far as it goes. The end of a
 * range may begin the next one. */
static struct fragment
class_node(struct parser *p)
{
	struct symbol_set set = { { 0 } };
	bool not = span_at(p->rest, 0) == '^';
	int c, before = -1;

	if (not )
		p->rest = span_skip(p->rest, 1);
	for (size_t i = 0; (c = next_byte(p)) != -1; i++) {
		int to = span_at(p->rest, 0);

		if (c == ']' && i > 0)
			break;
		if (c == '-' && before != -1 && to != ']' && to != -1) {
			range_inside(p, &set, before, to);
			c = next_byte(p);
		}
		set_add_byte(p, &set, c);
		before = c;
	}
	if (not ) {
		for (size_t i = 0; i < sizeof(set.bits) / sizeof(*set.bits);
		     i++)
			set.bits[i] = ~set.bits[i];
		set.bits['\n' / 64] &= ~((uint64_t)1 << ('\n' % 64));
		set.bits[SYMBOL_EDGE / 64] = 0;
	}
	return set_node(p, &set);
}

static void
join(struct regex_nodes *o, struct fragment *a, struct fragment b)
{
	o->nodes[a->end].next = b.start;
	a->end = b.end;
}

/* The last item can take no operator any more. */
static void
settle(struct parser *p, struct level *l)
{
	if (!l->has_last)
		return;
	if (l->has_sequence)
		join(p->out, &l->sequence, l->last);
	else
		l->sequence = l->last;
	l->has_sequence = true;
	l->has_last = l->last_repeated = false;
}

/* All nodes from begun on may be passed by. */
static void
unsure(struct parser *p, size_t begun)
{
	struct regex_nodes *o = p->out;

	if (o->count <= REGEX_SURE_NODES)
		for (size_t i = begun; i < o->count; i++)
			o->nodes[i].maybe = true;
}

/* Its nodes are those from begun on. */
static void
item_of(struct parser *p, struct fragment f, size_t begun)
{
	struct level *l = &p->levels[p->depth - 1];

	settle(p, l);
	l->last = f;
	l->last_begun = begun;
	l->has_last = true;
}

static void
item(struct parser *p, struct fragment one)
{
	item_of(p, one, one.start);
}

/* One more alternative at the end of the chain. As in procmail, \/ as the last
 * thing before a '|' goes on with what is behind the '|'. */
static void
hang(struct parser *p, struct level *l, struct fragment f)
{
	struct regex_nodes *o = p->out;

	if (!l->has_done)
		l->done =
		    (struct fragment){ f.start, node_add(o, NODE_JUMP, 0) };
	else
		o->nodes[l->split].other = f.start;
	if (l->mark != NODE_NONE)
		o->nodes[l->mark].next = f.start;
	l->has_done = true;
}

/* Behind '|'. */
static void
alternative(struct parser *p, struct level *l)
{
	struct regex_nodes *o = p->out;
	struct fragment f;

	settle(p, l);
	if (!l->has_sequence) { /* it comes last, so that all others are tried
				 */
		l->has_empty = true;
		return;
	}
	f = (struct fragment){ node_add(o, NODE_SPLIT, 0), l->sequence.end };
	o->nodes[f.start].next = l->sequence.start;
	hang(p, l, f);
	l->split = f.start;
	l->mark = NODE_NONE;
	if (o->nodes[f.end].kind == NODE_MARK)
		l->mark = f.end;
	else
		o->nodes[f.end].next = l->done.end;
	l->has_sequence = false;
}

/* At the end of a parenthesis. */
static struct fragment
last_alternative(struct parser *p, struct level *l)
{
	struct regex_nodes *o = p->out;

	settle(p, l);
	if (l->has_done || l->has_empty)
		unsure(p, l->begun);
	else
		return l->has_sequence ? l->sequence : one_node(p, NODE_JUMP);
	if (l->has_sequence && l->has_empty)
		alternative(p, l);
	if (!l->has_sequence)
		l->sequence = one_node(p, NODE_JUMP);
	hang(p, l, l->sequence);
	o->nodes[l->sequence.end].next = l->done.end;
	return l->done;
}

static void
open_level(struct parser *p)
{
	if (p->depth == p->room) {
		p->room = p->room == 0 ? 8 : p->room * 2;
		p->levels = mem_resize(p->levels, p->room, sizeof(*p->levels));
	}
	p->levels[p->depth++] =
	    (struct level){ .mark = NODE_NONE, .begun = p->out->count };
}

static struct fragment
close_level(struct parser *p)
{
	return last_alternative(p, &p->levels[--p->depth]);
}

/* What is tried first counts where \/ stands behind: see regex.c. */
static struct fragment
repeat(struct parser *p, struct fragment x, int operator)
{
	struct regex_nodes *o = p->out;
	uint32_t split = node_add(o, NODE_SPLIT, 0), end;

	if (operator== '+') {
		o->nodes[split].other = x.start;
		join(o, &x, (struct fragment){ split, split });
		return x;
	}
	end = node_add(o, NODE_JUMP, 0);
	o->nodes[split].next = x.start;
	o->nodes[split].other = end;
	o->nodes[x.end].next = operator== '*' ? split : end;
	return (struct fragment){ split, end };
}

static void
operator_or_byte(struct parser *p, int c)
{
	struct level *l = &p->levels[p->depth - 1];

	if (!l->has_last || l->last_repeated) {
		item(p, byte_node(p, c));
		return;
	}
	if (c != '+')
		unsure(p, l->last_begun);
	l->last = repeat(p, l->last, c);
	l->last_repeated = true;
}

static struct fragment
escaped(struct parser *p)
{
	int c = next_byte(p);

	if (c == '<' || c == '>')
		return word_edge_node(p);
	if (c == '/') {
		p->out->splits = true;
		return one_node(p, NODE_MARK);
	}
	return byte_node(p, c == -1 ? '\\' : c);
}

static struct fragment
circumflex(struct parser *p)
{
	if (span_at(p->rest, 0) != '^')
		return byte_node(p, '\n');
	p->rest = span_skip(p->rest, 1);
	return edge_node(p);
}

static void
close_group(struct parser *p)
{
	size_t begun = p->levels[p->depth - 1].begun;

	item_of(p, close_level(p), begun);
}

static void
parenthesis(struct parser *p, int c)
{
	if (c == '(') {
		open_level(p);
	} else if (p->depth > 1) {
		close_group(p);
	} else { /* what stands behind one too many is not looked at */
		p->unbalanced = true;
		p->rest.n = 0;
	}
}

static void
parse_one(struct parser *p)
{
	int c = next_byte(p);

	switch (c) {
	case '(':
	case ')':
		parenthesis(p, c);
		break;
	case '|':
		alternative(p, &p->levels[p->depth - 1]);
		break;
	case '*':
	case '+':
	case '?':
		operator_or_byte(p, c);
		break;
	case '[':
		item(p, class_node(p));
		break;
	case '.':
		item(p, any_node(p));
		break;
	case '^':
		item(p, circumflex(p));
		break;
	case '$':
		item(p, byte_node(p, '\n'));
		break;
	case '\\':
		item(p, escaped(p));
		break;
	default:
		item(p, byte_node(p, c));
	}
}

enum regex_error
regex_parse(struct span pattern, bool fold, struct regex_nodes *out)
{
	struct parser p = { .rest = pattern, .fold = fold, .out = out };
	struct fragment all;

	if (pattern.n > REGEX_PATTERN_MAX)
		return REGEX_TOO_LARGE;
	open_level(&p);
	while (p.rest.n > 0 && out->count < NODES_MAX)
		parse_one(&p);
	p.unbalanced = p.unbalanced || p.depth > 1;
	while (p.depth > 1)
		close_group(&p);
	all = close_level(&p);
	free(p.levels);
	table_free(&p.numbers, NULL);
	out->start = all.start;
	out->nodes[all.end].next = node_add(out, NODE_ACCEPT, 0);
	if (out->count >= NODES_MAX)
		return REGEX_TOO_LARGE;
	return p.unbalanced ? REGEX_UNBALANCED : REGEX_FINE;
}

void
regex_nodes_free(struct regex_nodes *n)
{
	mem_free(&n->nodes);
	mem_free(&n->sets);
}
