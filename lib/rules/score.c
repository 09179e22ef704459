/*
 * score.c - the sum of a recipe's weighted conditions
 */

#include "rules/score.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "rules/power.h"

static struct span
skip_blanks(struct span s)
{
	while (ascii_blank(span_at(s, 0)))
		s = span_skip(s, 1);
	return s;
}

static bool
take_number(struct span *s, double *out)
{
	char *text, *end;
	size_t n;

	text = mem_span(*s);
	*out = strtod(text, &end);
	n = (size_t)(end - text);
	free(text);
	*s = skip_blanks(span_skip(*s, n));
	return n > 0;
}

/* Other words that strtod() knows, as "inf", are no numbers in front. */
static bool
begins_number(struct span s)
{
	int c = span_at(s, 0);

	return ascii_digit(c) || c == '-' || c == '+' || c == '.' || c == ',';
}

bool
weight_take(struct span *text, struct weight *out)
{
	struct span rest = *text;
	struct weight got;

	if (!begins_number(rest) || !take_number(&rest, &got.w) ||
	    span_at(rest, 0) != '^')
		return false;
	rest = skip_blanks(span_skip(rest, 1));
	if (!take_number(&rest, &got.x))
		return false;
	*out = got;
	*text = rest;
	return true;
}

void
series_begin(struct series *s, const struct weight *w)
{
	*s = (struct series){ .next = w->w, .x = w->x };
}

static double
infinity_like(double w)
{
	return w < 0 ? -SCORE_MAX : w > 0 ? SCORE_MAX : 0;
}

void
series_add(struct series *s, bool empty)
{
	double term = s->next;

	s->sum = score_add(s->sum, term);
	if (empty) {
		if (s->x > 0 && s->x < 1)
			s->sum = score_add(s->sum, term * s->x / (1 - s->x));
		else if (s->x >= 1)
			s->sum = score_add(s->sum, infinity_like(term));
		s->done = true;
		return;
	}
	s->next = term * s->x;
	s->done = s->x == 0 || term == 0 || fabs(s->sum) >= SCORE_MAX ||
	    (fabs(s->x) < 1 && fabs(term) < 1);
}

double
score_size(const struct weight *w, bool below, double size, double n)
{
	double over = below ? n : size, under = below ? size : n;
	double factor;

	if (under == 0)
		return below && n <= 0 ? -SCORE_MAX : SCORE_MAX;
	factor = power(over / under, w->x);
	return isnan(factor) ? 0 : score_add(0, w->w * factor);
}

double
score_program(const struct weight *w, bool inverted, int status)
{
	double sum = 0, term = w->w;

	if (!inverted)
		return status == 0 ? w->w : w->x;
	for (int i = 0; i < status && fabs(sum) < SCORE_MAX; i++) {
		sum = score_add(sum, term);
		term *= w->x;
	}
	return sum;
}

double
score_add(double sum, double more)
{
	double all = sum + more;

	if (isnan(all))
		return 0;
	if (fabs(more) >= SCORE_MAX) /* nothing can be taken from infinity */
		return more > 0 ? SCORE_MAX : -SCORE_MAX;
	return all >= SCORE_MAX ? SCORE_MAX
	    : all <= -SCORE_MAX ? -SCORE_MAX
				: all;
}

long
score_shown(double sum)
{
	return sum > 0 && sum < 1 ? 1 : (long)sum;
}
