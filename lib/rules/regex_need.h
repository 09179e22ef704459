/* regex_need.h - bytes without which a pattern matches nothing */

#ifndef RULES_REGEX_NEED_H
#define RULES_REGEX_NEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct regex_nodes;

enum { REGEX_ROW_MAX = 32, REGEX_ROWS_MAX = 4 };

/* One or two values a byte may have: twice the same, or both cases. */
struct regex_row {
	size_t n;
	unsigned char low[REGEX_ROW_MAX], high[REGEX_ROW_MAX];
};

/* Rows that stand one behind the other in whatever matches; none: nothing is
 * known. */
struct regex_need {
	size_t count;
	struct regex_row rows[REGEX_ROWS_MAX];
	/* The pattern is these rows with .* between them and nothing else; the
	 * first may have to begin a line. */
	bool plain, line_start;
};

/* The rows that stand outside of all parentheses, the longest of them where
 * there are many, from the pattern's text alone. False: its parentheses do not
 * balance, which only the parser can say what to make of. */
bool regex_need_scan(struct span pattern, bool fold, struct regex_need *out);

/* The longest row of bytes that stands in whatever the nodes match; patterns
 * of many nodes are not looked through. */
void regex_need_find(const struct regex_nodes *n, struct regex_need *out);

/* Does text have the rows? Linear in it: a place costs REGEX_ROW_MAX looks at
 * most. */
bool
regex_need_in(const struct regex_need *need, struct span text, uint64_t *steps);
/* The end of the match of a plain pattern that ends first. Linear in text. */
bool regex_plain_find(const struct regex_need *need, struct span text,
    size_t *end, uint64_t *steps);

/* One row, again and again. */
struct row_search {
	const struct regex_row *row;
	struct span text;
	size_t first; /* the letter to look for */
	const char *low, *high; /* where it stands next, in either case */
	uint64_t steps;
};

void row_search_begin(
    struct row_search *s, const struct regex_row *row, struct span text);
/* Where it stands next, at from or behind. from must not go back. */
bool row_search_next(struct row_search *s, size_t from, size_t *at);

#endif
