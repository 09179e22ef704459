/* tls_anchors.h - a file of certificates and public keys that alone vouch for a
 * server (smtp_tls_trust_anchor_file)
 */

#ifndef TLS_TLS_ANCHORS_H
#define TLS_TLS_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct tls_tlsa;
struct why;

enum { TLS_ANCHORS_MAX = 64 };

/* As TLSA records of usage 2 (RFC 6698), whole; for tls_want, with anchors set.
 * Lives in a. False: it cannot be read, has none, or too many: why. */
bool tls_anchors_read(const char *file, struct arena *a,
    const struct tls_tlsa **list, size_t *count, struct why *why);

#endif
