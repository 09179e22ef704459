/*
 * tls_binding.c - what a TLS connection gives to channel binding
 *
 * tls-unique (RFC 5929) is not there: it does not exist in TLS 1.3, and in 1.2
 * it binds only where the extended master secret is used.
 */

#include "tls/tls_binding.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/secret.h"
#include "tls/context_ssl.h"
#include "tls/tls_stream.h"

static bool
exporter_of(SSL *ssl, unsigned char out[TLS_EXPORTER_BYTES])
{
	static const char label[] = "EXPORTER-Channel-Binding";

	return SSL_export_keying_material(ssl, out, TLS_EXPORTER_BYTES, label,
		   sizeof(label) - 1, NULL, 0, 1) == 1;
}

static bool
exporter_is(SSL *ssl, struct span data)
{
	unsigned char bytes[TLS_EXPORTER_BYTES];

	if (SSL_version(ssl) < TLS1_3_VERSION &&
	    SSL_get_extms_support(ssl) != 1)
		return false;
	return exporter_of(ssl, bytes) &&
	    secret_equal(span_of((const char *)bytes, sizeof(bytes)), data);
}

bool
tls_binding_exporter(
    const struct tls_stream *s, unsigned char out[TLS_EXPORTER_BYTES])
{
	SSL *ssl = tls_stream_ssl(s);

	return ssl != NULL && SSL_version(ssl) >= TLS1_3_VERSION &&
	    exporter_of(ssl, out);
}

void
tls_end_point_of(X509 *certificate, struct tls_end_point *out)
{
	const EVP_MD *digest;
	int nid = NID_undef;

	out->n = 0;
	if (X509_get_signature_info(certificate, &nid, NULL, NULL, NULL) != 1 ||
	    nid == NID_undef)
		return;
	if (nid == NID_md5 || nid == NID_sha1)
		nid = NID_sha256;
	digest = EVP_get_digestbynid(nid);
	if (digest == NULL ||
	    X509_digest(certificate, digest, out->sum, &out->n) != 1)
		out->n = 0;
}

bool
tls_binding_is(const struct tls_stream *s, struct span type, struct span data)
{
	SSL *ssl = tls_stream_ssl(s);
	const struct tls_context *t;
	bool found = false;

	if (ssl == NULL)
		return false;
	if (span_is(type, "tls-exporter"))
		return exporter_is(ssl, data);
	if (!span_is(type, "tls-server-end-point"))
		return false;
	/* SNI may have put another one in place of the listener's */
	t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	for (unsigned i = 0; i < t->key_count; i++)
		if (t->end_points[i].n > 0 &&
		    span_eq(data,
			span_of((const char *)t->end_points[i].sum,
			    t->end_points[i].n)))
			found = true;
	return found;
}
