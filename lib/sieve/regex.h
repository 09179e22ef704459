/* regex.h - the regular expressions of :regex, in time linear in the text
 *
 * POSIX's extended ones (IEEE 1003.1, 9.4), by characters of UTF-8: the match
 * that begins first counts, of these the longest, and of its groups each as
 * long as those before it allow. Besides them what many scripts have: \w \W \s
 * \S \b \B \< \>. Back references and collating elements of more than one
 * character are not there.
 */

#ifndef SIEVE_REGEX_H
#define SIEVE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;
struct sieve_regex;

enum { SIEVE_REGEX_GROUPS = 10 /* with the whole match */ };

/* fold: A-Z and a-z are one. NULL: *error says what is wrong with it. It lives
 * in a, and may be used in many searches. */
struct sieve_regex *sieve_regex_new(
    struct arena *a, struct span pattern, bool fold, const char **error);

/* What a search may cost, and has. */
struct sieve_regex_work {
	uint64_t done, most;
};

struct sieve_regex_hit {
	/* p NULL: the group took no part */
	struct span groups[SIEVE_REGEX_GROUPS];
	size_t count; /* of groups in the expression, the whole one too */
};

/* False: not found, or work->done went beyond work->most. */
bool sieve_regex_find(const struct sieve_regex *re, struct span text,
    struct sieve_regex_work *work, struct sieve_regex_hit *hit);

/* Append text so that it stands for itself in an expression. */
void sieve_regex_quote(struct buf *out, struct span text);

#endif
