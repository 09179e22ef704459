/*
 * conn.c - a connection with buffers in an event loop, plain or TLS
 *
 * Both buffers are given back whenever they are empty, so that an idle
 * connection costs its struct. Input is wiped as it goes: it may have held a
 * password. A read takes 16 KiB, which is all of a TLS record: nothing that was
 * decrypted hides inside the library while the descriptor is silent.
 *
 * TLS is begun in conn_tls.c, so that who never does links without OpenSSL.
 */

#include "tls/conn_inside.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "os/loop.h"

enum {
	READ_BYTES = 16384,
	READ_BATCH = 4, /* full reads in a row before others have a turn */
	FINISH_MS = 10000,
	LINGER_BYTES = 1 << 20
};

enum phase {
	OPEN,
	TLS_SOON, /* begins when the plain output is out */
	TLS_SHAKE,
	FINISHING, /* let go: sending the rest */
	LINGERING, /* let go, all sent: waiting for the peer to close */
	ENDED /* nothing is read or written any more */
};

/* Bytes n.p[at..n) of it are there. */
struct queue {
	struct buf b;
	size_t at;
};

struct conn {
	struct loop *loop;
	struct tls_stream *stream;
	struct loop_io *io;
	struct loop_timer *timer; /* for an end found while flushing, then
				   * for the end of finishing; made late */
	const struct conn_calls *calls;
	void *arg;
	struct queue in, out;
	size_t in_max, lingered;
	unsigned in_wants, out_wants; /* TLS may read to write */
	enum phase phase;
	bool paused, eof, broken, told;
	bool owes_drained; /* output had to wait: drained() is due */
	bool in_call; /* a callback runs */
	bool gone; /* freed by the callback that runs */
};

static size_t
queue_size(const struct queue *q)
{
	return q->b.n - q->at;
}

static void
queue_wipe(struct queue *q)
{
	buf_wipe(&q->b);
	q->at = 0;
}

static void
queue_take(struct queue *q, size_t n)
{
	must(n <= queue_size(q));
	if (n == queue_size(q)) {
		queue_wipe(q);
		return;
	}
	explicit_bzero(q->b.p + q->at, n);
	q->at += n;
}

/* Grows without leaving copies behind, as realloc() would. */
static void
queue_add(struct queue *q, struct span bytes)
{
	if (q->b.cap - q->b.n < bytes.n) {
		size_t size = queue_size(q), room = size + bytes.n;
		struct queue bigger = { BUF_EMPTY, 0 };

		buf_room(&bigger.b, size == 0 ? room : room + room / 2);
		if (size > 0)
			buf_add(&bigger.b, q->b.p + q->at, size);
		queue_wipe(q);
		*q = bigger;
	}
	buf_add_span(&q->b, bytes);
}

size_t
conn_waiting(const struct conn *c)
{
	return queue_size(&c->out);
}

bool
conn_full(const struct conn *c)
{
	return conn_waiting(c) > CONN_OUTPUT_HIGH;
}

bool
conn_has_room(struct conn *c)
{
	if (conn_full(c))
		conn_flush(c);
	return !conn_full(c);
}

static bool
reads(const struct conn *c)
{
	switch (c->phase) {
	case OPEN:
		return !c->paused && !c->eof && !c->broken &&
		    queue_size(&c->in) < c->in_max;
	case LINGERING:
		return true;
	case TLS_SOON:
	case TLS_SHAKE:
	case FINISHING:
	case ENDED:
		break;
	}
	return false;
}

static void
want(struct conn *c)
{
	unsigned set = 0;

	if (c->phase == TLS_SHAKE)
		set = c->in_wants;
	else if (c->phase != ENDED && !c->broken)
		set = (reads(c) ? c->in_wants : 0U) |
		    (conn_waiting(c) > 0 ||
				(c->owes_drained && c->phase == OPEN)
			    ? c->out_wants
			    : 0U);
	loop_io_want(c->io, set);
}

enum news { INPUT, SECURED, DRAINED, IS_ENDED };

static void
close_all(struct conn *c)
{
	loop_io_free(&c->io);
	loop_timer_free(&c->timer);
	tls_stream_free(&c->stream);
	queue_wipe(&c->in);
	queue_wipe(&c->out);
}

void
conn_free(struct conn **cp)
{
	struct conn *c = *cp;

	*cp = NULL;
	if (c == NULL)
		return;
	close_all(c);
	/* tell() still looks at it */
	if (c->in_call)
		c->gone = true;
	else
		free(c);
}

static void
call(struct conn *c, enum news news, enum conn_end how)
{
	switch (news) {
	case INPUT:
		c->calls->input(c->arg);
		break;
	case SECURED:
		if (c->calls->secured != NULL)
			c->calls->secured(c->arg);
		break;
	case DRAINED:
		if (c->calls->drained != NULL)
			c->calls->drained(c->arg);
		break;
	case IS_ENDED:
		if (!c->told) {
			c->told = true;
			c->calls->ended(c->arg, how);
		}
		break;
	}
}

