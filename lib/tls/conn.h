/* conn.h - a connection with buffers in an event loop, plain or TLS
 *
 * Callbacks may free the connection they are called for. Nothing is sent while
 * a callback runs but by conn_flush(): what was written goes out together when
 * the callback returns. Written from elsewhere (an answer of another service,
 * a timer), bytes wait for conn_flush().
 */

#ifndef TLS_CONN_H
#define TLS_CONN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "tls/tls_stream.h"

struct buf;
struct conn;
struct loop;
struct tls_context;

enum conn_end {
	CONN_EOF, /* the peer sends no more; it may still read */
	CONN_LOST, /* reset, or TLS broke: conn_error() */
	CONN_NO_TLS /* the handshake failed: conn_error() */
};

struct conn_calls {
	/* New bytes stand behind those that were left in conn_input(). */
	void (*input)(void *arg);
	/* The handshake begun by conn_tls_*() is over. May be NULL. */
	void (*secured)(void *arg);
	/* Output that had to wait is all with the kernel. Not called for what
	 * conn_flush() could send at once. May be NULL. */
	void (*drained)(void *arg);
	/* Once, then nothing more comes; input may be left. */
	void (*ended)(void *arg, enum conn_end how);
};

enum {
	CONN_INPUT_MAX = 65536, /* reading stops while that much waits */
	CONN_OUTPUT_HIGH = 65536 /* conn_full() */
};

/* Takes fd, which must not block. */
struct conn *
conn_new(struct loop *loop, int fd, const struct conn_calls *calls, void *arg);
/* Somebody else answers for it from now on; input that waits is not told of
 * again. */
void conn_calls_set(struct conn *c, const struct conn_calls *calls, void *arg);
/* Closes at once; output that waits is lost. */
void conn_free(struct conn **c);
/* Let go of it: what waits is sent, with TLS a close_notify, input is passed
 * over until the peer closes (so that it reads our last words); all this for
 * ten seconds at most. No callback comes any more. */
void conn_finish(struct conn **c);
/* Give the descriptor back: only when it is plain. Input and output that wait
 * are lost (take them first). The connection is gone. */
int conn_detach(struct conn **c);

/* Bytes that came and were not taken. Wiped when they are. */
struct span conn_input(const struct conn *c);
void conn_take(struct conn *c, size_t n);
/* Put bytes before those that wait; input is not told of them. */
void conn_put_back(struct conn *c, struct span bytes);
/* Stop and go on reading: back-pressure. */
void conn_pause(struct conn *c, bool pause);
/* Reading stops while that much input waits; at least 16,384. */
void conn_input_max_set(struct conn *c, size_t max);

void conn_write(struct conn *c, struct span bytes);
void conn_printf(struct conn *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* May call ended() later from the loop, never at once. */
void conn_flush(struct conn *c);
/* Octets written and not yet with the kernel. */
size_t conn_waiting(const struct conn *c);
/* More than CONN_OUTPUT_HIGH: write no more until drained(). */
bool conn_full(const struct conn *c);
/* The same, once the kernel has taken what it can: while it is true go on, else
 * drained() comes. */
bool conn_has_room(struct conn *c);

/* Drop all input, send what waits, then begin TLS (RFC 3207, 4.2: nothing
 * that came in plain survives). secured() or ended() tells. */
void conn_tls_accept(struct conn *c, struct tls_context *t);
/* false: want cannot be used, conn_error(); nothing can be sent any more. */
bool conn_tls_connect(
    struct conn *c, struct tls_context *t, const struct tls_want *want);
/* TLS is up. */
bool conn_is_tls(const struct conn *c);
/* For the tls_stream_*() questions. */
const struct tls_stream *conn_stream(const struct conn *c);
/* Why it ended: text for the log. */
const char *conn_error(const struct conn *c);

#endif
