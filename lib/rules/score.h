/* score.h - the sum of a recipe's weighted conditions */

#ifndef RULES_SCORE_H
#define RULES_SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#define SCORE_MAX 2147483647.0

struct weight {
	double w, x; /* w^x */
};

/* Take "w^x" off the front of *text, with the blanks behind it. */
bool weight_take(struct span *text, struct weight *out);

/* The weights of matches that follow one another: w, w*x, w*x*x ... */
struct series {
	double next, x, sum;
	bool done; /* no more matches change the sum */
};

void series_begin(struct series *s, const struct weight *w);
/* One match more; empty: it had no bytes, so there is no end of them. */
void series_add(struct series *s, bool empty);

/* For a size and its limit: w*(size/limit)^x; below: w*(limit/size)^x. */
double score_size(const struct weight *w, bool below, double size, double n);
/* For the exit code of a program; inverted: as if so many had matched. */
double score_program(const struct weight *w, bool inverted, int status);
/* sum + more, within +-SCORE_MAX. */
double score_add(double sum, double more);
/* As $= shows it: truncated, but 1 for what is between 0 and 1. */
long score_shown(double sum);

#endif
