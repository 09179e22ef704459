/*
 * context.c - what TLS connections of one kind share
 *
 * SSL_MODE_RELEASE_BUFFERS halves the memory of an idle connection. A server
 * has no session cache: tickets keep the state with the client. A peer that
 * closes without close_notify gives a plain end (SMTP, IMAP and POP3 have ends
 * of their own).
 */

#include "tls/context.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "tls/context_ssl.h"
#include "tls/remote_key.h"
#include "tls/tls_client.h"
#include "tls/tls_sessions.h"

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
	for (size_t i = 0; i < t->named_count; i++) {
		free(t->named[i].name);
		tls_context_free(&t->named[i].context);
	}
	free(t->named);
	free(t->grade);
	free(t->exclude);
	tls_sessions_free(&t->sessions);
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

static bool
choice_parse(struct span text, struct choice *c)
{
	struct span word;

	*c = (struct choice){ .least = 0 };
	while (span_word(&text, " \t\r\n,:", &word))
		if (!choice_add(c, word))
			return false;
	for (int i = 0; i < VERSIONS; i++)
		if (c->named != 0 && (c->named & versions[i].off) == 0)
			c->off |= versions[i].off;
	return true;
}

bool
tls_protocols_known(struct span text)
{
	struct choice c;

	return choice_parse(text, &c);
}

bool
tls_ssl_protocols(SSL *ssl, struct span text)
{
	struct choice c;

	if (!choice_parse(text, &c))
		return false;
	for (int i = 0; i < VERSIONS; i++)
		SSL_clear_options(ssl, versions[i].off);
	SSL_set_options(ssl, c.off);
	return SSL_set_min_proto_version(ssl, c.least) == 1 &&
	    SSL_set_max_proto_version(ssl, c.most) == 1;
}

bool
tls_context_protocols(struct tls_context *t, struct span text)
{
	struct choice c;

	if (!choice_parse(text, &c))
		return false;
	SSL_CTX_set_options(t->ctx, c.off);
	return SSL_CTX_set_min_proto_version(t->ctx, c.least) == 1 &&
	    SSL_CTX_set_max_proto_version(t->ctx, c.most) == 1;
}

/* Of the names that Postfix knows, those that mean something to OpenSSL 3 and
 * here; kernel TLS is not among them, for the sandbox lets nobody set it up. */
static const struct {
	const char *name;
	uint64_t bits;
} options[] = {
	{ "NO_TICKET", SSL_OP_NO_TICKET },
	{ "NO_COMPRESSION", SSL_OP_NO_COMPRESSION },
	{ "NO_RENEGOTIATION", SSL_OP_NO_RENEGOTIATION },
	{ "NO_SESSION_RESUMPTION_ON_RENEGOTIATION",
	    SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION },
	{ "PRIORITIZE_CHACHA", SSL_OP_PRIORITIZE_CHACHA },
	{ "ENABLE_MIDDLEBOX_COMPAT", SSL_OP_ENABLE_MIDDLEBOX_COMPAT },
	{ "LEGACY_SERVER_CONNECT", SSL_OP_LEGACY_SERVER_CONNECT },
	{ "TLSEXT_PADDING", SSL_OP_TLSEXT_PADDING },
	{ "NO_ENCRYPT_THEN_MAC", SSL_OP_NO_ENCRYPT_THEN_MAC },
	{ "NO_EXTENDED_MASTER_SECRET", SSL_OP_NO_EXTENDED_MASTER_SECRET },
};

static bool
option_find(struct span word, uint64_t *bits)
{
	if (span_istarts(word, "0x"))
		return number_parse_hex(span_skip(word, 2), UINT64_MAX, bits) &&
		    (*bits & SSL_OP_ENABLE_KTLS) == 0;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (span_iis(word, options[i].name)) {
			*bits = options[i].bits;
			return true;
		}
	return false;
}

bool
tls_context_options(struct tls_context *t, struct span text)
{
	struct span word;
	uint64_t bits;

	while (span_word(&text, " \t\r\n,", &word)) {
		if (!option_find(word, &bits))
			return false;
		SSL_CTX_set_options(t->ctx, bits);
	}
	/* in TLS 1.3 the option only changes the kind of ticket */
	if ((SSL_CTX_get_options(t->ctx) & SSL_OP_NO_TICKET) != 0 && t->server)
		SSL_CTX_set_num_tickets(t->ctx, 0);
	return true;
}

static void
ciphers_list(const struct tls_context *t, struct span grade,
    struct span exclude, struct buf *list)
{
	const struct tls_tuning *tuning = &t->tuning;
	const char *high = tuning->high == NULL ? "HIGH" : tuning->high;
	const char *medium =
	    tuning->medium == NULL ? "HIGH:MEDIUM" : tuning->medium;
	struct span word;

	buf_add_str(list, span_iis(grade, "high") ? high : medium);
	buf_add_str(list, ":!aNULL:!eNULL:!PSK:!SRP");
	/* lists of main.cf say themselves how they are sorted */
	if (tuning->high == NULL)
		buf_add_str(list, ":@STRENGTH");
	/* `keys` signs and never decrypts: no RSA key exchange with us */
	if (t->server)
		buf_add_str(list, ":!kRSA");
	while (span_word(&exclude, " \t\r\n,:", &word)) {
		buf_add_str(list, ":!");
		buf_add_span(list, word);
	}
}

bool
tls_ssl_ciphers(SSL *ssl, const struct tls_context *t, struct span grade,
    struct span exclude)
{
	struct buf list = BUF_EMPTY;
	bool good;

	ciphers_list(t, grade.n > 0 ? grade : span_str(t->grade),
	    exclude.n > 0 ? exclude : span_str(t->exclude), &list);
	good = SSL_set_cipher_list(ssl, buf_str(&list)) == 1;
	buf_free(&list);
	ERR_clear_error();
	return good;
}

bool
tls_context_ciphers(struct tls_context *t, const struct tls_tuning *tuning,
    struct span grade, struct span exclude)
{
	struct buf list = BUF_EMPTY;
	bool good;

	t->tuning = *tuning;
	free(t->grade);
	free(t->exclude);
	t->grade = mem_span(grade);
	t->exclude = mem_span(exclude);
	ciphers_list(t, grade, exclude, &list);
	good = SSL_CTX_set_cipher_list(t->ctx, buf_str(&list)) == 1;
	buf_free(&list);
	ERR_clear_error();
	return good;
}
