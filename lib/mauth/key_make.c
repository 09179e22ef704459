/*
 * key_make.c - a new key of DKIM (RFC 6376, 3.6.1; RFC 8463, 4)
 */

#include "mauth/key_make.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/must.h"

enum { RSA_BITS = 2048, ED25519_KEY = 32 };

static void
record_put(EVP_PKEY *pkey, bool rsa, struct buf *record)
{
	unsigned char raw[ED25519_KEY], *der = NULL;
	size_t n = sizeof(raw);
	int length;

	buf_printf(record, "v=DKIM1; k=%s; p=", rsa ? "rsa" : "ed25519");
	if (rsa) {
		length = i2d_PUBKEY(pkey, &der);
		must(length > 0);
		base64_encode(
		    record, span_of((const char *)der, (size_t)length));
		OPENSSL_free(der);
	} else {
		must(EVP_PKEY_get_raw_public_key(pkey, raw, &n) == 1);
		base64_encode(record, span_of((const char *)raw, n));
	}
}

static bool
pem_put(EVP_PKEY *pkey, struct buf *pem)
{
	BIO *out = BIO_new(BIO_s_secmem());
	char *bytes;
	long n;
	bool good;

	must(out != NULL);
	good =
	    PEM_write_bio_PrivateKey(out, pkey, NULL, NULL, 0, NULL, NULL) == 1;
	n = BIO_get_mem_data(out, &bytes);
	if (good && n > 0)
		buf_add(pem, bytes, (size_t)n);
	BIO_free(out);
	return good && n > 0;
}

bool
key_make(enum mauth_algorithm algorithm, struct buf *pem, struct buf *record)
{
	bool rsa = algorithm == MAUTH_RSA_SHA256, good;
	EVP_PKEY *pkey = rsa
	    ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS)
	    : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	good = pkey != NULL && pem_put(pkey, pem);
	if (good)
		record_put(pkey, rsa, record);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return good;
}
