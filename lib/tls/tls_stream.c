/*
 * tls_stream.c - bytes over a descriptor, plain or TLS, without buffers
 *
 * OpenSSL's errors are taken off the thread's queue where they arise, so that
 * no other connection reads them.
 */

#include "tls/tls_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/must.h"
#include "tls/context_ssl.h"
#include "tls/tls_sessions.h"

struct tls_stream {
	int fd;
	SSL *ssl; /* NULL: plain */
	struct tls_context *context;
	bool named; /* a name or TLSA record has to fit */
	bool up; /* the handshake is over */
	bool broken; /* TLS may not be shut down in order any more */
	unsigned char session_key[SHA256_BYTES]; /* of a client */
	char *error; /* of the last failure, or NULL */
};

struct tls_stream *
tls_stream_new(int fd)
{
	struct tls_stream *s = mem_new(sizeof(*s));

	s->fd = fd;
	return s;
}

static void
stream_drop(struct tls_stream **sp)
{
	struct tls_stream *s = *sp;

	SSL_free(s->ssl);
	tls_context_free(&s->context);
	free(s->error);
	free(s);
	*sp = NULL;
}

void
tls_stream_free(struct tls_stream **s)
{
	if (*s == NULL)
		return;
	close((*s)->fd);
	stream_drop(s);
}

int
tls_stream_detach(struct tls_stream **s)
{
	int fd = (*s)->fd;

	must((*s)->ssl == NULL);
	stream_drop(s);
	return fd;
}

int
tls_stream_fd(const struct tls_stream *s)
{
	return s->fd;
}

static enum tls_stream_result
failed(struct tls_stream *s, int error)
{
	free(s->error);
	s->error = mem_str(strerror(error));
	return TLS_STREAM_ERROR;
}

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
	int error = errno, kind = SSL_get_error(s->ssl, got);

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
		s->broken = true;
		ERR_clear_error();
		return error == 0 ? TLS_STREAM_EOF : failed(s, error);
	default:
		s->broken = true;
		return tls_failed(s);
	}
}

static enum tls_stream_result
plain_result(struct tls_stream *s, ssize_t got, enum tls_stream_result again)
{
	if (got >= 0)
		return TLS_STREAM_OK;
	if (errno == EAGAIN || errno == EINTR)
		return again;
	return failed(s, errno);
}

enum tls_stream_result
tls_stream_read(struct tls_stream *s, void *p, size_t room, size_t *n)
{
	ssize_t got;

	*n = 0;
	if (s->ssl != NULL) {
		ERR_clear_error();
		errno = 0;
		return tls_result(s, SSL_read_ex(s->ssl, p, room, n));
	}
	got = read(s->fd, p, room);
	if (got == 0)
		return TLS_STREAM_EOF;
	if (got > 0)
		*n = (size_t)got;
	return plain_result(s, got, TLS_STREAM_WANT_READ);
}

enum tls_stream_result
tls_stream_write(struct tls_stream *s, struct span bytes, size_t *n)
{
	ssize_t got;

	*n = 0;
	if (s->ssl != NULL) {
		ERR_clear_error();
		errno = 0;
		return tls_result(s, SSL_write_ex(s->ssl, bytes.p, bytes.n, n));
	}
	got = write(s->fd, bytes.p, bytes.n);
	if (got > 0)
		*n = (size_t)got;
	return plain_result(s, got, TLS_STREAM_WANT_WRITE);
}

void
tls_stream_shutdown(struct tls_stream *s)
{
	if (s->ssl == NULL || s->broken || !s->up)
		return;
	ERR_clear_error();
	SSL_shutdown(s->ssl);
	ERR_clear_error();
}

static void
tls_begin(struct tls_stream *s, struct tls_context *t)
{
	must(s->ssl == NULL);
	s->context = tls_context_hold(t);
	s->ssl = SSL_new(t->ctx);
	must(s->ssl != NULL && SSL_set_fd(s->ssl, s->fd) == 1);
}

void
tls_stream_accept(struct tls_stream *s, struct tls_context *t)
{
	must(t->server);
	tls_begin(s, t);
	SSL_set_accept_state(s->ssl);
}

static bool
name_add(struct tls_stream *s, struct span name)
{
	char *text = mem_span(name);
	bool good =
	    span_find(name, '\0') == name.n && SSL_add1_host(s->ssl, text) == 1;

	free(text);
	return good;
}

