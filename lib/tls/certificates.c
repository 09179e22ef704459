/* certificates.c - those that a server or a client shows, and their keys */

#include <stdlib.h>

#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "tls/context_ssl.h"
#include "tls/remote_key.h"
#include "tls/tls_server.h"

static void
refused(struct why *why, const char *what, const char *name)
{
	struct buf text = BUF_EMPTY;

	tls_error_take(&text);
	why_set(why, "4.3.5", "%s %s: %s", what, name, buf_str(&text));
	buf_free(&text);
}

bool
tls_context_certificate(struct tls_context *t, const struct tls_certificate *c,
    const struct tls_signer *signer, struct why *why)
{
	struct remote_key *key;
	X509 *own;

	must(t->key_count < TLS_KEYS_MAX);
	if (SSL_CTX_use_certificate_chain_file(t->ctx, c->chain_file) != 1) {
		refused(why, "certificate", c->chain_file);
		return false;
	}
	own = SSL_CTX_get0_certificate(t->ctx);
	key = remote_key_new(X509_get0_pubkey(own), c->key_file, signer, why);
	if (key == NULL)
		return false;
	tls_end_point_of(own, &t->end_points[t->key_count]);
	t->keys[t->key_count++] = key;
	if (SSL_CTX_use_PrivateKey(t->ctx, remote_key_pkey(key)) != 1) {
		refused(why, "key of certificate", c->chain_file);
		return false;
	}
	return true;
}

bool
tls_context_certificates(struct tls_context *t, const char *files,
    const struct tls_signer *signer, struct why *why)
{
	struct span rest = span_str(files), word;
	bool good = true;

	while (good && span_word(&rest, " \t\r\n,", &word)) {
		char *file = mem_span(word);
		const struct tls_certificate c = { file, file };

		if (t->key_count == TLS_CERTIFICATES_MAX) {
			why_set(why, "4.3.5", "more than %d certificates",
			    TLS_CERTIFICATES_MAX);
			good = false;
		} else {
			good = tls_context_certificate(t, &c, signer, why);
		}
		free(file);
	}
	return good;
}
