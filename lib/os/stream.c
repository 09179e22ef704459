/*
 * stream.c - the client's connection: bytes in and out, blocking, with
 * deadlines
 *
 * Output is gathered, so that the answers to pipelined commands go out
 * together. A client that stops reading is waited for OUT_MS, then given up.
 */

#include "os/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/deflate.h"

enum { GATHER = 32768, READ_BYTES = 16384, OUT_MS = 300000, REST_MS = 1000 };

struct stream {
	int in, out;
	struct stream_control control;
	struct buf input;
	size_t at; /* of input, taken up to here */
	struct buf output;
	bool failed, ended;
	struct deflate *packing; /* NULL: not compressed */
	struct buf packed; /* came, and not unfolded yet */
	unsigned char last[4]; /* that came compressed */
	uint64_t received, sent;
	bool rested; /* since the client sent something */
	bool trimmed; /* and nothing has been looked at since */
	void (*on_rest)(void *arg);
	void *rest_arg;
};

struct stream *
stream_new(int in, int out, const struct stream_control *control)
{
	struct stream *t = mem_new(sizeof(*t));

	t->in = in;
	t->out = out;
	t->control = *control;
	return t;
}

void
stream_free(struct stream **t)
{
	if (*t == NULL)
		return;
	buf_free(&(*t)->input);
	buf_free(&(*t)->output);
	buf_free(&(*t)->packed);
	deflate_free(&(*t)->packing);
	mem_free(t);
}

struct span
stream_input(const struct stream *t)
{
	return span_skip(buf_span(&t->input), t->at);
}

void
stream_take(struct stream *t, size_t n)
{
	t->at += n;
	if (t->at >= t->input.n) {
		buf_clear(&t->input);
		t->at = 0;
	}
}

void
stream_preload(struct stream *t, struct span s)
{
	struct buf all = BUF_EMPTY;

	buf_add_span(&all, s);
	buf_add_span(&all, stream_input(t));
	buf_free(&t->input);
	t->input = all;
	t->at = 0;
}

/* Wait for a descriptor; negative ones are passed over. */
static int
wait_for(struct pollfd *fds, nfds_t n, int64_t until)
{
	for (;;) {
		int64_t left = until - clock_ms();
		int got;

		if (left < 0)
			left = 0;
		if (left > 1000000)
			left = 1000000;
		got = poll(fds, n, (int)left);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == 0 && clock_ms() < until)
			continue;
		return got;
	}
}

static ssize_t
send_some(struct stream *t, struct span s)
{
	ssize_t n = send(t->out, s.p, s.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n == -1 && errno == ENOTSOCK) /* a pipe, in tests and by hand */
		n = write(t->out, s.p, s.n);
	return n;
}

static void
write_all(struct stream *t, struct span s)
{
	int64_t until = clock_ms() + OUT_MS;

	while (s.n > 0 && !t->failed) {
		struct pollfd p = { .fd = t->out, .events = POLLOUT };
		ssize_t n = send_some(t, s);

		if (n > 0) {
			s = span_skip(s, (size_t)n);
			t->sent += (uint64_t)n;
			until = clock_ms() + OUT_MS;
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN && wait_for(&p, 1, until) == 1)
			continue;
		t->failed = true;
	}
}

/* flush: the client is to have all of it. */
static void
write_out(struct stream *t, struct span s, bool flush)
{
	struct buf packed = BUF_EMPTY;

	if (t->packing == NULL) {
		write_all(t, s);
		return;
	}
	if (s.n > 0)
		deflate_pack(t->packing, s, flush, &packed);
	write_all(t, buf_span(&packed));
	buf_free(&packed);
}

void
stream_flush(struct stream *t)
{
	write_out(t, buf_span(&t->output), true);
	buf_clear(&t->output);
}

void
stream_put(struct stream *t, struct span s)
{
	if (t->failed)
		return;
	if (s.n >= GATHER) {
		stream_flush(t);
		write_out(t, s, true);
		return;
	}
	buf_add_span(&t->output, s);
	if (t->output.n >= GATHER)
		stream_flush(t);
}

void
stream_printf(struct stream *t, const char *format, ...)
{
	va_list args;

	if (t->failed)
		return;
	va_start(args, format);
	buf_vprintf(&t->output, format, args);
	va_end(args);
	if (t->output.n >= GATHER)
		stream_flush(t);
}

bool
stream_failed(const struct stream *t)
{
	return t->failed;
}

void
stream_on_rest(struct stream *t, void (*fn)(void *arg), void *arg)
{
	t->on_rest = fn;
	t->rest_arg = arg;
}

uint64_t
stream_received(const struct stream *t)
{
	return t->received;
}

uint64_t
stream_sent(const struct stream *t)
{
	return t->sent;
}

