/*
 * tls_ssl.c - TLS on a stream, by OpenSSL
 *
 * Only who begins TLS is linked with this file, and with OpenSSL: the stream
 * itself (tls_stream.c) knows it by the table that is set here.
 *
 * OpenSSL's errors are taken off the thread's queue where they arise, so that
 * no other connection reads them.
 */

#include "tls/tls_stream_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "tls/context_ssl.h"
#include "tls/tls_sessions.h"

struct tls_ssl {
	SSL *ssl;
	struct tls_context *context;
	bool named; /* a name or TLSA record has to fit */
	bool broken; /* TLS may not be shut down in order any more */
	unsigned char session_key[SHA256_BYTES]; /* of a client */
};

static enum tls_stream_result
tls_failed(struct tls_stream *s)
{
	struct buf text = BUF_EMPTY;

	tls_error_take(&text);
	free(s->error);
	s->error = buf_take(&text);
	return TLS_STREAM_ERROR;
}

static enum tls_stream_result
tls_result(struct tls_stream *s, int got)
{
	int error = errno, kind = SSL_get_error(s->tls->ssl, got);

	switch (kind) {
	case SSL_ERROR_NONE:
		return TLS_STREAM_OK;
	case SSL_ERROR_WANT_READ:
		return TLS_STREAM_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_STREAM_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_STREAM_EOF;
	case SSL_ERROR_SYSCALL:
		s->tls->broken = true;
		ERR_clear_error();
		return error == 0 ? TLS_STREAM_EOF
				  : tls_stream_failed(s, error);
	default:
		s->tls->broken = true;
		return tls_failed(s);
	}
}

static enum tls_stream_result
ssl_read(struct tls_stream *s, void *p, size_t room, size_t *n)
{
	if (s->state == TLS_STATE_FAILED)
		return TLS_STREAM_ERROR;
	ERR_clear_error();
	errno = 0;
	return tls_result(s, SSL_read_ex(s->tls->ssl, p, room, n));
}

static enum tls_stream_result
ssl_write(struct tls_stream *s, struct span bytes, size_t *n)
{
	if (s->state == TLS_STATE_FAILED)
		return TLS_STREAM_ERROR;
	ERR_clear_error();
	errno = 0;
	return tls_result(s, SSL_write_ex(s->tls->ssl, bytes.p, bytes.n, n));
}

static void
ssl_shutdown(struct tls_stream *s)
{
	if (s->tls->broken)
		return;
	ERR_clear_error();
	SSL_shutdown(s->tls->ssl);
	ERR_clear_error();
}

static enum tls_stream_result
ssl_handshake(struct tls_stream *s)
{
	struct tls_ssl *t = s->tls;
	enum tls_stream_result got;

	ERR_clear_error();
	errno = 0;
	got = tls_result(s, SSL_do_handshake(t->ssl));
	if ((got == TLS_STREAM_ERROR || got == TLS_STREAM_EOF) &&
	    t->context->sessions != NULL)
		tls_sessions_forget(t->context->sessions, t->session_key);
	return got;
}

static void
ssl_free(struct tls_ssl **tp)
{
	struct tls_ssl *t = *tp;

	SSL_free(t->ssl);
	tls_context_free(&t->context);
	free(t);
	*tp = NULL;
}

static SSL *
tls_begin(struct tls_stream *s, struct tls_context *context)
{
	static const struct tls_ops ops = { ssl_read, ssl_write, ssl_handshake,
		ssl_shutdown, ssl_free };
	struct tls_ssl *t = mem_new(sizeof(*t));

	must(s->ops == NULL);
	t->context = tls_context_hold(context);
	t->ssl = SSL_new(context->ctx);
	must(t->ssl != NULL && SSL_set_fd(t->ssl, s->fd) == 1);
	s->ops = &ops;
	s->tls = t;
	return t->ssl;
}

void
tls_stream_accept(struct tls_stream *s, struct tls_context *t)
{
	must(t->server);
	SSL_set_accept_state(tls_begin(s, t));
}

static bool
name_add(SSL *ssl, struct span name)
{
	char *text = mem_span(name);
	bool good =
	    span_find(name, '\0') == name.n && SSL_add1_host(ssl, text) == 1;

	free(text);
	return good;
}

static bool
server_name_set(SSL *ssl, struct span server)
{
	char *name = mem_span(server);
	bool good = SSL_set_tlsext_host_name(ssl, name) == 1;

	free(name);
	return good;
}

