/*
 * signature.c - what a text cannot hold, in few bytes
 *
 * The bits are first set in a field that is large enough for the text, which is
 * then folded in halves until about half of it is set: what is asked of it by
 * the low bits of the hash stays true.
 */

#include "mailbox/signature.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { BITS_LEAST = 128, BITS_MOST = SIGNATURE_MOST * 8 };

/* Where a run of three bytes has its bit: the first in the low bits of it. The
 * last shows in each of the bits that are used from 16 on. */
static uint32_t
place_of(uint32_t run)
{
	return (run & 0xffffff) * UINT32_C(2654435761) >> 16;
}

static uint32_t
run_at(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
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

/* A byte for each bit: to set one needs nothing read before. All but the last
 * run are read with the byte behind them, as one number. */
static void
mark_runs(unsigned char *marks, uint32_t mask, struct span text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	uint32_t run;
	size_t i;

	if (text.n < 3)
		return;
	for (i = 0; i + 4 <= text.n; i++) {
		memcpy(&run, p + i, sizeof(run));
		marks[place_of(le32toh(run)) & mask] = 1;
	}
	marks[place_of(run_at(p + i)) & mask] = 1;
}

/* In place: the bit of lowest value comes first. */
static void
pack_bits(unsigned char *marks, size_t bits)
{
	for (size_t i = 0; i < bits / 8; i++) {
		uint64_t w;

		memcpy(&w, marks + i * 8, sizeof(w));
		w = le64toh(w) * UINT64_C(0x0102040810204080);
		marks[i] = (unsigned char)(w >> 56);
	}
}

void
signature_make(struct buf *out, struct span text)
{
	size_t bits = field_bits(text.n);
	/* not on the stack, which would stay as large in a process that waits
	 */
	unsigned char *field = mem_array(bits, 1);

	mark_runs(field, (uint32_t)(bits - 1), text);
	pack_bits(field, bits);
	bits = fold(field, bits);
	/* three quarters set: it would let nearly all through */
	if (count_bits(field, bits / 8) * 4 <= bits * 3)
		buf_add(out, (const char *)field, bits / 8);
	free(field);
}

bool
signature_may_hold(struct span signature, struct span needle)
{
	uint32_t bits = (uint32_t)signature.n * 8;

	if (signature.n < BITS_LEAST / 8 || signature.n > SIGNATURE_MOST ||
	    (bits & (bits - 1)) != 0)
		return true;
	for (size_t i = 0; i + 3 <= needle.n; i++) {
		uint32_t run = run_at((const unsigned char *)needle.p + i);
		uint32_t at = place_of(run) & (bits - 1);

		if (((unsigned char)signature.p[at / 8] >> at % 8 & 1) == 0)
			return false;
	}
	return true;
}
