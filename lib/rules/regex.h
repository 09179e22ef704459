/* regex.h - procmail's regular expressions, in time linear in the text
 *
 * Bytes, not characters. The text has a newline that is not there before its
 * first byte and another behind its last; ^ and $ both match any newline and
 * consume it; ^^ matches one of those two only; \< and \> match one byte that
 * is no letter, digit or underscore. \/ splits: MATCH begins where the left
 * part can end first, and goes as far as the right part can from there.
 */

#ifndef RULES_REGEX_H
#define RULES_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct grams;
struct regex;

enum {
	REGEX_PATTERN_MAX = 65536, /* bytes, macros replaced */
	REGEX_CACHE_BYTES = 262144 /* of states remembered, then dropped */
};

enum regex_error {
	REGEX_FINE,
	REGEX_UNBALANCED, /* parentheses; what was understood is used */
	REGEX_TOO_LARGE /* no regex is made */
};

/* Append pattern with ^TO_, ^TO, ^FROM_DAEMON and ^FROM_MAILER replaced.
 * *fold is set when one of them wants upper and lower case to be one. */
void regex_macros(struct buf *out, struct span pattern, bool *fold);

/* fold: A-Z and a-z are one. NULL only with REGEX_TOO_LARGE. */
struct regex *
regex_new(struct span pattern, bool fold, enum regex_error *error);
void regex_free(struct regex **re);

/* The place to go on from behind a last line that has no newline. */
#define REGEX_LAST_EDGES SIZE_MAX

struct regex_hit {
	size_t end; /* bytes in front of what comes after the match */
	size_t next; /* where a next search begins; a newline that ended the
		      * match is left for it */
	bool
	    empty; /* the match is of no length: a next one would be the same */
	bool split; /* the match went through \/ */
	struct span match; /* then: inside the text */
	size_t looked; /* the text was read up to here */
};

/* Search text, at first from 0, later from the place that the last hit names.
 * The match that ends first counts; with longest, and where \/ stands in the
 * regex, end is behind MATCH. */
bool regex_find(struct regex *re, struct span text, size_t from, bool longest,
    struct regex_hit *hit);

/* May it be found in the text that the grams are of? False is certain. */
bool regex_may_find(const struct regex *re, const struct grams *g);

/* Is there any text that the pattern (macros replaced) is found in? joined: the
 * text is a header, where no newline stands before a blank. Says yes where it
 * is not certain. */
bool regex_can_match(struct span pattern, bool fold, bool joined);

/* Work done so far, in steps of constant time: for tests and limits. */
uint64_t regex_steps(const struct regex *re);

#endif
