/* expand.h - quotes, variables and commands in the text of an rc file
 *
 * One machine reads all text of the language, so that what the parser passes
 * over and what is expanded later can never differ.
 */

#ifndef RULES_EXPAND_H
#define RULES_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

enum expand_mode {
	EXPAND_VALUE, /* one word: right of NAME= */
	EXPAND_WORDS, /* words up to the end of the line, '#' is a comment */
	EXPAND_QUOTED /* all of it, as between double quotes: conditions */
};

/* Where values come from. */
struct expand_env {
	void *ctx;
	/* The value of NAME, a digit or one of # $ ? = - _ ; false: unset. The
	 * span lives until the next call. */
	bool (*value)(void *ctx, struct span name, struct span *out);
	/* Argument number i of "$@", from 1; false when there are no more. */
	bool (*argument)(void *ctx, size_t i, struct span *out);
	/* Run text (what stood between backticks); append its output, without
	 * the newlines at its end. */
	void (*command)(void *ctx, struct span text, struct buf *out);
	/* ${NAME...} made no sense. */
	void (*bad)(void *ctx, struct span name);
	size_t limit; /* bytes of the result */
};

/* Words, each ended by a NUL; zero at first, words_free() ends it. */
struct words {
	struct buf bytes;
	size_t count;
};

void words_free(struct words *w);
void words_clear(struct words *w);
/* The i-th word; empty when there is none. */
struct span word_at(const struct words *w, size_t i);
/* Append all words from the i-th on, with a blank between two. */
void words_join(const struct words *w, size_t i, struct buf *out);
void words_add(struct words *w, struct span word);

enum expand_end {
	EXPAND_FINE,
	EXPAND_OPEN, /* the text ended inside quotes */
	EXPAND_TOO_LONG /* the limit was met; the words are not whole */
};

/* How much of text belongs together: up to, and not with, the blank or newline
 * that ends it. Nothing is expanded. */
size_t expand_scan(struct span text, enum expand_mode mode, bool *open);
/* Expand text, of which expand_scan() gave the length. In the modes VALUE and
 * QUOTED *out has one word. */
enum expand_end expand(struct span text, enum expand_mode mode,
    const struct expand_env *env, struct words *out);

#endif
