/* tls_binding.h - what a TLS connection gives to channel binding (RFC 5056) */

#ifndef TLS_TLS_BINDING_H
#define TLS_TLS_BINDING_H

#include <stdbool.h>

#include "base/span.h"

struct tls_stream;

enum { TLS_EXPORTER_BYTES = 32 };

/* For the server's side: is data what this connection gives for the type?
 * "tls-exporter" is RFC 9266 (of TLS 1.2 only with the extended master
 * secret), "tls-server-end-point" RFC 5929, of any certificate that the
 * context has, since of a resumed session nobody says which was shown. False
 * for other types. */
bool
tls_binding_is(const struct tls_stream *s, struct span type, struct span data);
/* For the client's side: the octets of "tls-exporter". False without TLS 1.3:
 * before it servers may mean another type, and no way is there to ask. */
bool tls_binding_exporter(
    const struct tls_stream *s, unsigned char out[TLS_EXPORTER_BYTES]);

#endif
