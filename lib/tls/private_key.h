/* private_key.h - a private key, for the process that may hold one */

#ifndef TLS_PRIVATE_KEY_H
#define TLS_PRIVATE_KEY_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct private_key;
struct why;

/* From a PEM file (certificates in it are passed over; keys under a pass
 * phrase are refused). NULL with why. */
struct private_key *private_key_load(const char *path, struct why *why);
void private_key_free(struct private_key **k);
/* Append the signature of data by scheme (tls/context.h has the list). False
 * when the scheme does not suit the key or data is not what the scheme signs:
 * a PSS block must be well-formed, so that nobody can have anything decrypted
 * or signed raw. Nothing is appended then. */
bool private_key_sign(struct private_key *k, struct span scheme,
    struct span data, struct buf *signature);

#endif
