/*
 * tls_server.c - the TLS settings of a server
 */

#include "tls/tls_server.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "base/why.h"
#include "tls/context_ssl.h"

enum { TLS_SNI_NAME_MAX = 255 };

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
	if (conf->verify_depth > 0)
		SSL_CTX_set_verify_depth(t->ctx, conf->verify_depth);
	return true;
}

static bool
limits_set(
    struct tls_context *t, const struct tls_server_conf *conf, struct why *why)
{
	if (!tls_context_protocols(t, span_str(conf->protocols))) {
		why_set(why, "4.3.5", "TLS protocols \"%s\" not understood",
		    conf->protocols);
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
	SSL_CTX_set_dh_auto(t->ctx, 1);
	SSL_CTX_set_num_tickets(t->ctx, 1);
	if (!tls_context_options(t, span_str(conf->tuning.options))) {
		why_set(why, "4.3.5", "tls_ssl_options \"%s\" not understood",
		    conf->tuning.options);
		return false;
	}
	if (conf->prefer_own_ciphers)
		SSL_CTX_set_options(t->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	must(SSL_CTX_set_session_id_context(
		 t->ctx, (const unsigned char *)"facteur", 7) == 1);
	return true;
}

static bool
settings(struct tls_context *t, const struct tls_server_conf *conf,
    const struct tls_signer *signer, struct why *why)
{
	if (!limits_set(t, conf, why) ||
	    (conf->ask_client && !client_asked(t, conf, why)))
		return false;
	for (size_t i = 0; i < conf->certificate_count; i++)
		if (!tls_context_certificate(
			t, &conf->certificates[i], signer, why))
			return false;
	return true;
}

/* What a client asks for takes the place of the listener's; authorities are
 * shared with it. */
static struct tls_context *
named_context(const struct tls_context *of, const struct tls_server_conf *conf,
    const struct tls_sni *sni, const struct tls_signer *signer)
{
	struct tls_context *t = tls_context_new(true);
	struct why why;
	bool good;

	why_init(&why);
	good = limits_set(t, conf, &why) &&
	    tls_context_certificates(t, sni->files, signer, &why) &&
	    t->key_count > 0;
	if (good && conf->ask_client) {
		SSL_CTX_set1_cert_store(
		    t->ctx, SSL_CTX_get_cert_store(of->ctx));
		SSL_CTX_set_client_CA_list(t->ctx,
		    SSL_dup_CA_list(SSL_CTX_get_client_CA_list(of->ctx)));
		SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, go_on);
	}
	if (!good) {
		log_warning(
		    "tls_server_sni_maps: %s: %s", sni->name, why_text(&why));
		tls_context_free(&t);
	}
	why_free(&why);
	return t;
}

static char *
lower(const char *name)
{
	char *text = mem_str(name);

	for (char *c = text; *c != '\0'; c++)
		*c = (char)ascii_lower((unsigned char)*c);
	return text;
}

static struct tls_context *
named_find(const struct tls_context *t, const char *name)
{
	size_t low = 0, high = t->named_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, t->named[middle].name);

		if (order == 0)
			return t->named[middle].context;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int
by_name(const void *a, const void *b)
{
	const struct tls_named *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
named_add(struct tls_context *t, const struct tls_server_conf *conf,
    const struct tls_signer *signer)
{
	struct table *seen = table_new();

	t->named = mem_array(conf->sni_count, sizeof(*t->named));
	for (size_t i = 0; i < conf->sni_count; i++) {
		struct tls_named n = { lower(conf->sni[i].name), NULL };

		if (table_put(seen, span_str(n.name), t) == NULL)
			n.context =
			    named_context(t, conf, &conf->sni[i], signer);
		if (n.context == NULL)
			free(n.name);
		else
			t->named[t->named_count++] = n;
	}
	table_free(&seen, NULL);
	qsort(t->named, t->named_count, sizeof(*t->named), by_name);
}

/* The name itself, else ".parent" for each domain above. */
static int
name_asked(SSL *ssl, int *alert, void *arg)
{
	const struct tls_context *t = arg;
	const char *asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct tls_context *found;
	char *name, *at;

	(void)alert;
	if (asked == NULL || strlen(asked) > TLS_SNI_NAME_MAX)
		return SSL_TLSEXT_ERR_NOACK;
	name = lower(asked);
	at = name;
	found = named_find(t, name);
	while (found == NULL && at != NULL && at[0] != '\0') {
		at = strchr(at + 1, '.');
		if (at != NULL)
			found = named_find(t, at);
	}
	free(name);
	if (found == NULL || SSL_set_SSL_CTX(ssl, found->ctx) == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	return SSL_TLSEXT_ERR_OK;
}

struct tls_context *
tls_server_new(const struct tls_server_conf *conf,
    const struct tls_signer *signer, struct why *why)
{
	struct tls_context *t = tls_context_new(true);

	if (!settings(t, conf, signer, why)) {
		tls_context_free(&t);
	} else if (conf->sni_count > 0) {
		named_add(t, conf, signer);
		SSL_CTX_set_tlsext_servername_callback(t->ctx, name_asked);
		SSL_CTX_set_tlsext_servername_arg(t->ctx, t);
	}
	return t;
}
