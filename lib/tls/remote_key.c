/*
 * remote_key.c - a private key that lives elsewhere
 *
 * The public half comes from the certificate; the private operations of
 * OpenSSL's RSA and EC objects are replaced by questions to the signer. RSA
 * signatures come here as a digest (PKCS #1) or as a block that is already
 * padded (PSS). Decryption is refused: nobody asks it of us, since no cipher
 * with RSA key exchange is offered. These method tables are the interface
 * that OpenSSL 3 marks as old; a provider would take five times the code.
 */

#define OPENSSL_API_COMPAT 10101

#include "tls/remote_key.h"

#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"

struct remote_key {
	char *name;
	struct tls_signer signer;
	EVP_PKEY *pkey;
	RSA_METHOD *rsa_method;
	EC_KEY_METHOD *ec_method;
};

/* OpenSSL keeps index 0 of an object's data for the application. */
enum { OUR_DATA = 0 };

static int
ask(const struct remote_key *k, struct span scheme, struct span data,
    unsigned char *to, size_t room)
{
	struct buf signature = BUF_EMPTY;
	int n = -1;

	if (k->signer.sign(
		k->signer.arg, span_str(k->name), scheme, data, &signature) &&
	    signature.n > 0 && signature.n <= room) {
		memcpy(to, signature.p, signature.n);
		n = (int)signature.n;
	}
	buf_free(&signature);
	return n;
}

/* RSA, PKCS #1: type is the digest's NID. */
static int
rsa_sign(int type, const unsigned char *digest, unsigned n, unsigned char *to,
    unsigned *to_n, const RSA *rsa)
{
	const struct remote_key *k = RSA_get_ex_data(rsa, OUR_DATA);
	const char *name = OBJ_nid2sn(type);
	struct buf scheme = BUF_EMPTY;
	int got;

	buf_printf(&scheme, "pkcs1:%s", name == NULL ? "" : name);
	got = ask(k, buf_span(&scheme), span_of((const char *)digest, n), to,
	    (size_t)RSA_size(rsa));
	buf_free(&scheme);
	if (got == -1)
		return 0;
	*to_n = (unsigned)got;
	return 1;
}

/* RSA, PSS: the block is padded already. */
static int
rsa_encrypt(
    int n, const unsigned char *from, unsigned char *to, RSA *rsa, int padding)
{
	const struct remote_key *k = RSA_get_ex_data(rsa, OUR_DATA);

	if (padding != RSA_NO_PADDING || n != RSA_size(rsa))
		return -1;
	return ask(k, SPAN("pss"), span_of((const char *)from, (size_t)n), to,
	    (size_t)n);
}

static int
rsa_decrypt(
    int n, const unsigned char *from, unsigned char *to, RSA *rsa, int padding)
{
	(void)n;
	(void)from;
	(void)to;
	(void)rsa;
	(void)padding;
	return -1;
}

static int
ec_sign(int type, const unsigned char *digest, int n, unsigned char *to,
    unsigned *to_n, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *ec)
{
	const struct remote_key *k = EC_KEY_get_ex_data(ec, OUR_DATA);
	int got;

	(void)type;
	(void)kinv;
	(void)r;
	got = ask(k, SPAN("ecdsa"), span_of((const char *)digest, (size_t)n),
	    to, (size_t)ECDSA_size(ec));
	if (got == -1)
		return 0;
	*to_n = (unsigned)got;
	return 1;
}

static void
rsa_make(struct remote_key *k, EVP_PKEY *public)
{
	const RSA *from = EVP_PKEY_get0_RSA(public);
	RSA *rsa = RSA_new();
	const BIGNUM *n, *e;

	k->rsa_method = RSA_meth_dup(RSA_get_default_method());
	must(from != NULL && rsa != NULL && k->rsa_method != NULL);
	must(RSA_meth_set_sign(k->rsa_method, rsa_sign) &&
	    RSA_meth_set_priv_enc(k->rsa_method, rsa_encrypt) &&
	    RSA_meth_set_priv_dec(k->rsa_method, rsa_decrypt));
	RSA_get0_key(from, &n, &e, NULL);
	must(RSA_set0_key(rsa, BN_dup(n), BN_dup(e), NULL) &&
	    RSA_set_method(rsa, k->rsa_method) &&
	    RSA_set_ex_data(rsa, OUR_DATA, k) &&
	    EVP_PKEY_assign_RSA(k->pkey, rsa));
}

static void
ec_make(struct remote_key *k, EVP_PKEY *public)
{
	const EC_KEY *from = EVP_PKEY_get0_EC_KEY(public);
	EC_KEY *ec = EC_KEY_new();

	k->ec_method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	must(from != NULL && ec != NULL && k->ec_method != NULL);
	EC_KEY_METHOD_set_sign(k->ec_method, ec_sign, NULL, NULL);
	must(EC_KEY_set_group(ec, EC_KEY_get0_group(from)) &&
	    EC_KEY_set_public_key(ec, EC_KEY_get0_public_key(from)) &&
	    EC_KEY_set_method(ec, k->ec_method) &&
	    EC_KEY_set_ex_data(ec, OUR_DATA, k) &&
	    EVP_PKEY_assign_EC_KEY(k->pkey, ec));
}

struct remote_key *
remote_key_new(EVP_PKEY *of_certificate, const char *name,
    const struct tls_signer *signer, struct why *why)
{
	int kind = EVP_PKEY_get_base_id(of_certificate);
	struct remote_key *k;

	if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC) {
		why_set(why, "4.3.5",
		    "%s: a key that is neither RSA nor EC cannot be used",
		    name);
		return NULL;
	}
	k = mem_new(sizeof(*k));
	k->name = mem_str(name);
	k->signer = *signer;
	k->pkey = EVP_PKEY_new();
	must(k->pkey != NULL);
	if (kind == EVP_PKEY_RSA)
		rsa_make(k, of_certificate);
	else
		ec_make(k, of_certificate);
	return k;
}

void
remote_key_free(struct remote_key **kp)
{
	struct remote_key *k = *kp;

	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	RSA_meth_free(k->rsa_method);
	if (k->ec_method != NULL)
		EC_KEY_METHOD_free(k->ec_method);
	free(k->name);
	free(k);
	*kp = NULL;
}

EVP_PKEY *
remote_key_pkey(const struct remote_key *k)
{
	return k->pkey;
}