static bool
tlsa_add(SSL *ssl, const struct tls_want *want)
{
	char *base =
	    mem_span(want->anchors ? want->names[0] : want->server_name);
	size_t usable = 0;
	bool good = SSL_dane_enable(ssl, base) > 0;

	free(base);
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (size_t i = 0; good && i < want->tlsa_count; i++) {
		const struct tls_tlsa *r = &want->tlsa[i];
		int got = SSL_dane_tlsa_add(ssl, r->usage, r->selector,
		    r->matching, (const unsigned char *)r->data.p, r->data.n);

		/* 0: a kind of record that is to be passed over */
		good = got >= 0;
		usable += got > 0;
	}
	return good && usable > 0;
}

/* Where there is a session for the same: a server that does not know it shakes
 * hands anew. */
static void
session_resume(struct tls_stream *s, const struct tls_want *want)
{
	struct tls_ssl *t = s->tls;
	SSL_SESSION *session;

	tls_sessions_key(want, t->session_key);
	SSL_set_app_data(t->ssl, s);
	session = tls_sessions_take(t->context->sessions, t->session_key);
	if (session == NULL)
		return;
	if (SSL_set_session(t->ssl, session) != 1)
		ERR_clear_error();
	SSL_SESSION_free(session);
}

bool
tls_stream_connect(
    struct tls_stream *s, struct tls_context *t, const struct tls_want *want)
{
	bool good = true;
	SSL *ssl;

	must(!t->server);
	ssl = tls_begin(s, t);
	s->state = TLS_STATE_SHAKING;
	SSL_set_connect_state(ssl);
	SSL_set_hostflags(ssl,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
		(want->wide_wildcards ? X509_CHECK_FLAG_MULTI_LABEL_WILDCARDS
				      : 0) |
		(want->san_only ? X509_CHECK_FLAG_NEVER_CHECK_SUBJECT : 0));
	if (want->protocols.n > 0)
		good = tls_ssl_protocols(ssl, want->protocols);
	if (good && (want->ciphers.n > 0 || want->exclude.n > 0))
		good = tls_ssl_ciphers(ssl, t, want->ciphers, want->exclude);
	s->tls->named = want->tlsa_count > 0 || want->name_count > 0;
	must(!want->anchors || want->name_count > 0);
	/* else the TLSA base is it */
	if (good && want->server_name.n > 0 &&
	    (want->tlsa_count == 0 || want->anchors))
		good = server_name_set(ssl, want->server_name);
	if (good && want->tlsa_count > 0)
		good = tlsa_add(ssl, want);
	for (size_t i = 0; good && i < want->name_count; i++)
		good = name_add(ssl, want->names[i]);
	if (good && t->sessions != NULL)
		session_resume(s, want);
	if (!good) {
		tls_failed(s);
		s->state = TLS_STATE_FAILED;
	}
	return good;
}

void
tls_stream_info(const struct tls_stream *s, struct buf *out)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(s->tls->ssl);
	int algorithm = 0, used = SSL_CIPHER_get_bits(cipher, &algorithm);

	buf_printf(out, "%s with cipher %s (%d/%d bits)",
	    SSL_get_version(s->tls->ssl), SSL_CIPHER_get_name(cipher), used,
	    algorithm);
}

bool
tls_stream_resumed(const struct tls_stream *s)
{
	return SSL_session_reused(s->tls->ssl) == 1;
}

X509 *
tls_stream_certificate(const struct tls_stream *s)
{
	return s->tls == NULL ? NULL : SSL_get0_peer_certificate(s->tls->ssl);
}

enum tls_trust
tls_stream_trust(const struct tls_stream *s)
{
	if (tls_stream_certificate(s) == NULL)
		return TLS_ANONYMOUS;
	if (SSL_get_verify_result(s->tls->ssl) != X509_V_OK)
		return TLS_UNTRUSTED;
	return s->tls->named ? TLS_VERIFIED : TLS_TRUSTED;
}

const unsigned char *
tls_stream_session_key(const struct tls_stream *s)
{
	return s->tls->named && tls_stream_trust(s) != TLS_VERIFIED
	    ? NULL
	    : s->tls->session_key;
}

SSL *
tls_stream_ssl(const struct tls_stream *s)
{
	return tls_stream_is_tls(s) ? s->tls->ssl : NULL;
}

const char *
tls_trust_name(enum tls_trust trust)
{
	static const char *const names[] = {
		[TLS_ANONYMOUS] = "Anonymous",
		[TLS_UNTRUSTED] = "Untrusted",
		[TLS_TRUSTED] = "Trusted",
		[TLS_VERIFIED] = "Verified",
	};

	return names[trust];
}

const char *
tls_stream_doubt(const struct tls_stream *s)
{
	return X509_verify_cert_error_string(
	    SSL_get_verify_result(s->tls->ssl));
}

struct span
tls_stream_server_name(const struct tls_stream *s)
{
	return span_str(s->tls == NULL
		? NULL
		: SSL_get_servername(s->tls->ssl, TLSEXT_NAMETYPE_host_name));
}
