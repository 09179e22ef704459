/* regex_need.h - bytes without which a pattern matches nothing */

#ifndef RULES_REGEX_NEED_H
#define RULES_REGEX_NEED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct regex_nodes;

enum { REGEX_NEED_MAX = 32 };

/* One or two values a byte may have: twice the same, or both cases. */
struct regex_need {
	size_t n; /* 0: nothing is known */
	unsigned char low[REGEX_NEED_MAX], high[REGEX_NEED_MAX];
	size_t rarest; /* which of them to look for first */
};

/* The longest row of bytes that stands in whatever the nodes match; patterns
 * of many nodes are not looked through. */
void regex_need_find(const struct regex_nodes *n, struct regex_need *out);

/* Does text have the row? Linear in it: a place costs REGEX_NEED_MAX looks at
 * most. */
bool regex_need_in(const struct regex_need *need, struct span text);

#endif
