/* key_call.h - asking keys for a signature
 *
 *   key_sign -> key_signed
 *
 * keys answers each role only for the keys listed for it, and signs: it
 * neither decrypts nor gives a key away.
 */

#ifndef CALLS_KEY_CALL_H
#define CALLS_KEY_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct packet_in;
struct packet_out;

struct key_sign {
	struct span key; /* the key's file, as the configuration names it */
	struct span scheme; /* as tls/context.h has it: "pss", "ecdsa", ... */
	struct span data;
};

void key_sign_put(struct packet_out *o, const struct key_sign *s);
bool key_sign_get(struct packet_in *in, struct key_sign *out);
/* signature empty: refused. */
void key_signed_put(struct packet_out *o, uint32_t id, struct span signature);
bool key_signed_get(struct packet_in *in, struct span *signature);

/* The asking side, blocking: for lib/tls, which needs the signature inside a
 * handshake. It connects when first asked, and again after a loss. */
struct key_client;

/* path: the socket of keys as seen from the jail; copied. */
struct key_client *key_client_new(const char *path, int64_t limit_ms);
void key_client_free(struct key_client **c);
/* A tls_sign_fn: arg is the client. Trouble is logged. */
bool key_client_sign(void *arg, struct span key, struct span scheme,
    struct span data, struct buf *signature);

#endif
