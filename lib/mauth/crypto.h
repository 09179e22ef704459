/* crypto.h - the digests and signatures of mail authentication, by OpenSSL */

#ifndef MAUTH_CRYPTO_H
#define MAUTH_CRYPTO_H

#include "base/digest.h"
#include "base/span.h"

/* SHA-256 of bytes as they come. */
struct hash;

struct hash *hash_new(void);
void hash_free(struct hash **h);
void hash_add(struct hash *h, struct span s);
/* Nothing may be added after it. */
void hash_end(struct hash *h, unsigned char out[SHA256_BYTES]);

enum mauth_algorithm { MAUTH_RSA_SHA256, MAUTH_ED25519_SHA256 };

enum signature_result {
	SIGNATURE_GOOD,
	SIGNATURE_BAD,
	SIGNATURE_KEY_BAD, /* not a key of that algorithm */
	SIGNATURE_KEY_WEAK /* RSA below 1,024 bits, or above 8,192 */
};

/* key: as in the p= of a key record, decoded: for RSA a SubjectPublicKeyInfo
 * or an RSAPublicKey, for Ed25519 its 32 octets. *bits: its size. */
enum signature_result signature_check(enum mauth_algorithm algorithm,
    struct span key, const unsigned char digest[SHA256_BYTES],
    struct span signature, unsigned *bits);

#endif
