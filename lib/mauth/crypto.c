/*
 * crypto.c - digests and signatures, by OpenSSL (RFC 8017, RFC 8032)
 *
 * Both algorithms sign the SHA-256 of the canonical header (RFC 8463, 3).
 */

#include "mauth/crypto.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/mem.h"
#include "base/must.h"

enum { RSA_BITS_MIN = 1024, RSA_BITS_MAX = 8192, ED25519_KEY = 32 };

struct hash {
	EVP_MD_CTX *ctx;
};

struct hash *
hash_new(void)
{
	struct hash *h = mem_new(sizeof(*h));

	h->ctx = EVP_MD_CTX_new();
	must(h->ctx != NULL);
	must(EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) == 1);
	return h;
}

void
hash_free(struct hash **h)
{
	if (*h == NULL)
		return;
	EVP_MD_CTX_free((*h)->ctx);
	free(*h);
	*h = NULL;
}

void
hash_add(struct hash *h, struct span s)
{
	if (s.n > 0)
		must(EVP_DigestUpdate(h->ctx, s.p, s.n) == 1);
}

void
hash_end(struct hash *h, unsigned char out[SHA256_BYTES])
{
	must(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1);
}

static EVP_PKEY *
rsa_read(struct span key)
{
	const unsigned char *p = (const unsigned char *)key.p;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)key.n);

	if (pkey == NULL) {
		p = (const unsigned char *)key.p;
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)key.n);
	}
	if (pkey != NULL && EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

static bool
rsa_check(EVP_PKEY *pkey, const unsigned char *digest, struct span signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool good;

	must(ctx != NULL);
	good = EVP_PKEY_verify_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_verify(ctx, (const unsigned char *)signature.p,
		signature.n, digest, SHA256_BYTES) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

static bool
ed25519_check(
    EVP_PKEY *pkey, const unsigned char *digest, struct span signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	must(ctx != NULL);
	good = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestVerify(ctx, (const unsigned char *)signature.p,
		signature.n, digest, SHA256_BYTES) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static EVP_PKEY *
key_read(enum mauth_algorithm algorithm, struct span key)
{
	if (key.n == 0)
		return NULL;
	if (algorithm == MAUTH_RSA_SHA256)
		return rsa_read(key);
	return key.n != ED25519_KEY
	    ? NULL
	    : EVP_PKEY_new_raw_public_key(
		  EVP_PKEY_ED25519, NULL, (const unsigned char *)key.p, key.n);
}

enum signature_result
signature_check(enum mauth_algorithm algorithm, struct span key,
    const unsigned char digest[SHA256_BYTES], struct span signature,
    unsigned *bits)
{
	EVP_PKEY *pkey = key_read(algorithm, key);
	enum signature_result got = SIGNATURE_BAD;
	bool rsa = algorithm == MAUTH_RSA_SHA256;

	*bits = 0;
	if (pkey == NULL) {
		ERR_clear_error();
		return SIGNATURE_KEY_BAD;
	}
	*bits = (unsigned)EVP_PKEY_get_bits(pkey);
	if (rsa && (*bits < RSA_BITS_MIN || *bits > RSA_BITS_MAX))
		got = SIGNATURE_KEY_WEAK;
	else if (rsa ? rsa_check(pkey, digest, signature)
		     : ed25519_check(pkey, digest, signature))
		got = SIGNATURE_GOOD;
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return got;
}
