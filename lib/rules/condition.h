/* condition.h - what a line with a star says, before anything is looked at */

#ifndef RULES_CONDITION_H
#define RULES_CONDITION_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
#include "rules/score.h"

struct words;

/* head and body are the recipe's flags at first. */
struct condition {
	struct span text; /* what is left of it */
	struct words *expanded; /* the caller's: where text lies after '$' */
	bool inverted, weighed, plain; /* plain: a regex whatever it begins
					  with, without macros */
	struct weight weight;
	bool head, body, of_part; /* what is searched */
	struct span variable;
	bool of_variable;
};

enum condition_step {
	CONDITION_ON, /* a prefix was taken off; there may be more */
	CONDITION_EXPAND, /* a '$' was taken off: expand the rest, go on */
	CONDITION_READY /* the rest is a program (?), a size (<, >), a regex */
};

/* Take one prefix off the text. */
enum condition_step condition_step(struct condition *c);
/* '?', '<', '>', or 0 for a regex; once it is ready. */
int condition_kind(const struct condition *c);

/* Append line without its backslash-newlines, and without the blanks that
 * follow a newline. */
void condition_join(struct span line, struct buf *out);

#endif
