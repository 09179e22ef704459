/*
 * fingerprint.c - certificates that are known by their digests
 *
 * Whoever has configured a digest has said the same as a TLSA record of usage 3
 * would: this certificate, or this key, and no authority is asked (RFC 6698,
 * 2.1). Each digest may be of either.
 */

#include "smtp/fingerprint.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "tls/tls_stream.h"

enum { FINGERPRINTS_MAX = 64, SHA256_SIZE = 32, SHA512_SIZE = 64 };

/* False: no digest of a kind that we know. */
static bool
digest_parse(struct span word, struct buf *out)
{
	struct buf hex = BUF_EMPTY;
	bool good;

	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] != ':')
			buf_add_byte(
			    &hex, (char)ascii_lower((unsigned char)word.p[i]));
	buf_clear(out);
	good = hex_decode(out, buf_span(&hex)) &&
	    (out->n == SHA256_SIZE || out->n == SHA512_SIZE);
	buf_free(&hex);
	return good;
}

size_t
fingerprint_parse(
    struct arena *a, struct span text, const struct tls_tlsa **out)
{
	struct tls_tlsa *list =
	    arena_array(a, 2 * FINGERPRINTS_MAX, sizeof(*list));
	struct buf digest = BUF_EMPTY;
	struct span word;
	size_t n = 0;

	while (n + 2 <= 2 * FINGERPRINTS_MAX &&
	    span_word(&text, "| \t\r\n,", &word)) {
		struct tls_tlsa t = { .usage = 3 };

		if (!digest_parse(word, &digest))
			continue;
		t.matching = digest.n == SHA256_SIZE ? 1 : 2;
		t.data = arena_span(a, buf_span(&digest));
		list[n++] = t; /* the certificate */
		t.selector = 1;
		list[n++] = t; /* or its key */
	}
	buf_free(&digest);
	*out = list;
	return n;
}
