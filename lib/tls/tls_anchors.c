/*
 * tls_anchors.c - a file of certificates and public keys that alone vouch for a
 * server
 *
 * PEM, as people have it. Whoever made them is not asked: the chain of a server
 * may end there, wherever in a chain of its own such a certificate stands.
 */

#include "tls/tls_anchors.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "tls/context_ssl.h"
#include "tls/tls_stream.h"

struct reading {
	struct arena *arena;
	struct tls_tlsa *list;
	size_t count;
	bool full; /* there are more */
};

enum { USAGE_ANCHOR = 2, WHOLE_CERTIFICATE = 0, PUBLIC_KEY = 1 };

/* What is behind it ("TRUSTED CERTIFICATE" has more) is left out. */
static bool
add(struct reading *r, unsigned char selector, const unsigned char *der, long n)
{
	const unsigned char *end = der;
	X509 *certificate = NULL;
	EVP_PKEY *key = NULL;
	bool good;

	if (selector == WHOLE_CERTIFICATE)
		certificate = d2i_X509(NULL, &end, n);
	else
		key = d2i_PUBKEY(NULL, &end, n);
	good = certificate != NULL || key != NULL;
	X509_free(certificate);
	EVP_PKEY_free(key);
	if (good)
		r->list[r->count++] = (struct tls_tlsa){ .usage = USAGE_ANCHOR,
			.selector = selector,
			.data = arena_span(r->arena,
			    span_of((const char *)der, (size_t)(end - der))) };
	return good;
}

/* False: it is what it says, and ill-formed. Private keys and the like are
 * passed over. */
static bool
object_add(
    struct reading *r, struct span name, const unsigned char *der, long n)
{
	if (span_is(name, PEM_STRING_X509) ||
	    span_is(name, PEM_STRING_X509_OLD) ||
	    span_is(name, PEM_STRING_X509_TRUSTED))
		return add(r, WHOLE_CERTIFICATE, der, n);
	if (span_is(name, PEM_STRING_PUBLIC))
		return add(r, PUBLIC_KEY, der, n);
	return true;
}

static bool
file_read(struct reading *r, BIO *in)
{
	char *name, *header;
	unsigned char *der;
	long n;
	bool good = true;

	while (good && PEM_read_bio(in, &name, &header, &der, &n) == 1) {
		r->full = r->count == TLS_ANCHORS_MAX;
		good = !r->full && object_add(r, span_str(name), der, n);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	/* what ends in any other way than at the end is broken in between */
	return good && r->count > 0 &&
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

bool
tls_anchors_read(const char *file, struct arena *a,
    const struct tls_tlsa **list, size_t *count, struct why *why)
{
	struct reading r = { .arena = a };
	struct buf text = BUF_EMPTY;
	BIO *in = BIO_new_file(file, "r");
	bool good;

	r.list = arena_array(a, TLS_ANCHORS_MAX, sizeof(*r.list));
	good = in != NULL && file_read(&r, in);
	BIO_free(in);
	/* the end of the file is an error, too */
	tls_error_take(&text);
	if (!good)
		why_set(why, "4.3.5", "trust anchors %s: %s", file,
		    r.full ? "too many" : buf_str(&text));
	buf_free(&text);
	*list = r.list;
	*count = r.count;
	return good;
}
