/* context_ssl.h - inside lib/tls: the OpenSSL object behind a context */

#ifndef TLS_CONTEXT_SSL_H
#define TLS_CONTEXT_SSL_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "base/span.h"
#include "tls/context.h"

struct tls_certificate;
struct tls_stream;
struct why;
struct buf;
struct remote_key;
struct tls_sessions;

enum { TLS_KEYS_MAX = 8 };

/* A certificate's digest as RFC 5929, 4.1 has it; n is 0 when there is none. */
struct tls_end_point {
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n;
};
void tls_end_point_of(struct x509_st *certificate, struct tls_end_point *out);

/* A context in place of the listener's, for clients that ask for a name. */
struct tls_named {
	char *name; /* lower case; ".example.com": all below */
	struct tls_context *context;
};

struct tls_context {
	SSL_CTX *ctx;
	bool server;
	unsigned holds;
	struct remote_key *keys[TLS_KEYS_MAX];
	struct tls_end_point end_points[TLS_KEYS_MAX]; /* of a server */
	unsigned key_count;
	struct tls_sessions *sessions; /* of a client; NULL: none is resumed */
	/* as tls_context_ciphers() was told; what tuning points to outlives it
	 */
	struct tls_tuning tuning;
	char *grade, *exclude;
	struct tls_named *named; /* sorted by name */
	size_t named_count;
};

/* With all that both roles want: no compression, no renegotiation, buffers
 * given back while idle, plaintext wiped, a plain EOF where the peer closes
 * without a close_notify. */
struct tls_context *tls_context_new(bool server);
/* ">=TLSv1.2", "!TLSv1, !TLSv1.1", "TLSv1.2 TLSv1.3": as Postfix reads them.
 * False: not understood. */
bool tls_context_protocols(struct tls_context *t, struct span text);
/* A grade ("high"; all others are "medium") less a list of what to leave
 * out. */
bool tls_context_ciphers(struct tls_context *t, const struct tls_tuning *tuning,
    struct span grade, struct span exclude);
/* The same for one connection; an empty grade or list is the context's. */
bool tls_ssl_protocols(SSL *ssl, struct span text);
bool tls_ssl_ciphers(SSL *ssl, const struct tls_context *t, struct span grade,
    struct span exclude);
/* "NO_TICKET, PRIORITIZE_CHACHA", or "0x..." of OpenSSL's bits. False: not
 * understood. */
bool tls_context_options(struct tls_context *t, struct span text);
/* Empty the thread's error queue into out: its first entry, as text. */
void tls_error_take(struct buf *out);

/* Believe in the certificates of that file and folder, as far as they are
 * given. */
bool tls_context_authorities(struct tls_context *t, const char *file,
    const char *folder, struct why *why);
/* Show this certificate; those of files, each with its key, parted by blanks
 * and commas. False: why says which cannot be used. */
bool
tls_context_certificate(struct tls_context *t, const struct tls_certificate *c,
    const struct tls_signer *signer, struct why *why);
bool tls_context_certificates(struct tls_context *t, const char *files,
    const struct tls_signer *signer, struct why *why);

/* What the other side showed, or NULL. The stream's. */
struct x509_st *tls_stream_certificate(const struct tls_stream *s);
/* For tls_sessions_put(): whom a new session of this connection is of. NULL: a
 * name was asked for and is not proved. To resume would be to find the same
 * again, when the certificate has long been mended. */
const unsigned char *tls_stream_session_key(const struct tls_stream *s);
/* The connection once TLS is up, else NULL. */
SSL *tls_stream_ssl(const struct tls_stream *s);

#endif
