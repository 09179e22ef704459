/* regex_nodes.h - what a regular expression of Sieve was understood as: for
 * regex_parse.c and regex.c only */

#ifndef SIEVE_REGEX_NODES_H
#define SIEVE_REGEX_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;

struct sieve_regex_range {
	uint32_t from, to;
};

struct sieve_regex_set {
	struct sieve_regex_range *ranges;
	size_t count;
	bool others; /* what is not in the ranges */
};

enum { REGEX_REPEAT_MAX = 255, REGEX_NO_END = REGEX_REPEAT_MAX + 1 };

struct sieve_regex_node {
	enum {
		NODE_EMPTY,
		NODE_CHAR,
		NODE_ANY,
		NODE_SET,
		NODE_START, /* ^ */
		NODE_END, /* $ */
		NODE_EDGE, /* between a word and what is none */
		NODE_NO_EDGE,
		NODE_WORD_START,
		NODE_WORD_END,
		NODE_GROUP,
		NODE_ROW, /* its below, one behind the other */
		NODE_ONE_OF, /* one of its below */
		NODE_REPEAT
	} kind;
	uint32_t c;
	struct sieve_regex_set set;
	unsigned group, last_group; /* itself, and the last one inside */
	unsigned least, most;
	struct sieve_regex_node *below, *next;
};

/* No deeper than this are groups in each other, and marks behind one thing. */
enum { REGEX_DEPTH = 64 };
/* NULL: *error says why. *groups: how many, the whole one too. */
struct sieve_regex_node *sieve_regex_parse(
    struct arena *a, struct span pattern, unsigned *groups, const char **error);
bool sieve_regex_in_set(const struct sieve_regex_set *s, uint32_t c);
bool sieve_regex_is_word(uint32_t c);
/* The character at the front, a byte that is none as one of its own. */
size_t sieve_regex_char(struct span s, uint32_t *c);

#endif
