/* test_stream.c - os/stream.h */

#include "os/stream.h"

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/deflate.h"
#include "os/sock.h"
#include "tests/unit.h"

static int fds[2]; /* ours, the stream's */
static struct stream *t;
static bool stop_now;

static bool
stop(int fd)
{
	char c;

	return read(fd, &c, 1) != 1 || stop_now;
}

static void
setup(void)
{
	const struct stream_control none = { -1, stop };

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, fds), 0);
	t = stream_new(fds[1], fds[1], &none);
}

static void
teardown(void)
{
	stream_free(&t);
	if (fds[0] != -1)
		close(fds[0]);
	close(fds[1]);
}

START_TEST(reads_and_takes)
{
	ck_assert_int_eq(write(fds[0], "abc", 3), 3);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_DATA);
	ck_assert(span_is(stream_input(t), "abc"));
	stream_take(t, 1);
	stream_preload(t, SPAN("xy"));
	ck_assert(span_is(stream_input(t), "xybc"));
	ck_assert_int_eq(write(fds[0], "d", 1), 1);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_DATA);
	ck_assert(span_is(stream_input(t), "xybcd"));
	ck_assert_uint_eq(stream_received(t), 4);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms()), STREAM_TIMEOUT);
	close(fds[0]);
	fds[0] = -1;
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_END);
	ck_assert(span_is(stream_input(t), "xybcd"));
}
END_TEST

/* What is queued goes out before we wait. */
START_TEST(flushes_before_waiting)
{
	char got[8];

	stream_put(t, SPAN("one"));
	stream_printf(t, " %d", 2);
	ck_assert_int_eq(recv(fds[0], got, sizeof(got), MSG_DONTWAIT), -1);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms()), STREAM_TIMEOUT);
	ck_assert_int_eq(recv(fds[0], got, sizeof(got), MSG_DONTWAIT), 5);
	ck_assert_int_eq(memcmp(got, "one 2", 5), 0);
	ck_assert_uint_eq(stream_sent(t), 5);
}
END_TEST

START_TEST(gone_client)
{
	close(fds[0]);
	fds[0] = -1;
	stream_put(t, SPAN("x"));
	stream_flush(t);
	ck_assert(stream_failed(t));
	stream_put(t, SPAN("y"));
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_END);
}
END_TEST

START_TEST(woken_and_stopped)
{
	int wake[2], control[2];
	struct stream_control c = { -1, stop };

	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, wake), 0);
	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, control), 0);
	stream_free(&t);
	c.fd = control[1];
	t = stream_new(fds[1], fds[1], &c);
	ck_assert_int_eq(write(wake[0], "w", 1), 1);
	ck_assert_int_eq(
	    stream_wait(t, wake[1], clock_ms() + 10000), STREAM_WOKEN);
	/* said, but not to stop */
	ck_assert_int_eq(write(control[0], "c", 1), 1);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms()), STREAM_TIMEOUT);
	close(control[0]);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_STOP);
	close(control[1]);
	close(wake[0]);
	close(wake[1]);
}
END_TEST

static void
count(void *arg)
{
	++*(unsigned *)arg;
}

/* Once for each silence, and only where somebody wants to know; what came and
 * was not taken stays. */
START_TEST(rests)
{
	unsigned rested = 0;

	stream_on_rest(t, count, &rested);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 20), STREAM_TIMEOUT);
	ck_assert_uint_eq(rested, 0);
	ck_assert_int_eq(write(fds[0], "abc", 3), 3);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_DATA);
	stream_take(t, 1);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    stream_wait(t, -1, clock_ms() + 1100 - i * 1000),
		    STREAM_TIMEOUT);
		ck_assert_uint_eq(rested, 1);
	}
	ck_assert(span_is(stream_input(t), "bc"));
	ck_assert_int_eq(write(fds[0], "d", 1), 1);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_DATA);
	ck_assert(span_is(stream_input(t), "bcd"));
	ck_assert_uint_eq(rested, 1);
	/* fn may have read it empty */
	ck_assert_int_eq(
	    stream_wait(t, fds[1], clock_ms() + 10000), STREAM_WOKEN);
	ck_assert_uint_eq(rested, 2);
}
END_TEST

static unsigned long
resident_pages(void)
{
	unsigned long all, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%lu %lu", &all, &resident), 2);
	(void)fclose(f);
	return resident;
}

/* What is looked at because of the rest leaves memory free, which goes back to
 * the system too. */
START_TEST(rests_again)
{
	enum { PIECES = 100, PIECE = 65536 };
	unsigned rested = 0;
	unsigned long before;
	char *pieces[PIECES];

	stream_on_rest(t, count, &rested);
	ck_assert_int_eq(
	    stream_wait(t, fds[1], clock_ms() + 10000), STREAM_WOKEN);
	for (int i = 0; i < PIECES; i++)
		pieces[i] = memset(mem_new(PIECE), 1, PIECE);
	for (int i = 0; i < PIECES - 1; i++) /* the last keeps them there */
		free(pieces[i]);
	before = resident_pages();
	ck_assert_int_eq(
	    stream_wait(t, fds[1], clock_ms() + 1100), STREAM_TIMEOUT);
	ck_assert_uint_eq(rested, 1);
#if !defined(__SANITIZE_ADDRESS__) /* it keeps what was freed */
	ck_assert_uint_lt(resident_pages() + 1000, before);
#endif
	free(pieces[PIECES - 1]);
}
END_TEST

