/*
 * conn_tls.c - a plain connection begins TLS
 *
 * Apart from conn.c, since these two are what links OpenSSL.
 */

#include "tls/conn_inside.h"

#include "base/must.h"

void
conn_tls_accept(struct conn *c, struct tls_context *t)
{
	tls_stream_accept(conn_tls_prepare(c), t);
	conn_tls_accept_soon(c);
}

bool
conn_tls_connect(
    struct conn *c, struct tls_context *t, const struct tls_want *want)
{
	must(conn_waiting(c) == 0);
	if (!tls_stream_connect(conn_tls_prepare(c), t, want))
		return false;
	conn_tls_connect_now(c);
	return true;
}
