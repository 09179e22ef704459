/*
 * tls_peer.c - the certificate that the other side showed
 */

#include "tls/tls_peer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/mem.h"
#include "tls/context_ssl.h"
#include "tls/tls_stream.h"

/* The common name; nothing when there is none, or one that plays tricks. */
static void
common_name(struct buf *out, const X509_NAME *name)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *text = NULL;
	int n;

	if (at == -1)
		return;
	n = ASN1_STRING_to_UTF8(
	    &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0 && n <= TLS_PEER_NAME_MAX &&
	    memchr(text, '\0', (size_t)n) == NULL)
		buf_add(out, text, (size_t)n);
	OPENSSL_free(text);
}

static void
hex_add(struct buf *out, const unsigned char *bytes, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "%s%02X", i == 0 ? "" : ":", bytes[i]);
}

static void
key_print(struct buf *out, X509 *certificate, const EVP_MD *digest)
{
	unsigned char sum[EVP_MAX_MD_SIZE], *key = NULL;
	unsigned n = 0;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);

	if (length > 0 &&
	    EVP_Digest(key, (size_t)length, sum, &n, digest, NULL) == 1)
		hex_add(out, sum, n);
	OPENSSL_free(key);
}

bool
tls_digest_known(const char *name)
{
	return EVP_get_digestbyname(name) != NULL;
}

struct tls_peer *
tls_peer_new(const struct tls_stream *s, const char *digest)
{
	X509 *certificate = tls_stream_certificate(s);
	const EVP_MD *md = EVP_get_digestbyname(digest);
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct tls_peer *p;
	unsigned n = 0;

	if (certificate == NULL || md == NULL)
		return NULL;
	p = mem_new(sizeof(*p));
	p->trusted = tls_stream_trust(s) >= TLS_TRUSTED;
	common_name(&p->subject, X509_get_subject_name(certificate));
	common_name(&p->issuer, X509_get_issuer_name(certificate));
	if (X509_digest(certificate, md, sum, &n) == 1)
		hex_add(&p->fingerprint, sum, n);
	key_print(&p->key_fingerprint, certificate, md);
	return p;
}

void
tls_peer_free(struct tls_peer **p)
{
	if (*p == NULL)
		return;
	buf_free(&(*p)->subject);
	buf_free(&(*p)->issuer);
	buf_free(&(*p)->fingerprint);
	buf_free(&(*p)->key_fingerprint);
	mem_free(p);
}
