/*
 * signature.c - what a text cannot hold, in few bytes
 *
 * The bits are first set in a field that is large enough for the text, which is
 * then folded in halves until about half of it is set: what is asked of it by
 * the low bits of the hash stays true.
 */

#include "mailbox/signature.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { BITS_LEAST = 128, BITS_MOST = SIGNATURE_MOST * 8 };

/* Where the run of three bytes that ends with the low byte of it has its bit.
 */
static uint32_t
place_of(uint32_t run)
{
	uint32_t h = (run & 0xffffff) * UINT32_C(2654435761);

	return h ^ h >> 15;
}

static size_t
field_bits(size_t text)
{
	size_t bits = BITS_LEAST;

	while (bits < text * 2 && bits < BITS_MOST)
		bits *= 2;
	return bits;
}

/* Eight bytes at a time, which all fields are made of; in what order does not
 * matter. */
static uint64_t
word_at(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static size_t
count_bits(const unsigned char *field, size_t bytes)
{
	const uint64_t one = UINT64_C(0x5555555555555555);
	const uint64_t two = UINT64_C(0x3333333333333333);
	const uint64_t four = UINT64_C(0x0f0f0f0f0f0f0f0f);
	size_t n = 0;

	for (size_t i = 0; i < bytes; i += 8) {
		uint64_t w = word_at(field + i);

		w -= w >> 1 & one;
		w = (w & two) + (w >> 2 & two);
		w = (w + (w >> 4)) & four;
		n += (size_t)(w * UINT64_C(0x0101010101010101) >> 56);
	}
	return n;
}

/* The upper half onto the lower one, as long as that stays half empty. */
static size_t
fold(unsigned char *field, size_t bits)
{
	while (bits > BITS_LEAST && count_bits(field, bits / 8) * 4 <= bits) {
		bits /= 2;
		for (size_t i = 0; i < bits / 8; i += 8) {
			uint64_t w =
			    word_at(field + i) | word_at(field + bits / 8 + i);

			memcpy(field + i, &w, sizeof(w));
		}
	}
	return bits;
}

void
signature_make(struct buf *out, struct span text)
{
	size_t bits = field_bits(text.n);
	unsigned char *field = mem_array(bits / 8, 1);
	uint32_t run = 0;

	for (size_t i = 0; i < text.n; i++) {
		run = run << 8 | (unsigned char)text.p[i];
		if (i >= 2) {
			uint32_t at = place_of(run) & (uint32_t)(bits - 1);

			field[at / 8] |= (unsigned char)(1u << at % 8);
		}
	}
	bits = fold(field, bits);
	/* three quarters set: it would let nearly all through */
	if (count_bits(field, bits / 8) * 4 <= bits * 3)
		buf_add(out, (const char *)field, bits / 8);
	free(field);
}

bool
signature_may_hold(struct span signature, struct span needle)
{
	uint32_t bits = (uint32_t)signature.n * 8, run = 0;

	if (signature.n < BITS_LEAST / 8 || signature.n > SIGNATURE_MOST ||
	    (bits & (bits - 1)) != 0)
		return true;
	for (size_t i = 0; i < needle.n; i++) {
		run = run << 8 | (unsigned char)needle.p[i];
		if (i >= 2) {
			uint32_t at = place_of(run) & (bits - 1);
			unsigned byte = (unsigned char)signature.p[at / 8];

			if ((byte >> at % 8 & 1) == 0)
				return false;
		}
	}
	return true;
}
