/* tls_sessions.h - inside lib/tls: sessions that a client may resume */

#ifndef TLS_TLS_SESSIONS_H
#define TLS_TLS_SESSIONS_H

#include <stdint.h>

#include <openssl/ssl.h>

#include "base/digest.h"

struct tls_sessions;
struct tls_want;

enum { TLS_SESSIONS_MAX = 1000 };

/* Kept for life_s seconds, and not longer than the server says. */
struct tls_sessions *tls_sessions_new(int64_t life_s);
void tls_sessions_free(struct tls_sessions **t);

/* What a session stands for: all that the server's certificate was held
 * against. A session is resumed only for the same. */
void
tls_sessions_key(const struct tls_want *want, unsigned char key[SHA256_BYTES]);
/* One to resume: its reference is the caller's. NULL: there is none. */
SSL_SESSION *tls_sessions_take(
    struct tls_sessions *t, const unsigned char key[SHA256_BYTES]);
/* It did harm: the handshake failed. */
void tls_sessions_forget(
    struct tls_sessions *t, const unsigned char key[SHA256_BYTES]);
/* Takes the reference. */
void tls_sessions_put(struct tls_sessions *t,
    const unsigned char key[SHA256_BYTES], SSL_SESSION *session);

#endif
