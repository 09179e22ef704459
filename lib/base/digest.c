/* digest.c - digests, HMAC and PBKDF2, by OpenSSL's libcrypto */

#include "base/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/mem.h"
#include "base/must.h"

struct digest {
	EVP_MD_CTX *context;
};

void
digest_sha256(struct span s, unsigned char out[SHA256_BYTES])
{
	must(EVP_Digest(s.p, s.n, out, NULL, EVP_sha256(), NULL) == 1);
}

struct digest *
digest_new(void)
{
	struct digest *d = mem_new(sizeof(*d));

	d->context = EVP_MD_CTX_new();
	must(d->context != NULL &&
	    EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) == 1);
	return d;
}

void
digest_add(struct digest *d, struct span s)
{
	must(EVP_DigestUpdate(d->context, s.p, s.n) == 1);
}

void
digest_end(struct digest **d, unsigned char out[SHA256_BYTES])
{
	must(EVP_DigestFinal_ex((*d)->context, out, NULL) == 1);
	EVP_MD_CTX_free((*d)->context);
	mem_free(d);
}

static const EVP_MD *
method(enum digest_kind kind)
{
	switch (kind) {
	case DIGEST_MD5:
		return EVP_md5();
	case DIGEST_SHA1:
		return EVP_sha1();
	case DIGEST_SHA256:
		break;
	}
	return EVP_sha256();
}

size_t
digest_bytes(enum digest_kind kind)
{
	return (size_t)EVP_MD_get_size(method(kind));
}

void
digest_sum(
    enum digest_kind kind, struct span s, unsigned char out[DIGEST_BYTES_MAX])
{
	must(EVP_Digest(s.p, s.n, out, NULL, method(kind), NULL) == 1);
}

void
digest_hmac(enum digest_kind kind, struct span key, struct span s,
    unsigned char out[DIGEST_BYTES_MAX])
{
	unsigned n = DIGEST_BYTES_MAX;

	must(key.n <= INT_MAX);
	must(HMAC(method(kind), key.n > 0 ? key.p : "", (int)key.n,
		 (const unsigned char *)s.p, s.n, out, &n) != NULL);
}

void
digest_pbkdf2(enum digest_kind kind, struct span password, struct span salt,
    unsigned iterations, unsigned char out[DIGEST_BYTES_MAX])
{
	must(password.n <= INT_MAX && salt.n <= INT_MAX && iterations > 0 &&
	    iterations <= INT_MAX);
	must(PKCS5_PBKDF2_HMAC(password.p, (int)password.n,
		 (const unsigned char *)salt.p, (int)salt.n, (int)iterations,
		 method(kind), (int)digest_bytes(kind), out) == 1);
}

void
digest_hmac_sha256(
    struct span key, struct span s, unsigned char out[SHA256_BYTES])
{
	digest_hmac(DIGEST_SHA256, key, s, out);
}

void
digest_pbkdf2_sha256(struct span password, struct span salt,
    unsigned iterations, unsigned char out[SHA256_BYTES])
{
	digest_pbkdf2(DIGEST_SHA256, password, salt, iterations, out);
}
