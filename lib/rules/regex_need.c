/*
 * regex_need.c - bytes without which a pattern matches nothing
 *
 * A node is needed when no way leads to the end without it, which the parser
 * knows. What follows a node that consumes one letter, by the only way out of
 * it, is needed with it. A text that lacks the row is told apart by memchr,
 * many bytes a step, where the automaton takes one; most patterns of an rc file
 * are told apart so from most messages, and their automata are never made.
 */

#include "rules/regex_need.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rules/regex_nodes.h"

/* The one byte of a set, or the two cases of a letter. False: it has others. */
static bool
set_letter(const struct symbol_set *s, unsigned char *low, unsigned char *high)
{
	unsigned count = 0, found[2] = { 0 };

	if (symbol_in(s, SYMBOL_EDGE))
		return false;
	for (unsigned i = 0; i < 4; i++)
		for (uint64_t b = s->bits[i]; b != 0; b &= b - 1) {
			if (count == 2)
				return false;
			found[count++] = i * 64 + (unsigned)__builtin_ctzll(b);
		}
	if (count == 0 ||
	    (count == 2 && ascii_lower((int)found[0]) != (int)found[1]))
		return false;
	*low = (unsigned char)found[0];
	*high = (unsigned char)found[count - 1];
	return true;
}

/* ---- the longest row */

/* From a node on, as long as there is one way and one letter. What it goes
 * through begins no longer one. */
static void
chain(const struct regex_nodes *n, uint32_t at, bool *inside,
    struct regex_row *out)
{
	size_t steps = 0;

	out->n = 0;
	while (at != NODE_NONE && out->n < REGEX_ROW_MAX &&
	    steps++ < REGEX_SURE_NODES) {
		const struct regex_node *node = &n->nodes[at];

		if (node->kind == NODE_SPLIT || node->kind == NODE_ACCEPT)
			break;
		if (node->kind == NODE_SET) {
			if (!set_letter(&n->sets[node->set], &out->low[out->n],
				&out->high[out->n]))
				break;
			out->n++;
		}
		inside[at] = true;
		at = node->next;
	}
}

void
regex_need_find(const struct regex_nodes *n, struct regex_need *out)
{
	bool inside[REGEX_SURE_NODES] = { false };
	struct regex_row one;

	out->count = 0;
	if (n->count > REGEX_SURE_NODES)
		return;
	for (uint32_t i = 0; i < n->count; i++) {
		if (n->nodes[i].kind != NODE_SET || n->nodes[i].maybe ||
		    inside[i])
			continue;
		chain(n, i, inside, &one);
		if (one.n > (out->count == 0 ? 0 : out->rows[0].n)) {
			out->rows[0] = one;
			out->count = 1;
		}
	}
}

/* ---- looking for it */

/* How rare letters are in text; others are rarer. */
static const unsigned char ranks[UCHAR_MAX + 1] = { [' '] = 1,
	['e'] = 2,
	['t'] = 3,
	['a'] = 4,
	['o'] = 5,
	['i'] = 6,
	['n'] = 7,
	['s'] = 8,
	['r'] = 9,
	['h'] = 10,
	['l'] = 11,
	['d'] = 12,
	['c'] = 13,
	['u'] = 14,
	['m'] = 15,
	['f'] = 16,
	['p'] = 17,
	['g'] = 18,
	['w'] = 19,
	['y'] = 20,
	['b'] = 21,
	['v'] = 22,
	['k'] = 23 };

static unsigned
rarity(unsigned char c)
{
	return ranks[c] == 0 ? UCHAR_MAX : ranks[c];
}

/* The letter to look for first. */
static size_t
rarest(const struct regex_row *row)
{
	size_t best = 0;

	for (size_t i = 1; i < row->n; i++)
		if (rarity(row->high[i]) > rarity(row->high[best]))
			best = i;
	return best;
}

static bool
stands_at(const struct regex_row *row, const char *p)
{
	for (size_t i = 0; i < row->n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c != row->low[i] && c != row->high[i])
			return false;
	}
	return true;
}

/* c from at on, or the end. */
static const char *
next_of(struct row_search *s, unsigned char c, const char *at, const char *end)
{
	const char *got = at == end ? NULL : memchr(at, c, (size_t)(end - at));

	if (got == NULL)
		got = end;
	s->steps += (uint64_t)(got - at);
	return got;
}

void
row_search_begin(
    struct row_search *s, const struct regex_row *row, struct span text)
{
	*s = (struct row_search){ .row = row,
		.text = text,
		.first = rarest(row),
		.low = text.p,
		.high = text.p };
}

bool
row_search_next(struct row_search *s, size_t from, size_t *at)
{
	const struct regex_row *row = s->row;
	unsigned char low = row->low[s->first], high = row->high[s->first];
	const char *begin, *end;

	if (from > s->text.n || s->text.n - from < row->n)
		return false;
	/* where the rarest byte may stand */
	begin = s->text.p + from + s->first;
	end = s->text.p + s->text.n - (row->n - 1 - s->first);
	if (s->low <= begin)
		s->low = next_of(s, low, begin, end);
	if (s->high <= begin)
		s->high = low == high ? end : next_of(s, high, begin, end);
	while (s->low < end || s->high < end) {
		bool lower = s->low < s->high;
		const char *here = lower ? s->low : s->high;

		s->steps += row->n;
		if (stands_at(row, here - s->first)) {
			*at = (size_t)(here - s->first - s->text.p);
			return true;
		}
		if (lower)
			s->low = next_of(s, low, here + 1, end);
		else
			s->high = next_of(s, high, here + 1, end);
	}
	return false;
}

bool
regex_need_in(const struct regex_need *need, struct span text, uint64_t *steps)
{
	bool all = true;

	for (size_t i = 0; i < need->count && all; i++) {
		struct row_search s;
		size_t at = 0;

		row_search_begin(&s, &need->rows[i], text);
		all = row_search_next(&s, 0, &at);
		*steps += s.steps;
		text = span_skip(text, at + need->rows[i].n);
	}
	return all;
}