/* The other side of a compressed connection. */
static void
send_packed(struct deflate *d, struct span s)
{
	struct buf out = BUF_EMPTY;

	deflate_pack(d, s, true, &out);
	ck_assert_int_eq(write(fds[0], out.p, out.n), (ssize_t)out.n);
	buf_free(&out);
}

START_TEST(compressed)
{
	struct deflate *d = deflate_new();
	struct buf all = BUF_EMPTY, got = BUF_EMPTY, big = BUF_EMPTY;
	struct span rest;

	for (int i = 0; i < 300000; i++)
		buf_add_byte(&big, (char)('a' + i % 23));
	stream_put(t, SPAN("plain"));
	stream_compress(t);
	ck_assert(stream_compressed(t));
	ck_assert_int_eq(read(fds[0], buf_room(&all, 100), 100), 5);
	stream_put(t, SPAN("one "));
	stream_put(t, buf_span(&big));
	stream_printf(t, " two");
	stream_flush(t);
	all.n += (size_t)read(fds[0], buf_room(&all, 65536), 65536);
	ck_assert_uint_lt(all.n, 10000);
	rest = buf_span(&all);
	while (rest.n > 0 || got.n < big.n + 8)
		ck_assert(deflate_unpack(d, &rest, &got));
	ck_assert_uint_eq(got.n, big.n + 8);
	ck_assert(span_starts(buf_span(&got), "one abcd"));
	ck_assert(span_ends(buf_span(&got), " two"));
	/* and back: more than one piece at once, none of it kept waiting */
	send_packed(d, buf_span(&big));
	while (stream_input(t).n < big.n)
		ck_assert_int_eq(
		    stream_wait(t, -1, clock_ms() + 10000), STREAM_DATA);
	ck_assert(span_eq(stream_input(t), buf_span(&big)));
	ck_assert_int_eq(stream_wait(t, -1, clock_ms()), STREAM_TIMEOUT);
	buf_free(&all);
	buf_free(&got);
	buf_free(&big);
	deflate_free(&d);
}
END_TEST

/* Behind the last that was compressed both sides are plain; when more came
 * there is no telling where it began. */
START_TEST(uncompressed)
{
	struct deflate *d = deflate_new();
	struct buf all = BUF_EMPTY, got = BUF_EMPTY;
	struct span rest;

	ck_assert(stream_uncompress(t)); /* plain before */
	stream_compress(t);
	send_packed(d, SPAN("last\r\n"));
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_DATA);
	ck_assert(!stream_uncompress(t)); /* it was not taken */
	stream_take(t, 6);
	if (_i == 1) {
		ck_assert_int_eq(write(fds[0], "x", 1), 1);
		(void)stream_wait(t, -1, clock_ms());
		ck_assert(!stream_uncompress(t));
	} else {
		stream_put(t, SPAN("OK\r\n"));
		ck_assert(stream_uncompress(t) && !stream_compressed(t));
		all.n += (size_t)read(fds[0], buf_room(&all, 100), 100);
		rest = buf_span(&all);
		ck_assert(deflate_unpack(d, &rest, &got));
		ck_assert(span_is(buf_span(&got), "OK\r\n"));
		stream_put(t, SPAN("plain"));
		stream_flush(t);
		ck_assert_int_eq(read(fds[0], buf_room(&all, 100), 100), 5);
		ck_assert_int_eq(write(fds[0], "x", 1), 1);
		ck_assert_int_eq(
		    stream_wait(t, -1, clock_ms() + 10000), STREAM_DATA);
		ck_assert(span_is(stream_input(t), "x"));
	}
	buf_free(&all);
	buf_free(&got);
	deflate_free(&d);
}
END_TEST

START_TEST(damaged)
{
	stream_compress(t);
	ck_assert_int_eq(write(fds[0], "a NOOP\r\n", 8), 8);
	ck_assert_int_eq(stream_wait(t, -1, clock_ms() + 10000), STREAM_END);
}
END_TEST

/* A thousandfold for ever: it ends, and memory stays small. */
START_TEST(bomb)
{
	struct deflate *d = deflate_new();
	struct buf zeros = BUF_EMPTY, packed = BUF_EMPTY, out = BUF_EMPTY;
	uint64_t total = 0;
	bool ok = true;

	memset(buf_room(&zeros, 1 << 20), 0, 1 << 20);
	zeros.n = 1 << 20;
	for (int i = 0; i < 200 && ok; i++) {
		struct span rest;

		buf_clear(&packed);
		deflate_pack(d, buf_span(&zeros), true, &packed);
		rest = buf_span(&packed);
		do {
			buf_clear(&out);
			ok = deflate_unpack(d, &rest, &out);
			ck_assert_uint_le(out.n, DEFLATE_PIECE);
			total += out.n;
		} while (ok && out.n > 0);
	}
	ck_assert(!ok);
	ck_assert_uint_ge(total, DEFLATE_FREE);
	ck_assert_uint_lt(total, 80 << 20);
	buf_free(&zeros);
	buf_free(&packed);
	buf_free(&out);
	deflate_free(&d);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, reads_and_takes);
	tcase_add_test(c, flushes_before_waiting);
	tcase_add_test(c, compressed);
	tcase_add_loop_test(c, uncompressed, 0, 2);
	tcase_add_test(c, damaged);
	tcase_add_test(c, bomb);
	tcase_add_test(c, gone_client);
	tcase_add_test(c, woken_and_stopped);
	tcase_add_test(c, rests);
	tcase_add_test(c, rests_again);
}

int
main(void)
{
	return unit_main("os/stream", fill);
}
