/*
 * tls_server.c - the TLS settings of a server
 */

#include "tls/tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/why.h"
#include "tls/context_ssl.h"
#include "tls/remote_key.h"

static void
refused(struct why *why, const char *what, const char *name)
{
	struct buf text = BUF_EMPTY;

	tls_error_take(&text);
	why_set(why, "4.3.5", "%s %s: %s", what, name, buf_str(&text));
	buf_free(&text);
}

static bool
certificate_add(struct tls_context *t, const struct tls_certificate *c,
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

/* Whoever wants more than encryption looks at the result. */
static int
go_on(int good, X509_STORE_CTX *store)
{
	(void)good;
	(void)store;
	return 1;
}

static bool
client_asked(
    struct tls_context *t, const struct tls_server_conf *conf, struct why *why)
{
	if (!tls_context_authorities(
		t, conf->client_ca_file, conf->client_ca_folder, why))
		return false;
	if (conf->client_ca_file != NULL && conf->client_ca_file[0] != '\0')
		SSL_CTX_set_client_CA_list(
		    t->ctx, SSL_load_client_CA_file(conf->client_ca_file));
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, go_on);
	return true;
}

static bool
settings(struct tls_context *t, const struct tls_server_conf *conf,
    const struct tls_signer *signer, struct why *why)
{
	if (!tls_context_protocols(t, span_str(conf->protocols))) {
		why_set(why, "4.3.5", "TLS protocols \"%s\" not understood",
		    conf->protocols);
		return false;
	}
	if (!tls_context_ciphers(
		t, span_str(conf->ciphers), span_str(conf->exclude_ciphers))) {
		why_set(why, "4.3.5",
		    "no TLS cipher is left of \"%s\" without \"%s\"",
		    conf->ciphers, conf->exclude_ciphers);
		return false;
	}
	if (conf->prefer_own_ciphers)
		SSL_CTX_set_options(t->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	if (conf->ask_client && !client_asked(t, conf, why))
		return false;
	SSL_CTX_set_dh_auto(t->ctx, 1);
	SSL_CTX_set_num_tickets(t->ctx, 1);
	must(SSL_CTX_set_session_id_context(
		 t->ctx, (const unsigned char *)"facteur", 7) == 1);
	for (size_t i = 0; i < conf->certificate_count; i++)
		if (!certificate_add(t, &conf->certificates[i], signer, why))
			return false;
	return true;
}

struct tls_context *
tls_server_new(const struct tls_server_conf *conf,
    const struct tls_signer *signer, struct why *why)
{
	struct tls_context *t = tls_context_new(true);

	if (!settings(t, conf, signer, why))
		tls_context_free(&t);
	return t;
}
