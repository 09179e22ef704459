/* context.h - what TLS connections of one kind share: certificates, limits on
 * versions and ciphers, the store of trusted authorities
 */

#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Made by tls_server_new() or tls_client_new(), before the jail. */
struct tls_context;

/* What main.cf says for server and client alike; NULL is the default. */
struct tls_tuning {
	/* tls_high_cipherlist, tls_medium_cipherlist: OpenSSL's words.
	 * Ciphers without authentication or encryption are never used. */
	const char *high, *medium;
	const char *options; /* tls_ssl_options */
};

/* Connections hold theirs, so a context may be let go while some live. */
struct tls_context *tls_context_hold(struct tls_context *t);
void tls_context_free(struct tls_context **t);

/*
 * Private keys are in the process `keys`; whoever needs a signature asks for
 * it. key: the name of the key's file as the configuration has it. scheme:
 * "pkcs1:SHA256" (any digest of the SHA-1 and SHA-2 families; data is the
 * digest), "ecdsa" (data is the digest), "pss" (data is the padded block,
 * as long as the modulus) or "ed25519" (of DKIM: data is a SHA-256 digest).
 * Append the signature, or return false after a line in the log. Blocks no
 * longer than a signature takes. calls/key_call.h has the function that asks
 * `keys`.
 */
typedef bool tls_sign_fn(void *arg, struct span key, struct span scheme,
    struct span data, struct buf *signature);

struct tls_signer {
	tls_sign_fn *sign;
	void *arg;
};

#endif