/* Some of what came compressed; STREAM_WOKEN: it is not enough for a byte. */
static enum stream_result
unfold(struct stream *t)
{
	struct span rest = buf_span(&t->packed);
	size_t had = t->input.n;

	if (!deflate_unpack(t->packing, &rest, &t->input))
		t->ended = true;
	buf_drop(&t->packed, t->packed.n - rest.n);
	if (t->input.n > had)
		return STREAM_DATA;
	return t->ended ? STREAM_END : STREAM_WOKEN;
}

static void
drop_taken(struct stream *t)
{
	buf_drop(&t->input, t->at);
	t->at = 0;
}

void
stream_compress(struct stream *t)
{
	stream_flush(t);
	drop_taken(t);
	buf_add_span(&t->packed, buf_span(&t->input));
	buf_clear(&t->input);
	t->packing = deflate_new();
}

bool
stream_compressed(const struct stream *t)
{
	return t->packing != NULL;
}

bool
stream_uncompress(struct stream *t)
{
	static const unsigned char end[4] = { 0, 0, 0xff, 0xff };
	struct span last = span_of((const char *)t->last, sizeof(t->last));

	if (t->packing == NULL)
		return true;
	stream_flush(t);
	/* what is flushed ends in an empty block: four octets that are known */
	if (t->ended || t->failed || t->packed.n > 0 || t->at < t->input.n ||
	    !span_eq(last, span_of((const char *)end, sizeof(end))))
		return false;
	deflate_free(&t->packing);
	return true;
}

/* The last octets that came compressed. */
static void
last_keep(struct stream *t, struct span came)
{
	size_t n = came.n < sizeof(t->last) ? came.n : sizeof(t->last);

	memmove(t->last, t->last + n, sizeof(t->last) - n);
	memcpy(t->last + sizeof(t->last) - n, came.p + came.n - n, n);
}

static enum stream_result
read_some(struct stream *t)
{
	struct buf *to = t->packing == NULL ? &t->input : &t->packed;
	ssize_t n;

	drop_taken(t);
	n = read(t->in, buf_room(to, READ_BYTES), READ_BYTES);
	if (n > 0) {
		t->rested = false;
		if (t->packing != NULL)
			last_keep(t, span_of(to->p + to->n, (size_t)n));
		to->n += (size_t)n;
		t->received += (uint64_t)n;
		return t->packing == NULL ? STREAM_DATA : unfold(t);
	}
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return STREAM_WOKEN;
	t->ended = true;
	return STREAM_END;
}

/* Something is ready; STREAM_WOKEN also when it turned out to be nothing. */
static enum stream_result
look(struct stream *t, const struct pollfd fds[3])
{
	if (fds[0].revents != 0)
		return read_some(t);
	if (fds[2].revents != 0) {
		if (t->control.stop(t->control.fd))
			return STREAM_STOP;
		if ((fds[2].revents & (POLLHUP | POLLERR)) != 0)
			t->control.fd = -1;
	}
	return STREAM_WOKEN;
}

static void
give_back(struct buf *b)
{
	if (b->n == 0)
		buf_free(b);
}

static void
rest(struct stream *t)
{
	give_back(&t->input);
	give_back(&t->output);
	give_back(&t->packed);
	if (t->on_rest != NULL)
		t->on_rest(t->rest_arg);
	mem_trim();
	t->rested = true;
}

/* As wait_for(), with a rest in it. That may take what the descriptor to be
 * woken by had to say, so it counts as a word of it. */
static int
wait_long(struct stream *t, struct pollfd fds[3], int64_t until)
{
	int64_t rests = clock_ms() + REST_MS;
	int ready;

	if (rests >= until || (t->rested && t->trimmed))
		rests = until;
	ready = wait_for(fds, 3, rests);
	if (ready != 0 || rests == until) {
		t->trimmed = false;
		return ready;
	}
	if (t->rested) {
		mem_trim(); /* of what the word took */
		t->trimmed = true;
		return wait_for(fds, 3, until);
	}
	rest(t);
	t->trimmed = t->on_rest == NULL || fds[1].fd == -1;
	if (t->trimmed)
		return wait_for(fds, 3, until);
	fds[1].revents = POLLIN;
	return 1;
}

enum stream_result
stream_wait(struct stream *t, int wake, int64_t until)
{
	enum stream_result got;
	int ready;

	stream_flush(t);
	drop_taken(t);
	if (t->packing != NULL && !t->ended && unfold(t) == STREAM_DATA)
		return STREAM_DATA; /* more than one piece came at once */
	for (;;) {
		struct pollfd fds[3] = { { .fd = t->in, .events = POLLIN },
			{ .fd = wake, .events = POLLIN },
			{ .fd = t->control.fd, .events = POLLIN } };

		if (t->failed || t->ended)
			return STREAM_END;
		ready = wait_long(t, fds, until);
		if (ready == 0)
			return STREAM_TIMEOUT;
		if (ready == -1)
			return STREAM_END;
		got = look(t, fds);
		if (got != STREAM_WOKEN || fds[1].revents != 0)
			return got;
	}
}
