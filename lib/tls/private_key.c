/*
 * private_key.c - a private key, for the process that may hold one
 */

#include "tls/private_key.h"

#include <errno.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "os/file.h"
#include "tls/context_ssl.h"
#include "tls/pss.h"

enum { FILE_BYTES_MAX = 1 << 20 };

struct private_key {
	EVP_PKEY *pkey;
};

/* No pass phrase: nobody is there to type one. */
static int
no_phrase(char *to, int room, int writing, void *arg)
{
	(void)to;
	(void)room;
	(void)writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *
parse(struct span pem, const char *path, struct why *why)
{
	BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *pkey;
	struct buf text = BUF_EMPTY;

	must(in != NULL);
	pkey = PEM_read_bio_PrivateKey(in, NULL, no_phrase, NULL);
	BIO_free(in);
	if (pkey == NULL) {
		tls_error_take(&text);
		why_set(why, "4.3.5", "%s: no private key: %s", path,
		    buf_str(&text));
		buf_free(&text);
	}
	ERR_clear_error();
	return pkey;
}

struct private_key *
private_key_load(const char *path, struct why *why)
{
	struct buf pem = BUF_EMPTY;
	struct private_key *k = NULL;
	EVP_PKEY *pkey = NULL;

	if (file_read_path(path, FILE_BYTES_MAX, &pem) == -1)
		why_set(why, "4.3.5", "%s: %s", path, strerror(errno));
	else if (pem.n == 0)
		why_set(why, "4.3.5", "%s: the file is empty", path);
	else
		pkey = parse(buf_span(&pem), path, why);
	buf_wipe(&pem);
	if (pkey != NULL) {
		k = mem_new(sizeof(*k));
		k->pkey = pkey;
	}
	return k;
}

void
private_key_free(struct private_key **k)
{
	if (*k == NULL)
		return;
	EVP_PKEY_free((*k)->pkey);
	free(*k);
	*k = NULL;
}

static const struct {
	const char *name;
	const EVP_MD *(*md)(void);
} digests[] = {
	{ "pkcs1:SHA1", EVP_sha1 },
	{ "pkcs1:SHA224", EVP_sha224 },
	{ "pkcs1:SHA256", EVP_sha256 },
	{ "pkcs1:SHA384", EVP_sha384 },
	{ "pkcs1:SHA512", EVP_sha512 },
};

static bool
pkcs1_set(EVP_PKEY_CTX *ctx, struct span scheme, struct span data)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		const EVP_MD *md = digests[i].md();

		if (!span_is(scheme, digests[i].name))
			continue;
		return data.n == (size_t)EVP_MD_get_size(md) &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, md) > 0;
	}
	return false;
}

static bool
scheme_set(
    EVP_PKEY_CTX *ctx, EVP_PKEY *pkey, struct span scheme, struct span data)
{
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		if (!span_is(scheme, "pss"))
			return pkcs1_set(ctx, scheme, data);
		return pss_wellformed(
			   data, (unsigned)EVP_PKEY_get_bits(pkey)) &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0;
	case EVP_PKEY_EC:
		return span_is(scheme, "ecdsa") && data.n >= 20 && data.n <= 64;
	default:
		return false;
	}
}

/* Ed25519 signs messages, not digests: for DKIM the message is a digest of
 * 32 octets (RFC 8463, 3), and nothing else is signed. */
static bool
sign_ed25519(EVP_PKEY *pkey, struct span data, struct buf *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 64;
	bool good;

	must(ctx != NULL);
	good = data.n == 32 &&
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) > 0 &&
	    EVP_DigestSign(ctx, (unsigned char *)buf_room(signature, n), &n,
		(const unsigned char *)data.p, data.n) > 0;
	EVP_MD_CTX_free(ctx);
	if (good)
		signature->n += n;
	ERR_clear_error();
	return good;
}

static bool
sign(EVP_PKEY_CTX *ctx, struct span data, struct buf *signature)
{
	const unsigned char *p = (const unsigned char *)data.p;
	size_t n = 0;

	if (EVP_PKEY_sign(ctx, NULL, &n, p, data.n) <= 0 ||
	    EVP_PKEY_sign(ctx, (unsigned char *)buf_room(signature, n), &n, p,
		data.n) <= 0)
		return false;
	signature->n += n;
	return true;
}

bool
private_key_sign(struct private_key *k, struct span scheme, struct span data,
    struct buf *signature)
{
	EVP_PKEY_CTX *ctx;
	bool good;

	if (EVP_PKEY_get_base_id(k->pkey) == EVP_PKEY_ED25519)
		return span_is(scheme, "ed25519") &&
		    sign_ed25519(k->pkey, data, signature);
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	must(ctx != NULL);
	good = EVP_PKEY_sign_init(ctx) > 0 &&
	    scheme_set(ctx, k->pkey, scheme, data) &&
	    sign(ctx, data, signature);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return good;
}
