/*
 * regex_scan.c - what a pattern needs, read from its text
 *
 * Most patterns of an rc file look for bytes that a message does not have. To
 * know that takes no nodes: a byte that stands outside of all parentheses, with
 * no ? or * behind it and no | beside it, is in each match. The grammar is that
 * of regex_parse.c, which is asked only when the rows found here are there.
 */

#include "rules/regex_need.h"

#include <string.h>

struct scan {
	struct span rest;
	bool fold;
	size_t depth;
	bool either; /* there is a | outside of parentheses: nothing is sure */
	bool has_last; /* an item that an operator may take, */
	bool last_letter; /* which is the last letter of row */
	bool last_repeated; /* it was taken: the next operator is a byte */
	bool dropped; /* there are more rows than are kept */
	bool other; /* there is more than rows, ^ at the front, and .* */
	struct regex_row row; /* being read */
	struct regex_need *out;
};

/* ---- rows */

static void
row_forget(struct regex_need *need)
{
	size_t least = 0;

	for (size_t i = 1; i < need->count; i++)
		if (need->rows[i].n < need->rows[least].n)
			least = i;
	need->count--;
	for (size_t i = least; i < need->count; i++)
		need->rows[i] = need->rows[i + 1];
}

static bool
is_shorter_than_all(const struct regex_row *row, const struct regex_need *need)
{
	for (size_t i = 0; i < need->count; i++)
		if (need->rows[i].n < row->n)
			return false;
	return true;
}

static void
row_end(struct scan *s)
{
	struct regex_need *need = s->out;

	if (s->row.n > 0 && need->count == REGEX_ROWS_MAX) {
		s->dropped = true;
		if (is_shorter_than_all(&s->row, need))
			s->row.n = 0;
		else
			row_forget(need);
	}
	if (s->row.n > 0)
		need->rows[need->count++] = s->row;
	s->row.n = 0;
}

/* ---- items */

/* Something that a row cannot go through. */
static void
item(struct scan *s)
{
	if (s->depth > 0)
		return;
	row_end(s);
	s->other = true;
	s->has_last = true;
	s->last_letter = s->last_repeated = false;
}

static void
letter(struct scan *s, int c)
{
	struct regex_row *row = &s->row;
	unsigned char low = (unsigned char)c;

	if (c == '\n') { /* the one before the text and behind it are others */
		item(s);
		return;
	}
	if (s->depth > 0)
		return;
	if (row->n == REGEX_ROW_MAX) {
		row_end(s);
		s->other = true;
	}
	if (s->fold && ascii_alpha(c))
		low &= (unsigned char)~0x20;
	row->low[row->n] = low;
	row->high[row->n++] = s->fold && ascii_alpha(c) ? low | 0x20 : low;
	s->has_last = s->last_letter = true;
	s->last_repeated = false;
}

static void
operator_or_letter(struct scan *s, int c)
{
	if (!s->has_last || s->last_repeated) {
		letter(s, c);
		return;
	}
	if (s->depth > 0)
		return;
	if (s->last_letter && c != '+')
		s->row.n--;
	row_end(s);
	s->other = true;
	s->last_letter = false;
	s->last_repeated = true;
}

static int
next_byte(struct scan *s)
{
	int c = span_at(s->rest, 0);

	s->rest = span_skip(s->rest, 1);
	return c;
}

/* Behind '[': the first byte ends nothing. */
static void class(struct scan *s)
{
	size_t n;

	if (span_at(s->rest, 0) == '^')
		(void)next_byte(s);
	(void)next_byte(s);
	n = span_find(s->rest, ']');
	s->rest = span_skip(s->rest, n + 1);
	item(s);
}

/* \/ consumes nothing: a row goes on behind it. */
static void
escaped(struct scan *s)
{
	int c = next_byte(s);

	if (c == '<' || c == '>') {
		item(s);
	} else if (c == '/') {
		s->other = s->has_last = true;
		s->last_letter = s->last_repeated = false;
	} else {
		letter(s, c == -1 ? '\\' : c);
	}
}

/* False: one that was never opened. */
static bool
parenthesis(struct scan *s, int c)
{
	if (c == '(') {
		item(s);
		s->depth++;
		return true;
	}
	if (s->depth == 0)
		return false;
	s->depth--;
	item(s);
	return true;
}

static void
alternative(struct scan *s)
{
	if (s->depth > 0)
		return;
	s->either = true;
	s->has_last = s->last_letter = s->last_repeated = false;
}

/* "^" is an item like all others, but in front of all. */
static void
circumflex(struct scan *s)
{
	bool front = s->depth == 0 && !s->has_last && s->out->count == 0 &&
	    s->row.n == 0 && !s->other;

	if (span_at(s->rest, 0) == '^') {
		(void)next_byte(s);
		front = false;
	}
	item(s);
	if (front) {
		s->out->line_start = true;
		s->other = false;
	}
}

/* ".*" is nothing that a row ends at but for itself. */
static void
dot(struct scan *s)
{
	bool other = s->other;
	int next = span_at(s->rest, 0);

	if (s->depth > 0)
		return;
	item(s);
	if (next != '*')
		return;
	(void)next_byte(s);
	s->last_repeated = true;
	/* where nothing is in front of it, nothing begins the line */
	if (s->out->count == 0)
		s->out->line_start = false;
	s->other = other;
}

static bool
scan_one(struct scan *s)
{
	int c = next_byte(s);

	switch (c) {
	case '(':
	case ')':
		return parenthesis(s, c);
	case '|':
		alternative(s);
		break;
	case '*':
	case '+':
	case '?':
		operator_or_letter(s, c);
		break;
	case '[':
		class(s);
		break;
	case '^':
		circumflex(s);
		break;
	case '.':
		dot(s);
		break;
	case '$':
		item(s);
		break;
	case '\\':
		escaped(s);
		break;
	default:
		letter(s, c);
	}
	return true;
}

bool
regex_need_scan(struct span pattern, bool fold, struct regex_need *out)
{
	struct scan s = { .rest = pattern, .fold = fold, .out = out };

	out->count = 0;
	out->line_start = false;
	while (s.rest.n > 0)
		if (!scan_one(&s))
			return false;
	row_end(&s);
	if (s.either)
		out->count = 0;
	out->plain = !s.other && !s.dropped && out->count > 0;
	return s.depth == 0;
}
