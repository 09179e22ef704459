/* remote_key.h - inside lib/tls: a private key that lives elsewhere */

#ifndef TLS_REMOTE_KEY_H
#define TLS_REMOTE_KEY_H

#include <openssl/evp.h>

#include "tls/context.h"

struct remote_key;
struct why;

/* For the key whose public half is of_certificate (borrowed); name as
 * tls_sign_fn wants it. NULL, with why, when its kind is neither RSA nor EC.
 * It must outlive every use of its EVP_PKEY. */
struct remote_key *remote_key_new(EVP_PKEY *of_certificate, const char *name,
    const struct tls_signer *signer, struct why *why);
void remote_key_free(struct remote_key **k);
/* The key object to give to OpenSSL; borrowed. */
EVP_PKEY *remote_key_pkey(const struct remote_key *k);

#endif
