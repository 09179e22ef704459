/* fingerprint.h - certificates that are known by their digests */

#ifndef SMTP_FINGERPRINT_H
#define SMTP_FINGERPRINT_H

#include <stddef.h>

#include "base/span.h"

struct arena;
struct tls_tlsa;

/* "AB:CD:...|12:34:..." (also with blanks or commas between): SHA-256 or
 * SHA-512 of a certificate or of its public key, as records that the TLS layer
 * knows what to do with. How many; what is no such digest is passed over. */
size_t fingerprint_parse(
    struct arena *a, struct span text, const struct tls_tlsa **out);

#endif
