/* keywords.h - the keywords of a folder and the set that a message has */

#ifndef MAILBOX_KEYWORDS_H
#define MAILBOX_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { KEYWORDS_MAX = 128, KEYWORD_BYTES_MAX = 255 };

/* Which of the folder's keywords a message has; a value. */
struct kwset {
	uint64_t w[KEYWORDS_MAX / 64];
};

static inline bool
kwset_has(const struct kwset *s, size_t i)
{
	return (s->w[i / 64] >> i % 64 & 1) != 0;
}

static inline void
kwset_set(struct kwset *s, size_t i, bool on)
{
	uint64_t bit = (uint64_t)1 << i % 64;

	s->w[i / 64] = on ? s->w[i / 64] | bit : s->w[i / 64] & ~bit;
}

static inline bool
kwset_eq(const struct kwset *a, const struct kwset *b)
{
	return a->w[0] == b->w[0] && a->w[1] == b->w[1];
}

static inline bool
kwset_empty(const struct kwset *s)
{
	return (s->w[0] | s->w[1]) == 0;
}

/* The names that a folder knows, by number. */
struct keywords;

struct keywords *keywords_new(void);
void keywords_free(struct keywords **k);
/* Numbers given: 0 to count - 1; a number may have no name (damage). */
size_t keywords_count(const struct keywords *k);
/* The name of number i; p is NULL when it has none. */
struct span keywords_name(const struct keywords *k, size_t i);
/* The number of name (ASCII case does not count), or -1. */
int keywords_find(const struct keywords *k, struct span name);
/* The same; a name not known yet gets the next number. -1 when KEYWORDS_MAX
 * are there already or the name is empty or too long. */
int keywords_add(struct keywords *k, struct span name);
/* Take the names of numbers from count on away again. */
void keywords_cut(struct keywords *k, size_t count);
/* Put name at number i, as read from a file; false when that cannot be. */
bool keywords_put(struct keywords *k, size_t i, struct span name);

#endif
