/* conn_inside.h - inside lib/tls: how conn_tls.c begins TLS on a connection
 *
 * Nothing here names OpenSSL: see tls_stream_inside.h.
 */

#ifndef TLS_CONN_INSIDE_H
#define TLS_CONN_INSIDE_H

#include "tls/conn.h"

/* Drop all input. The stream, to put TLS on. */
struct tls_stream *conn_tls_prepare(struct conn *c);
/* The stream is ready to accept: shake hands once what waits is out. */
void conn_tls_accept_soon(struct conn *c);
/* The stream is ready to connect: shake hands. */
void conn_tls_connect_now(struct conn *c);

#endif
