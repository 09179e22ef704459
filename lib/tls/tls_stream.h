/* tls_stream.h - bytes over a descriptor, plain or TLS, without buffers
 *
 * For event loops through tls/conn.h; alone for programs that serve one peer
 * and poll() themselves. SIGPIPE must be ignored by the process.
 */

#ifndef TLS_TLS_STREAM_H
#define TLS_TLS_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct tls_stream;
struct tls_context;

enum tls_stream_result {
	TLS_STREAM_OK,
	TLS_STREAM_WANT_READ, /* try again when the descriptor is readable */
	TLS_STREAM_WANT_WRITE, /* ... writable */
	TLS_STREAM_EOF,
	TLS_STREAM_ERROR /* tls_stream_error() says what */
};

/* What a client knows of the server before the handshake. */
struct tls_want {
	struct span server_name; /* for SNI; empty: none is sent */
	/* Names of which the certificate must show one; none: any will do.
	 * ".example.com" stands for its sub-domains. */
	const struct span *names;
	size_t name_count;
	/* in place of the context's; empty: that one's */
	struct span protocols, ciphers, exclude;
	bool wide_wildcards; /* "*" stands for several labels */
	bool san_only; /* a name in the subject does not count (RFC 6125) */
	/* TLSA records (RFC 7672). With them neither names of the certificate
	 * nor authorities count for usage 3. */
	const struct tls_tlsa *tlsa;
	size_t tlsa_count;
	/* These are of usage 2, of a file (tls_anchors.h): names count as
	 * without them, and server_name for SNI alone. */
	bool anchors;
};

struct tls_tlsa {
	unsigned char usage, selector, matching;
	struct span data;
};

/* How far the peer has proved who it is. */
enum tls_trust {
	TLS_ANONYMOUS, /* no certificate (what a server sees of clients) */
	TLS_UNTRUSTED, /* a certificate nobody we trust vouches for, or whose
			* name is another */
	TLS_TRUSTED, /* an authority vouches; no name was asked for */
	TLS_VERIFIED /* and the name, or the TLSA record, is right */
};

/* Takes fd. */
struct tls_stream *tls_stream_new(int fd);
/* Closes at once, without a close_notify. */
void tls_stream_free(struct tls_stream **s);
/* Give the descriptor back; the stream is gone. Must not be TLS. */
int tls_stream_detach(struct tls_stream **s);
int tls_stream_fd(const struct tls_stream *s);

/* Up to room bytes into p. In TLS room should be 16,384 or more: then nothing
 * that has been decrypted stays behind inside the library, where the event loop
 * could not see it. */
enum tls_stream_result
tls_stream_read(struct tls_stream *s, void *p, size_t room, size_t *n);
/* *n bytes of the front of bytes were taken (at least 1 with TLS_STREAM_OK). */
enum tls_stream_result
tls_stream_write(struct tls_stream *s, struct span bytes, size_t *n);
/* Send a close_notify, as far as that goes without waiting. */
void tls_stream_shutdown(struct tls_stream *s);

/* Begin TLS; then call tls_stream_handshake() until it says TLS_STREAM_OK. The
 * caller has dropped what was read in plain. After tls_stream_accept(), bytes
 * still go out in plain until the handshake is first called. Programs that call
 * neither of these two are not linked with OpenSSL. */
void tls_stream_accept(struct tls_stream *s, struct tls_context *t);
/* False when want cannot be used (a bad TLSA record): tls_stream_error(); then
 * nothing can be read or written any more. */
bool tls_stream_connect(
    struct tls_stream *s, struct tls_context *t, const struct tls_want *want);
enum tls_stream_result tls_stream_handshake(struct tls_stream *s);
bool tls_stream_is_tls(const struct tls_stream *s);
/* Append "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)". */
void tls_stream_info(const struct tls_stream *s, struct buf *out);
/* The handshake went on where an earlier connection had been. */
bool tls_stream_resumed(const struct tls_stream *s);
enum tls_trust tls_stream_trust(const struct tls_stream *s);
/* "Anonymous", "Untrusted", "Trusted", "Verified": as logs have it. */
const char *tls_trust_name(enum tls_trust trust);
/* Why the peer's certificate is not trusted: text for people. */
const char *tls_stream_doubt(const struct tls_stream *s);
/* The name the client asked for (SNI), or an empty span. Hostile bytes. */
struct span tls_stream_server_name(const struct tls_stream *s);
/* Text of the last TLS_STREAM_ERROR. */
const char *tls_stream_error(const struct tls_stream *s);

#endif
