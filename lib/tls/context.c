/*
 * context.c - what TLS connections of one kind share
 *
 * SSL_MODE_RELEASE_BUFFERS halves the memory of an idle connection. There is no
 * session cache: tickets keep the state with the client. A peer that closes
 * without close_notify gives a plain end (SMTP, IMAP and POP3 have ends of
 * their own).
 */

#include "tls/context.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "tls/context_ssl.h"
#include "tls/remote_key.h"

void
tls_error_take(struct buf *out)
{
	unsigned long first = ERR_get_error();
	const char *reason = first == 0 ? NULL : ERR_reason_error_string(first);

	if (reason != NULL)
		buf_add_str(out, reason);
	else if (first != 0)
		buf_printf(out, "error %08lX", first);
	else
		buf_add_str(out, "unknown TLS error");
	ERR_clear_error();
}

struct tls_context *
tls_context_new(bool server)
{
	struct tls_context *t = mem_new(sizeof(*t));

	t->server = server;
	t->holds = 1;
	t->ctx =
	    SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (t->ctx == NULL)
		log_fatal("the TLS library cannot be started");
	SSL_CTX_set_app_data(t->ctx, t);
	SSL_CTX_set_mode(t->ctx,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_options(t->ctx,
	    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
		SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_OFF);
	return t;
}

struct tls_context *
tls_context_hold(struct tls_context *t)
{
	t->holds++;
	return t;
}

void
tls_context_free(struct tls_context **tp)
{
	struct tls_context *t = *tp;

	*tp = NULL;
	if (t == NULL || --t->holds > 0)
		return;
	SSL_CTX_free(t->ctx);
	for (unsigned i = 0; i < t->key_count; i++)
		remote_key_free(&t->keys[i]);
	free(t);
}

static const struct {
	const char *name;
	int version;
	uint64_t off;
} versions[] = {
	{ "SSLv2", 0, 0 },
	{ "SSLv3", SSL3_VERSION, SSL_OP_NO_SSLv3 },
	{ "TLSv1", TLS1_VERSION, SSL_OP_NO_TLSv1 },
	{ "TLSv1.0", TLS1_VERSION, SSL_OP_NO_TLSv1 },
	{ "TLSv1.1", TLS1_1_VERSION, SSL_OP_NO_TLSv1_1 },
	{ "TLSv1.2", TLS1_2_VERSION, SSL_OP_NO_TLSv1_2 },
	{ "TLSv1.3", TLS1_3_VERSION, SSL_OP_NO_TLSv1_3 },
};

enum { VERSIONS = sizeof(versions) / sizeof(versions[0]) };

static int
version_find(struct span name)
{
	for (int i = 0; i < VERSIONS; i++)
		if (span_iis(name, versions[i].name))
			return i;
	return -1;
}

/* Bounds, versions left out, and versions named (when any is, all others are
 * out). */
struct choice {
	int least, most;
	uint64_t off, named;
};

static bool
choice_add(struct choice *c, struct span word)
{
	bool omit = span_starts(word, "!"), least = span_starts(word, ">=");
	bool most = span_starts(word, "<=");
	int v = version_find(span_skip(word, least || most ? 2 : omit ? 1 : 0));

	if (v == -1)
		return false;
	if (least)
		c->least = versions[v].version;
	else if (most)
		c->most = versions[v].version;
	else if (omit)
		c->off |= versions[v].off;
	else
		c->named |= versions[v].off;
	return true;
}

bool
tls_context_protocols(struct tls_context *t, struct span text)
{
	struct choice c = { .least = 0 };
	struct span word;

	while (span_word(&text, " \t\r\n,:", &word))
		if (!choice_add(&c, word))
			return false;
	for (int i = 0; i < VERSIONS; i++)
		if (c.named != 0 && (c.named & versions[i].off) == 0)
			c.off |= versions[i].off;
	SSL_CTX_set_options(t->ctx, c.off);
	return SSL_CTX_set_min_proto_version(t->ctx, c.least) == 1 &&
	    SSL_CTX_set_max_proto_version(t->ctx, c.most) == 1;
}

bool
tls_context_ciphers(
    struct tls_context *t, struct span grade, struct span exclude)
{
	struct buf list = BUF_EMPTY;
	struct span word;
	bool good;

	buf_add_str(&list, span_iis(grade, "high") ? "HIGH" : "HIGH:MEDIUM");
	buf_add_str(&list, ":!aNULL:!eNULL:!PSK:!SRP:@STRENGTH");
	/* `keys` signs and never decrypts: no RSA key exchange with us */
	if (t->server)
		buf_add_str(&list, ":!kRSA");
	while (span_word(&exclude, " \t\r\n,:", &word)) {
		buf_add_str(&list, ":!");
		buf_add_span(&list, word);
	}
	good = SSL_CTX_set_cipher_list(t->ctx, buf_str(&list)) == 1;
	buf_free(&list);
	ERR_clear_error();
	return good;
}
