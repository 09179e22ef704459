/*
 * grams.c - which three bytes stand beside each other in a text
 *
 * A bit for each hash of three bytes: a header of 4 KiB sets one in eight of
 * them, so that a row of ten bytes that is not there hardly ever finds all of
 * its eight.
 */

#include "rules/grams.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

enum { HASH_BITS = 15 };

struct grams {
	unsigned char bits[(1 << HASH_BITS) / 8];
};

/* The last three bytes, lower case, in the low bits. */
static uint32_t
shifted(uint32_t three, char c)
{
	return (three << 8 | (uint32_t)ascii_lower((unsigned char)c)) &
	    0xffffff;
}

static uint32_t
hash(uint32_t three)
{
	return three * UINT32_C(2654435761) >> (32 - HASH_BITS);
}

struct grams *
grams_new(struct span text)
{
	struct grams *g = mem_new(sizeof(*g));
	uint32_t three = 0;

	for (size_t i = 0; i < text.n; i++) {
		uint32_t at;

		three = shifted(three, text.p[i]);
		at = hash(three);
		g->bits[at / 8] |= (unsigned char)(1U << at % 8);
	}
	return g;
}

void
grams_free(struct grams **g)
{
	mem_free(g);
}

bool
grams_may_have(const struct grams *g, struct span row)
{
	uint32_t three = 0;

	for (size_t i = 0; i < row.n; i++) {
		uint32_t at;

		three = shifted(three, row.p[i]);
		at = hash(three);
		if (i >= 2 && (g->bits[at / 8] >> at % 8 & 1) == 0)
			return false;
	}
	return true;
}
