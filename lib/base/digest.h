/* digest.h - digests and HMAC, by OpenSSL's libcrypto */

#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { SHA256_BYTES = 32 };

void digest_sha256(struct span s, unsigned char out[SHA256_BYTES]);
void digest_hmac_sha256(
    struct span key, struct span s, unsigned char out[SHA256_BYTES]);

#endif
