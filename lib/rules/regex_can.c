/*
 * regex_can.c - can a regex match at all?
 *
 * The nodes are walked once for each thing that may be true of the text so far:
 * it has not begun, it goes on, a newline was the last byte, it has ended. What
 * cannot be reached so is no match of any text.
 */

#include "rules/regex.h"

#include <stdlib.h>

#include "base/mem.h"
#include "rules/regex_nodes.h"

enum place { BEFORE, INSIDE, BEHIND_NEWLINE, AFTER, PLACES };

struct walk {
	const struct regex_nodes *n;
	bool joined;
	bool *seen; /* [node * PLACES + place] */
	size_t *left; /* of seen, still to be looked at */
	size_t count;
	bool accepts;
};

static void
reach(struct walk *w, uint32_t node, enum place place)
{
	size_t i = (size_t)node * PLACES + place;

	if (node == NODE_NONE || w->seen[i])
		return;
	w->seen[i] = true;
	w->left[w->count++] = i;
}

static bool
has_other(const struct symbol_set *s)
{
	for (unsigned c = 0; c < 256; c++)
		if (c != '\n' && !ascii_blank((int)c) && symbol_in(s, c))
			return true;
	return false;
}

/* A set that consumes one symbol at that place. */
static void
consume(struct walk *w, const struct regex_node *node, enum place place)
{
	const struct symbol_set *s = &w->n->sets[node->set];
	bool blank = symbol_in(s, ' ') || symbol_in(s, '\t');

	if (place == BEFORE || place == AFTER) {
		if (place == BEFORE && symbol_in(s, SYMBOL_EDGE))
			reach(w, node->next, INSIDE);
		return;
	}
	if (symbol_in(s, SYMBOL_EDGE))
		reach(w, node->next, AFTER);
	if (symbol_in(s, '\n'))
		reach(w, node->next, BEHIND_NEWLINE);
	if (has_other(s) || (blank && !(w->joined && place == BEHIND_NEWLINE)))
		reach(w, node->next, INSIDE);
}

static void
look(struct walk *w, size_t i)
{
	const struct regex_node *node = &w->n->nodes[i / PLACES];
	enum place place = (enum place)(i % PLACES);

	switch (node->kind) {
	case NODE_SET:
		consume(w, node, place);
		break;
	case NODE_SPLIT:
		reach(w, node->other, place);
		reach(w, node->next, place);
		break;
	case NODE_JUMP:
	case NODE_MARK:
		reach(w, node->next, place);
		break;
	case NODE_ACCEPT:
		w->accepts = true;
		break;
	}
}

static bool
walk(const struct regex_nodes *n, bool joined)
{
	struct walk w = { .n = n, .joined = joined };

	w.seen = mem_array(n->count, PLACES * sizeof(*w.seen));
	w.left = mem_array(n->count, PLACES * sizeof(*w.left));
	reach(&w, n->start, BEFORE);
	reach(&w, n->start, INSIDE);
	while (w.count > 0 && !w.accepts)
		look(&w, w.left[--w.count]);
	free(w.seen);
	free(w.left);
	return w.accepts;
}

bool
regex_can_match(struct span pattern, bool fold, bool joined)
{
	struct regex_nodes n = { .count = 0 };
	bool can =
	    regex_parse(pattern, fold, &n) != REGEX_FINE || walk(&n, joined);

	regex_nodes_free(&n);
	return can;
}
