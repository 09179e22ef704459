/*
 * tls_client.c - the TLS settings of a client
 *
 * Certificates are always checked and the handshake goes on whatever comes of
 * it: opportunistic TLS (RFC 7435) prefers a key nobody vouches for to none,
 * and whoever wants more looks at the result.
 */

#include "tls/tls_client.h"

#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "tls/context_ssl.h"
#include "tls/remote_key.h"
#include "tls/tls_sessions.h"

static bool
refused(struct why *why, const char *what, const char *name)
{
	struct buf text = BUF_EMPTY;

	tls_error_take(&text);
	why_set(why, "4.3.5", "%s %s: %s", what, name, buf_str(&text));
	buf_free(&text);
	return false;
}

static bool
own_add(struct tls_context *t, const struct tls_certificate *own,
    const struct tls_signer *signer, struct why *why)
{
	X509 *certificate;

	if (SSL_CTX_use_certificate_chain_file(t->ctx, own->chain_file) != 1)
		return refused(why, "certificate", own->chain_file);
	certificate = SSL_CTX_get0_certificate(t->ctx);
	t->keys[0] = remote_key_new(
	    X509_get0_pubkey(certificate), own->key_file, signer, why);
	if (t->keys[0] == NULL)
		return false;
	t->key_count = 1;
	if (SSL_CTX_use_PrivateKey(t->ctx, remote_key_pkey(t->keys[0])) != 1)
		return refused(why, "key of certificate", own->chain_file);
	return true;
}

static bool
settings(struct tls_context *t, const struct tls_client_conf *conf,
    const struct tls_signer *signer, struct why *why)
{
	if (!tls_context_protocols(t, span_str(conf->protocols))) {
		why_set(why, "4.3.5", "TLS protocols \"%s\" not understood",
		    conf->protocols);
		return false;
	}
	if (!tls_context_options(t, span_str(conf->tuning.options))) {
		why_set(why, "4.3.5", "tls_ssl_options \"%s\" not understood",
		    conf->tuning.options);
		return false;
	}
	if (!tls_context_ciphers(t, &conf->tuning, span_str(conf->ciphers),
		span_str(conf->exclude_ciphers))) {
		why_set(why, "4.3.5",
		    "no TLS cipher is left of \"%s\" without \"%s\"",
		    conf->ciphers, conf->exclude_ciphers);
		return false;
	}
	if (!tls_context_authorities(t, conf->ca_file, conf->ca_path, why))
		return false;
	must(SSL_CTX_dane_enable(t->ctx) == 1);
	return conf->own.chain_file == NULL ||
	    conf->own.chain_file[0] == '\0' ||
	    own_add(t, &conf->own, signer, why);
}

/* The server gave a session, or a ticket; at once or, in TLS 1.3, later. */
static int
session_came(SSL *ssl, SSL_SESSION *session)
{
	const struct tls_stream *s = SSL_get_app_data(ssl);
	struct tls_context *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	const unsigned char *key = tls_stream_session_key(s);

	if (key == NULL)
		return 0;
	tls_sessions_put(t->sessions, key, session);
	return 1; /* the reference is taken */
}

static void
resume(struct tls_context *t, int64_t life_s)
{
	if (life_s <= 0)
		return;
	t->sessions = tls_sessions_new(life_s);
	SSL_CTX_set_session_cache_mode(
	    t->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(t->ctx, session_came);
}

struct tls_context *
tls_client_new(const struct tls_client_conf *conf,
    const struct tls_signer *signer, struct why *why)
{
	struct tls_context *t = tls_context_new(false);

	if (!settings(t, conf, signer, why))
		tls_context_free(&t);
	else
		resume(t, conf->resume_s);
	return t;
}
