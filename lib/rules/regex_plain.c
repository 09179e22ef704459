/*
 * regex_plain.c - patterns of which nothing is left but rows of letters
 *
 * What most recipes that match look for, "^Subject:.*some words", takes no
 * automaton: a line has a match when the rows stand in it one behind the other,
 * each where it comes first.
 */

#include "rules/regex_need.h"

/* Behind the first row, in its line. */
static bool
rest_in_line(const struct regex_need *need, struct span line, size_t *end,
    uint64_t *steps)
{
	bool all = true;

	*end = 0;
	for (size_t i = 1; i < need->count && all; i++) {
		struct row_search s;
		size_t at = 0;

		row_search_begin(&s, &need->rows[i], span_skip(line, *end));
		all = row_search_next(&s, 0, &at);
		*steps += s.steps;
		*end += at + need->rows[i].n;
	}
	return all;
}

bool
regex_plain_find(const struct regex_need *need, struct span text, size_t *end,
    uint64_t *steps)
{
	struct row_search s;
	size_t from = 0, at, behind, line;
	bool found = false;

	row_search_begin(&s, &need->rows[0], text);
	while (!found && row_search_next(&s, from, &at)) {
		from = at + 1;
		if (need->line_start && at > 0 && text.p[at - 1] != '\n')
			continue;
		behind = at + need->rows[0].n;
		line = span_find(span_skip(text, behind), '\n');
		found = rest_in_line(
		    need, span_of(text.p + behind, line), end, steps);
		*end += behind;
		*steps += line;
		/* a later begin in that line leaves less behind it */
		from = behind + line;
	}
	*steps += s.steps;
	return found;
}
