/*
 * tls_client.c - the TLS settings of a client
 *
 * Certificates are always checked and the handshake goes on whatever comes of
 * it: opportunistic TLS (RFC 7435) prefers a key nobody vouches for to none,
 * and whoever wants more looks at the result.
 */

#include "tls/tls_client.h"

#include <openssl/ssl.h>

#include "base/must.h"
#include "base/why.h"
#include "tls/context_ssl.h"
#include "tls/remote_key.h"
#include "tls/tls_sessions.h"

static bool
own_add(struct tls_context *t, const struct tls_client_conf *conf,
    const struct tls_signer *signer, struct why *why)
{
	if (!tls_context_certificates(t, conf->chain_files, signer, why))
		return false;
	for (size_t i = 0; i < 2 && t->key_count < 2; i++) {
		const struct tls_certificate *c = &conf->own[i];
		bool is_chain =
		    conf->chain_files != NULL && conf->chain_files[0] != '\0';

		if (!is_chain && c->chain_file != NULL &&
		    c->chain_file[0] != '\0' &&
		    !tls_context_certificate(t, c, signer, why))
			return false;
	}
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
		    conf->ciphers,
		    conf->exclude_ciphers == NULL ? "" : conf->exclude_ciphers);
		return false;
	}
	if (!tls_context_authorities(t, conf->ca_file, conf->ca_path, why) ||
	    !tls_context_authorities(t, conf->more_ca_file, NULL, why))
		return false;
	must(SSL_CTX_dane_enable(t->ctx) == 1);
	if (conf->verify_depth > 0)
		SSL_CTX_set_verify_depth(t->ctx, conf->verify_depth);
	return own_add(t, conf, signer, why);
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
