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

/* Digests by name, for protocols that have several; MD5 and SHA-1 only where
 * a protocol has them for HMAC. */
enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };
enum { DIGEST_BYTES_MAX = 32 };
size_t digest_bytes(enum digest_kind kind);
/* Each fills digest_bytes(kind) octets of out. */
void digest_sum(
    enum digest_kind kind, struct span s, unsigned char out[DIGEST_BYTES_MAX]);
void digest_hmac(enum digest_kind kind, struct span key, struct span s,
    unsigned char out[DIGEST_BYTES_MAX]);
void digest_pbkdf2(enum digest_kind kind, struct span password,
    struct span salt, unsigned iterations, unsigned char out[DIGEST_BYTES_MAX]);

#endif
