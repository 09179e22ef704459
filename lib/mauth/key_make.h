/* key_make.h - a new key of DKIM */

#ifndef MAUTH_KEY_MAKE_H
#define MAUTH_KEY_MAKE_H

#include <stdbool.h>

#include "mauth/crypto.h"

struct buf;

/* Append the private key as PEM to pem (wipe it after use) and the text of its
 * key record to record. RSA: 2,048 bits, what every verifier takes and one
 * record holds. False: OpenSSL will not. */
bool
key_make(enum mauth_algorithm algorithm, struct buf *pem, struct buf *record);

#endif