/* False when the connection was freed by the callback. */
static bool
tell(struct conn *c, enum news news, enum conn_end how)
{
	if (c->calls == NULL)
		return true;
	c->in_call = true;
	call(c, news, how);
	c->in_call = false;
	if (!c->gone)
		return true;
	free(c);
	return false;
}

int
conn_detach(struct conn **cp)
{
	struct conn *c = *cp;
	int fd;

	loop_io_free(&c->io);
	fd = tls_stream_detach(&c->stream);
	conn_free(cp);
	return fd;
}

/* Send what goes without waiting. If something has to wait, the loop will call
 * ready() when it is out, whoever sent it. */
static void
send_some(struct conn *c)
{
	while (conn_waiting(c) > 0 && !c->broken) {
		struct span rest =
		    span_of(c->out.b.p + c->out.at, queue_size(&c->out));
		size_t n;

		switch (tls_stream_write(c->stream, rest, &n)) {
		case TLS_STREAM_OK:
			queue_take(&c->out, n);
			break;
		case TLS_STREAM_WANT_READ:
			c->out_wants = LOOP_READ;
			c->owes_drained = true;
			return;
		case TLS_STREAM_WANT_WRITE:
			c->out_wants = LOOP_WRITE;
			c->owes_drained = true;
			return;
		case TLS_STREAM_EOF:
		case TLS_STREAM_ERROR:
			c->broken = true;
			queue_wipe(&c->out);
			return;
		}
	}
	c->out_wants = LOOP_WRITE;
}

/* What was let go is all sent. A close with unread bytes in the kernel would
 * be a reset, which can overtake our last words: so read first. */
static void
linger(struct conn *c)
{
	char p[READ_BYTES];
	size_t n;

	c->in_wants = LOOP_READ;
	for (;;) {
		switch (tls_stream_read(c->stream, p, sizeof(p), &n)) {
		case TLS_STREAM_OK:
			c->lingered += n;
			if (c->lingered < LINGER_BYTES)
				break;
			conn_free(&c);
			return;
		case TLS_STREAM_WANT_READ:
		case TLS_STREAM_WANT_WRITE:
			if (c->lingered == 0)
				conn_free(&c);
			else
				want(c);
			return;
		case TLS_STREAM_EOF:
		case TLS_STREAM_ERROR:
			conn_free(&c);
			return;
		}
	}
}

static void
finish_go_on(struct conn *c)
{
	send_some(c);
	if (c->broken) {
		conn_free(&c);
		return;
	}
	if (conn_waiting(c) > 0) {
		want(c);
		return;
	}
	c->phase = LINGERING;
	tls_stream_shutdown(c->stream);
	shutdown(tls_stream_fd(c->stream), SHUT_WR);
	linger(c);
}

/* The plain output is out: begin TLS. */
static void
tls_go_on(struct conn *c)
{
	if (c->phase != TLS_SOON || conn_waiting(c) > 0)
		return;
	c->phase = TLS_SHAKE;
	c->in_wants = LOOP_READ;
}

/* The last thing before returning to the loop. */
static void
settle(struct conn *c)
{
	if (c->phase == FINISHING) {
		finish_go_on(c);
		return;
	}
	send_some(c);
	if (c->broken && c->phase != ENDED) {
		c->phase = ENDED;
		if (!tell(c, IS_ENDED, CONN_LOST))
			return;
		if (c->phase == FINISHING) {
			finish_go_on(c);
			return;
		}
	}
	tls_go_on(c);
	want(c);
}

/* False: told something, and the connection is gone, or ended, or let go. */
static bool
read_once(struct conn *c, bool *again)
{
	char p[READ_BYTES];
	size_t n;

	*again = false;
	c->in_wants = LOOP_READ;
	switch (tls_stream_read(c->stream, p, sizeof(p), &n)) {
	case TLS_STREAM_OK:
		queue_add(&c->in, span_of(p, n));
		explicit_bzero(p, n);
		*again = n == sizeof(p);
		return tell(c, INPUT, CONN_EOF);
	case TLS_STREAM_WANT_READ:
		return true;
	case TLS_STREAM_WANT_WRITE:
		c->in_wants = LOOP_WRITE;
		return true;
	case TLS_STREAM_EOF:
		c->eof = true;
		return tell(c, IS_ENDED, CONN_EOF);
	case TLS_STREAM_ERROR:
		c->broken = true;
		break;
	}
	return true;
}

static void
shake(struct conn *c)
{
	switch (tls_stream_handshake(c->stream)) {
	case TLS_STREAM_OK:
		c->phase = OPEN;
		c->in_wants = LOOP_READ;
		if (tell(c, SECURED, CONN_EOF))
			settle(c);
		return;
	case TLS_STREAM_WANT_READ:
		c->in_wants = LOOP_READ;
		break;
	case TLS_STREAM_WANT_WRITE:
		c->in_wants = LOOP_WRITE;
		break;
	case TLS_STREAM_EOF:
	case TLS_STREAM_ERROR:
		c->phase = ENDED;
		if (!tell(c, IS_ENDED, CONN_NO_TLS))
			return;
		break;
	}
	want(c);
}

