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
	EXPAND_LINE, /* the same as one text, with one blank between words */
	EXPAND_QUOTED /* a line that begins inside double quotes: conditions */
};

/* Where values come from. */
struct expand_env {
	void *ctx;
	/* The value of NAME, a digit or one of # $ ? = - _ ; false: unset. The
	 * span lives until the next call. */
	bool (*value)(void *ctx, struct span name, struct span *out);
	/* Run text (what stood between backticks); append its output, without
	 * the newlines at its end and no more than room bytes. */
	void (*command)(
	    void *ctx, struct span text, size_t room, struct buf *out);
	/* ${NAME...} made no sense. */
	void (*bad)(void *ctx, struct span name);
	size_t limit; /* bytes of the result */
	bool passing; /* nothing has a value, no command is run */
};

/* Words, each ended by a NUL; zero at first, words_free() ends it. "$@" leaves
 * no byte: where it stood last is args_at, and a word that ends there is to be
 * replaced by the arguments, if there are any. */
struct words {
	struct buf bytes;
	size_t count;
	bool has_args;
	size_t args_at;
};

void words_free(struct words *w);
void words_clear(struct words *w);
/* The i-th word; empty when there is none. */
struct span word_at(const struct words *w, size_t i);
/* Append all words from the i-th on, with a blank between two. */
void words_join(const struct words *w, size_t i, struct buf *out);
void words_add(struct words *w, struct span word);

/* One bit for each. */
enum expand_end {
	EXPAND_FINE = 0,
	EXPAND_OPEN = 1, /* it ended inside quotes, or behind a backslash */
	EXPAND_TOO_LONG = 2 /* the limit was met; the words are not whole */
};

/* How much of text belongs together: up to, and not with, the blank or newline
 * that ends it. Nothing is expanded. *odd: when it is there is something to be
 * said of it. */
size_t expand_scan(struct span text, enum expand_mode mode, bool *odd);
/* Expand text, of which expand_scan() gave the length. In the modes VALUE, LINE
 * and QUOTED *out has one word; in WORDS at least one, which may be empty. */
unsigned expand(struct span text, enum expand_mode mode,
    const struct expand_env *env, struct words *out);

#endif
