/* regex_nodes.h - what the regex parser hands to the matcher */

#ifndef RULES_REGEX_NODES_H
#define RULES_REGEX_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "rules/regex.h"

/* Symbols: the 256 bytes, and the newline that is not there before the text
 * and behind it. */
enum { SYMBOL_EDGE = 256, SYMBOLS = 257 };

struct symbol_set {
	uint64_t bits[(SYMBOLS + 63) / 64];
};

static inline bool
symbol_in(const struct symbol_set *s, unsigned symbol)
{
	return s->bits[symbol / 64] >> (symbol % 64) & 1;
}

static inline void
symbol_add(struct symbol_set *s, unsigned symbol)
{
	s->bits[symbol / 64] |= (uint64_t)1 << (symbol % 64);
}

enum node_kind {
	NODE_SET, /* consumes a symbol of its set, goes to next */
	NODE_JUMP, /* goes to next */
	NODE_SPLIT, /* goes to next, then to other */
	NODE_MARK, /* \/: MATCH begins here, goes to next */
	NODE_ACCEPT
};

#define NODE_NONE UINT32_MAX

enum { REGEX_SURE_NODES = 1024 };

struct regex_node {
	enum node_kind kind;
	bool maybe; /* there may be a way to the end that passes it by; not
		     * told in more than REGEX_SURE_NODES */
	uint32_t set, next, other;
};

struct regex_nodes {
	struct regex_node *nodes;
	size_t count, room;
	struct symbol_set *sets;
	size_t set_count, set_room;
	uint32_t start;
	bool splits;
};

/* Fill *out, which is zero. Whatever the error, regex_nodes_free() ends it. */
enum regex_error
regex_parse(struct span pattern, bool fold, struct regex_nodes *out);
void regex_nodes_free(struct regex_nodes *n);

#endif
