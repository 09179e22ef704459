/*
 * pss.c - what a PSS signature is made of
 *
 * The padded block is masked data, a hash and the byte 0xBC. Under the mask
 * lie zeros, a 1 and the salt; the mask comes from the hash, so whoever checks
 * needs no message. A block that was not made by padding passes once in 2^1000
 * or so: no ciphertext can be slipped in.
 */

#include "tls/pss.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/must.h"

enum { BLOCK_MAX = 2048 };

/* XOR the mask of MGF1 (RFC 8017, B.2.1) over n bytes at p. */
static void
mask_xor(unsigned char *p, size_t n, struct span seed, const EVP_MD *md)
{
	unsigned char in[EVP_MAX_MD_SIZE + 4], out[EVP_MAX_MD_SIZE];
	unsigned got = 0;

	must(seed.n <= EVP_MAX_MD_SIZE);
	memcpy(in, seed.p, seed.n);
	for (size_t i = 0; i < n; i++) {
		size_t round = i / seed.n;

		if (i % seed.n == 0) {
			unsigned char count[4] = { 0, 0,
				(unsigned char)(round >> 8),
				(unsigned char)round };

			memcpy(in + seed.n, count, 4);
			must(EVP_Digest(in, seed.n + 4, out, &got, md, NULL) ==
			    1);
		}
		p[i] ^= out[i % seed.n];
	}
}

static bool
fits(struct span block, unsigned bits, const EVP_MD *md)
{
	size_t hash = (size_t)EVP_MD_get_size(md), n;
	unsigned unused = (unsigned)(8 * block.n - bits);
	unsigned char data[BLOCK_MAX];
	size_t zeros;

	if (block.n < 2 * hash + 2 || block.n > BLOCK_MAX || unused > 7)
		return false;
	n = block.n - hash - 1;
	memcpy(data, block.p, n);
	if ((data[0] & (0xff00 >> unused) & 0xff) != 0)
		return false;
	mask_xor(data, n, span_of(block.p + n, hash), md);
	data[0] &= (unsigned char)(0xff >> unused);
	zeros = n - hash - 1;
	for (size_t i = 0; i < zeros; i++)
		if (data[i] != 0)
			return false;
	return data[zeros] == 1;
}

bool
pss_wellformed(struct span block, unsigned modulus_bits)
{
	unsigned bits = modulus_bits - 1;

	if (modulus_bits < 1024 || block.n != (modulus_bits + 7) / 8 ||
	    span_at(block, block.n - 1) != 0xbc)
		return false;
	/* one byte more than the encoding has: it must be 0 */
	if (bits % 8 == 0) {
		if (span_at(block, 0) != 0)
			return false;
		block = span_skip(block, 1);
	}
	return fits(block, bits, EVP_sha256()) ||
	    fits(block, bits, EVP_sha384()) || fits(block, bits, EVP_sha512());
}
