/* check.h - what is wrong with an rc file, found without running it
 *
 * Pure: bytes in, findings out. What a variable holds is known where it was
 * assigned text outside any block; all else is taken for unknown, and unknown
 * things are never complained of.
 */

#ifndef RULES_CHECK_H
#define RULES_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct check;

enum check_level {
	CHECK_ERROR, /* it does not do what is written there */
	CHECK_WARNING /* it does, and that may not be what was meant */
};

struct check_finding {
	int line;
	enum check_level level;
	const char *what, *remedy; /* the check's, or static; no control bytes
				    */
};

struct check *check_rc(struct span bytes);
void check_free(struct check **c);
/* In the order of lines. */
size_t check_count(const struct check *c);
const struct check_finding *check_at(const struct check *c, size_t i);

#endif
