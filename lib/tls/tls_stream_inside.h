/* tls_stream_inside.h - inside lib/tls: a stream, and how TLS is put on it
 *
 * Nothing here names OpenSSL, so that a program of plain connections alone
 * links without it.
 */

#ifndef TLS_TLS_STREAM_INSIDE_H
#define TLS_TLS_STREAM_INSIDE_H

#include "tls/tls_stream.h"

struct tls_ssl;

/* What the functions of tls_stream.h of the same names do once TLS is there. */
struct tls_ops {
	enum tls_stream_result (*read)(
	    struct tls_stream *s, void *p, size_t room, size_t *n);
	enum tls_stream_result (*write)(
	    struct tls_stream *s, struct span bytes, size_t *n);
	enum tls_stream_result (*handshake)(struct tls_stream *s);
	void (*shutdown)(struct tls_stream *s);
	void (*free)(struct tls_ssl **t);
};

enum tls_state {
	TLS_STATE_PLAIN,
	TLS_STATE_SHAKING, /* all bytes go through ops */
	TLS_STATE_UP, /* the handshake is over */
	TLS_STATE_FAILED /* it could not be begun: no bytes go through */
};

struct tls_stream {
	int fd;
	enum tls_state state;
	const struct tls_ops *ops; /* NULL: nobody began TLS */
	struct tls_ssl *tls; /* of ops */
	char *error; /* of the last failure, or NULL */
};

/* TLS_STREAM_ERROR for an errno. */
enum tls_stream_result tls_stream_failed(struct tls_stream *s, int error);

#endif
