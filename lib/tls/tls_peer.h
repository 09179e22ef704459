/* tls_peer.h - the certificate that the other side showed */

#ifndef TLS_TLS_PEER_H
#define TLS_TLS_PEER_H

#include <stdbool.h>

#include "base/buf.h"

struct tls_stream;

enum { TLS_PEER_NAME_MAX = 200 };

/* Names are hostile bytes; fingerprints are "AB:CD:..", or empty when the
 * digest cannot be had. */
struct tls_peer {
	struct buf subject, issuer; /* common names */
	struct buf fingerprint, key_fingerprint;
	bool trusted; /* an authority that we believe vouches for it */
};

/* NULL: it showed none. digest: "sha256". */
struct tls_peer *tls_peer_new(const struct tls_stream *s, const char *digest);
void tls_peer_free(struct tls_peer **p);
bool tls_digest_known(const char *name);

#endif
