/* pss.h - inside lib/tls: what a PSS signature is made of */

#ifndef TLS_PSS_H
#define TLS_PSS_H

#include <stdbool.h>

#include "base/span.h"

/* Is block (as long as a modulus of that many bits) an encoding by EMSA-PSS
 * (RFC 8017, 9.1.1) with SHA-256, -384 or -512, the same digest in MGF1, and a
 * salt as long as the digest, as TLS has it (RFC 8446, 4.2.3)? The digest of
 * the message is not known and not needed. */
bool pss_wellformed(struct span block, unsigned modulus_bits);

#endif
