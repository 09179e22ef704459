/* digest.h - digests, HMAC and PBKDF2, by OpenSSL's libcrypto */

#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { SHA256_BYTES = 32 };

void digest_sha256(struct span s, unsigned char out[SHA256_BYTES]);
/* The same of bytes that come in pieces; digest_end() frees it. */
struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *d, struct span s);
void digest_end(struct digest **d, unsigned char out[SHA256_BYTES]);
void digest_hmac_sha256(
    struct span key, struct span s, unsigned char out[SHA256_BYTES]);
/* PBKDF2 (RFC 8018, 5.2) with HMAC-SHA-256, one block; slow as iterations
 * (1 or more) say. */
void digest_pbkdf2_sha256(struct span password, struct span salt,
    unsigned iterations, unsigned char out[SHA256_BYTES]);

#endif