static bool
tlsa_add(struct tls_stream *s, const struct tls_want *want)
{
	char *base = mem_span(want->server_name);
	size_t usable = 0;
	bool good = SSL_dane_enable(s->ssl, base) > 0;

	free(base);
	SSL_dane_set_flags(s->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (size_t i = 0; good && i < want->tlsa_count; i++) {
		const struct tls_tlsa *r = &want->tlsa[i];
		int got = SSL_dane_tlsa_add(s->ssl, r->usage, r->selector,
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
	SSL_SESSION *session;

	tls_sessions_key(want, s->session_key);
	SSL_set_app_data(s->ssl, s);
	session = tls_sessions_take(s->context->sessions, s->session_key);
	if (session == NULL)
		return;
	if (SSL_set_session(s->ssl, session) != 1)
		ERR_clear_error();
	SSL_SESSION_free(session);
}

const unsigned char *
tls_stream_session_key(const struct tls_stream *s)
{
	return s->session_key;
}

bool
tls_stream_connect(
    struct tls_stream *s, struct tls_context *t, const struct tls_want *want)
{
	bool good = true;

	must(!t->server);
	tls_begin(s, t);
	SSL_set_connect_state(s->ssl);
	SSL_set_hostflags(s->ssl,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
		(want->san_only ? X509_CHECK_FLAG_NEVER_CHECK_SUBJECT : 0));
	s->named = want->tlsa_count > 0 || want->name_count > 0;
	if (want->tlsa_count > 0) {
		good = tlsa_add(s, want);
	} else if (want->server_name.n > 0) {
		char *name = mem_span(want->server_name);

		good = SSL_set_tlsext_host_name(s->ssl, name) == 1;
		free(name);
	}
	for (size_t i = 0; good && i < want->name_count; i++)
		good = name_add(s, want->names[i]);
	if (good && t->sessions != NULL)
		session_resume(s, want);
	if (!good)
		tls_failed(s);
	return good;
}

enum tls_stream_result
tls_stream_handshake(struct tls_stream *s)
{
	enum tls_stream_result got;

	ERR_clear_error();
	errno = 0;
	got = tls_result(s, SSL_do_handshake(s->ssl));
	s->up = got == TLS_STREAM_OK;
	if ((got == TLS_STREAM_ERROR || got == TLS_STREAM_EOF) &&
	    s->context->sessions != NULL)
		tls_sessions_forget(s->context->sessions, s->session_key);
	return got;
}

bool
tls_stream_is_tls(const struct tls_stream *s)
{
	return s->ssl != NULL && s->up;
}

void
tls_stream_info(const struct tls_stream *s, struct buf *out)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(s->ssl);
	int algorithm = 0, used = SSL_CIPHER_get_bits(cipher, &algorithm);

	buf_printf(out, "%s with cipher %s (%d/%d bits)",
	    SSL_get_version(s->ssl), SSL_CIPHER_get_name(cipher), used,
	    algorithm);
}

bool
tls_stream_resumed(const struct tls_stream *s)
{
	return SSL_session_reused(s->ssl) == 1;
}

enum tls_trust
tls_stream_trust(const struct tls_stream *s)
{
	if (SSL_get0_peer_certificate(s->ssl) == NULL)
		return TLS_ANONYMOUS;
	if (SSL_get_verify_result(s->ssl) != X509_V_OK)
		return TLS_UNTRUSTED;
	return s->named ? TLS_VERIFIED : TLS_TRUSTED;
}

X509 *
tls_stream_certificate(const struct tls_stream *s)
{
	return s->ssl == NULL ? NULL : SSL_get0_peer_certificate(s->ssl);
}

SSL *
tls_stream_ssl(const struct tls_stream *s)
{
	return tls_stream_is_tls(s) ? s->ssl : NULL;
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
	return X509_verify_cert_error_string(SSL_get_verify_result(s->ssl));
}

struct span
tls_stream_server_name(const struct tls_stream *s)
{
	return span_str(SSL_get_servername(s->ssl, TLSEXT_NAMETYPE_host_name));
}

const char *
tls_stream_error(const struct tls_stream *s)
{
	return s->error == NULL ? "" : s->error;
}