static void
ready(void *arg, unsigned events)
{
	struct conn *c = arg;
	bool again = true;

	if (c->phase == TLS_SHAKE) {
		shake(c);
		return;
	}
	if (c->phase == LINGERING) {
		linger(c);
		return;
	}
	if ((conn_waiting(c) > 0 || c->owes_drained) &&
	    (events & c->out_wants) != 0) {
		send_some(c);
		if (conn_waiting(c) == 0) {
			c->owes_drained = false;
			if (!c->broken && c->phase == OPEN &&
			    !tell(c, DRAINED, CONN_EOF))
				return;
		}
	}
	if ((events & c->in_wants) == 0)
		again = false;
	for (int i = 0; i < READ_BATCH && again && reads(c); i++)
		if (!read_once(c, &again))
			return;
	settle(c);
}

static void
timed(void *arg)
{
	struct conn *c = arg;

	if (c->phase == FINISHING || c->phase == LINGERING)
		conn_free(&c);
	else
		settle(c);
}

static void
timer_set(struct conn *c, int64_t ms)
{
	if (c->timer == NULL)
		c->timer = loop_timer_new(c->loop, timed, c);
	loop_timer_set(c->timer, ms);
}

struct conn *
conn_new(struct loop *loop, int fd, const struct conn_calls *calls, void *arg)
{
	struct conn *c = mem_new(sizeof(*c));

	c->loop = loop;
	c->stream = tls_stream_new(fd);
	c->calls = calls;
	c->arg = arg;
	c->in_max = CONN_INPUT_MAX;
	c->in_wants = LOOP_READ;
	c->out_wants = LOOP_WRITE;
	c->io = loop_io_new(loop, fd, LOOP_READ, ready, c);
	return c;
}

void
conn_calls_set(struct conn *c, const struct conn_calls *calls, void *arg)
{
	c->calls = calls;
	c->arg = arg;
}

void
conn_finish(struct conn **cp)
{
	struct conn *c = *cp;

	*cp = NULL;
	if (c == NULL)
		return;
	if (c->phase != OPEN || c->broken) {
		conn_free(&c);
		return;
	}
	c->calls = NULL;
	c->phase = FINISHING;
	queue_wipe(&c->in);
	timer_set(c, FINISH_MS);
	/* in a callback, settle() is still to come */
	if (!c->in_call)
		finish_go_on(c);
}

struct span
conn_input(const struct conn *c)
{
	return span_of(
	    c->in.b.p == NULL ? "" : c->in.b.p + c->in.at, queue_size(&c->in));
}

/* Outside of callbacks, what is waited for may have changed. */
static void
want_unless_called(struct conn *c)
{
	if (!c->in_call)
		want(c);
}

void
conn_take(struct conn *c, size_t n)
{
	queue_take(&c->in, n);
	want_unless_called(c);
}

void
conn_put_back(struct conn *c, struct span bytes)
{
	struct queue all = { BUF_EMPTY, 0 };

	if (bytes.n == 0)
		return;
	queue_add(&all, bytes);
	queue_add(&all, conn_input(c));
	queue_wipe(&c->in);
	c->in = all;
}

void
conn_pause(struct conn *c, bool pause)
{
	c->paused = pause;
	want_unless_called(c);
}

void
conn_input_max_set(struct conn *c, size_t max)
{
	c->in_max = max < READ_BYTES ? READ_BYTES : max;
	want_unless_called(c);
}

void
conn_write(struct conn *c, struct span bytes)
{
	if (c->phase != ENDED && !c->broken && bytes.n > 0)
		queue_add(&c->out, bytes);
}

void
conn_printf(struct conn *c, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	conn_write(c, buf_span(&text));
	buf_wipe(&text);
}

void
conn_flush(struct conn *c)
{
	if (c->phase == TLS_SHAKE)
		return;
	send_some(c);
	if (c->in_call)
		return;
	if (c->broken && c->phase != ENDED) {
		timer_set(c, 0);
		return;
	}
	tls_go_on(c);
	want(c);
}

struct tls_stream *
conn_tls_prepare(struct conn *c)
{
	must(c->phase == OPEN && !tls_stream_is_tls(c->stream));
	queue_wipe(&c->in);
	return c->stream;
}

void
conn_tls_accept_soon(struct conn *c)
{
	c->phase = TLS_SOON;
	if (!c->in_call)
		conn_flush(c);
}

void
conn_tls_connect_now(struct conn *c)
{
	c->phase = TLS_SHAKE;
	c->in_wants = LOOP_WRITE;
	want_unless_called(c);
}

bool
conn_is_tls(const struct conn *c)
{
	return tls_stream_is_tls(c->stream);
}

const struct tls_stream *
conn_stream(const struct conn *c)
{
	return c->stream;
}

const char *
conn_error(const struct conn *c)
{
	const char *text = tls_stream_error(c->stream);

	return text[0] == '\0' ? "connection closed" : text;
}
