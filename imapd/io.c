/*
 * io.c - the client's connection: bytes in and out, blocking, with deadlines
 *
 * Output is gathered, so that the answers to pipelined commands go out
 * together. A client that stops reading is waited for OUT_MS, then given up.
 */

#include "imapd/io.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/clock.h"

enum { GATHER = 32768, READ_BYTES = 16384, OUT_MS = 300000 };

struct io {
	int in, out;
	struct io_control control;
	struct buf input;
	size_t at; /* of input, taken up to here */
	struct buf output;
	bool failed, ended;
	uint64_t received, sent;
};

struct io *
io_new(int in, int out, const struct io_control *control)
{
	struct io *io = mem_new(sizeof(*io));

	io->in = in;
	io->out = out;
	io->control = *control;
	return io;
}

void
io_free(struct io **io)
{
	if (*io == NULL)
		return;
	buf_free(&(*io)->input);
	buf_free(&(*io)->output);
	mem_free(io);
}

struct span
io_input(const struct io *io)
{
	return span_skip(buf_span(&io->input), io->at);
}

void
io_take(struct io *io, size_t n)
{
	io->at += n;
	if (io->at >= io->input.n) {
		buf_clear(&io->input);
		io->at = 0;
	}
}

void
io_preload(struct io *io, struct span s)
{
	struct buf all = BUF_EMPTY;

	buf_add_span(&all, s);
	buf_add_span(&all, io_input(io));
	buf_free(&io->input);
	io->input = all;
	io->at = 0;
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
send_some(struct io *io, struct span s)
{
	ssize_t n = send(io->out, s.p, s.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n == -1 && errno == ENOTSOCK) /* a pipe, in tests and by hand */
		n = write(io->out, s.p, s.n);
	return n;
}

static void
write_all(struct io *io, struct span s)
{
	int64_t until = clock_ms() + OUT_MS;

	while (s.n > 0 && !io->failed) {
		struct pollfd p = { .fd = io->out, .events = POLLOUT };
		ssize_t n = send_some(io, s);

		if (n > 0) {
			s = span_skip(s, (size_t)n);
			io->sent += (uint64_t)n;
			until = clock_ms() + OUT_MS;
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN && wait_for(&p, 1, until) == 1)
			continue;
		io->failed = true;
	}
}

void
io_flush(struct io *io)
{
	write_all(io, buf_span(&io->output));
	buf_clear(&io->output);
}

void
io_put(struct io *io, struct span s)
{
	if (io->failed)
		return;
	if (s.n >= GATHER) {
		io_flush(io);
		write_all(io, s);
		return;
	}
	buf_add_span(&io->output, s);
	if (io->output.n >= GATHER)
		io_flush(io);
}

void
io_printf(struct io *io, const char *format, ...)
{
	va_list args;

	if (io->failed)
		return;
	va_start(args, format);
	buf_vprintf(&io->output, format, args);
	va_end(args);
	if (io->output.n >= GATHER)
		io_flush(io);
}

bool
io_failed(const struct io *io)
{
	return io->failed;
}

uint64_t
io_received(const struct io *io)
{
	return io->received;
}

uint64_t
io_sent(const struct io *io)
{
	return io->sent;
}

static enum io_result
read_some(struct io *io)
{
	ssize_t n;

	if (io->at > 0) {
		buf_drop(&io->input, io->at);
		io->at = 0;
	}
	n = read(io->in, buf_room(&io->input, READ_BYTES), READ_BYTES);
	if (n > 0) {
		io->input.n += (size_t)n;
		io->received += (uint64_t)n;
		return IO_DATA;
	}
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return IO_WOKEN;
	io->ended = true;
	return IO_END;
}

/* Something is ready; IO_WOKEN also when it turned out to be nothing. */
static enum io_result
look(struct io *io, const struct pollfd fds[3])
{
	if (fds[0].revents != 0)
		return read_some(io);
	if (fds[2].revents != 0) {
		if (io->control.stop(io->control.fd))
			return IO_STOP;
		if ((fds[2].revents & (POLLHUP | POLLERR)) != 0)
			io->control.fd = -1;
	}
	return IO_WOKEN;
}

enum io_result
io_wait(struct io *io, int wake, int64_t until)
{
	enum io_result got;
	int ready;

	io_flush(io);
	for (;;) {
		struct pollfd fds[3] = { { .fd = io->in, .events = POLLIN },
			{ .fd = wake, .events = POLLIN },
			{ .fd = io->control.fd, .events = POLLIN } };

		if (io->failed || io->ended)
			return IO_END;
		ready = wait_for(fds, 3, until);
		if (ready == 0)
			return IO_TIMEOUT;
		if (ready == -1)
			return IO_END;
		got = look(io, fds);
		if (got != IO_WOKEN || fds[1].revents != 0)
			return got;
	}
}
