/* test_stream.c - os/stream.h */

#include "os/stream.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/clock.h"
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
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, reads_and_takes);
	tcase_add_test(c, flushes_before_waiting);
	tcase_add_test(c, gone_client);
	tcase_add_test(c, woken_and_stopped);
}

int
main(void)
{
	return unit_main("os/stream", fill);
}
