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

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rules/regex_nodes.h"

/* The one or two bytes of a set. False: it has others. */
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
	if (count == 0)
		return false;
	*low = (unsigned char)found[0];
	*high = (unsigned char)found[count - 1];
	return true;
}

/* ---- the longest row */

/* From a node on, as long as there is one way and one letter. */
static void
chain(const struct regex_nodes *n, uint32_t at, struct regex_need *out)
{
	size_t steps = 0;

	out->n = 0;
	while (at != NODE_NONE && out->n < REGEX_NEED_MAX &&
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
		at = node->next;
	}
}

/* The place in how often letters occur in text: large is rare. */
static size_t
rarity(unsigned char c)
{
	static const char common[] = " etaoinsrhldcumfpgwybvk";
	const char *at = c == '\0' ? NULL : strchr(common, c);

	return at == NULL ? sizeof(common) : (size_t)(at - common);
}

static void
find_rarest(struct regex_need *need)
{
	need->rarest = 0;
	for (size_t i = 1; i < need->n; i++)
		if (rarity(need->high[i]) > rarity(need->high[need->rarest]))
			need->rarest = i;
}

void
regex_need_find(const struct regex_nodes *n, struct regex_need *out)
{
	struct regex_need one;

	*out = (struct regex_need){ .n = 0 };
	if (n->count > REGEX_SURE_NODES)
		return;
	for (uint32_t i = 0; i < n->count; i++) {
		if (n->nodes[i].kind != NODE_SET || n->nodes[i].maybe)
			continue;
		chain(n, i, &one);
		if (one.n > out->n)
			*out = one;
	}
	find_rarest(out);
}

/* ---- looking for it */

static bool
stands_at(const struct regex_need *need, const char *p)
{
	for (size_t i = 0; i < need->n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c != need->low[i] && c != need->high[i])
			return false;
	}
	return true;
}

/* c from at on, or the end. */
static const char *
next_of(unsigned char c, const char *at, const char *end)
{
	const char *got = at == end ? NULL : memchr(at, c, (size_t)(end - at));

	return got == NULL ? end : got;
}

bool
regex_need_in(const struct regex_need *need, struct span text)
{
	unsigned char low = need->low[need->rarest];
	unsigned char high = need->high[need->rarest];
	const char *end, *a, *b;

	if (need->n == 0)
		return true;
	if (text.n < need->n)
		return false;
	/* where the rarest byte may stand */
	end = text.p + text.n - (need->n - 1 - need->rarest);
	a = next_of(low, text.p + need->rarest, end);
	b = low == high ? end : next_of(high, text.p + need->rarest, end);
	while (a < end || b < end) {
		const char *at = a < b ? a : b;

		if (stands_at(need, at - need->rarest))
			return true;
		if (at == a)
			a = next_of(low, at + 1, end);
		else
			b = next_of(high, at + 1, end);
	}
	return false;
}
