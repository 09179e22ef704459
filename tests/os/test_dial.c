#include "os/dial.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/loop.h"
#include "os/sock.h"
#include "tests/unit.h"

static struct loop *loop;
static struct address to;
static int listener, got_fd, got_error;
static bool called;

static void
begin(void)
{
	struct address any;

	loop = loop_new();
	called = false;
	ck_assert(address_parse(SPAN("127.0.0.1"), 0, &any));
	listener = sock_listen_inet(&any, 5);
	ck_assert_int_ne(listener, -1);
	ck_assert(sock_local(listener, &to));
}

static void
end(void)
{
	if (listener != -1)
		close(listener);
	loop_free(&loop);
}

static void
dialled(void *arg, int fd, int error)
{
	(void)arg;
	called = true;
	got_fd = fd;
	got_error = error;
	loop_stop(loop);
}

START_TEST(connects)
{
	struct dial *d = dial_start(loop, &to, NULL, dialled, NULL);
	int peer;

	dial_limit(d, 10000);
	ck_assert(!called);
	loop_run(loop);
	ck_assert(called);
	ck_assert_int_ne(got_fd, -1);
	peer = sock_accept(listener, NULL);
	ck_assert_int_ne(peer, -1);
	ck_assert_int_eq(write(got_fd, "x", 1), 1);
	close(got_fd);
	close(peer);
}
END_TEST

START_TEST(from_an_address)
{
	struct address from, seen;
	struct dial *d;
	int peer;

	ck_assert(address_parse(SPAN("127.0.0.2"), 0, &from));
	d = dial_start(loop, &to, &from, dialled, NULL);
	dial_limit(d, 10000);
	loop_run(loop);
	ck_assert_int_ne(got_fd, -1);
	peer = sock_accept(listener, &seen);
	ck_assert(span_eq(address_bytes(&seen), address_bytes(&from)));
	close(got_fd);
	close(peer);
}
END_TEST

START_TEST(refused)
{
	struct dial *d;

	close(listener);
	listener = -1;
	d = dial_start(loop, &to, NULL, dialled, NULL);
	dial_limit(d, 10000);
	ck_assert(!called); /* never at once */
	loop_run(loop);
	ck_assert_int_eq(got_fd, -1);
	ck_assert_int_eq(got_error, ECONNREFUSED);
}
END_TEST

/* An address that cannot be dialled at all. */
START_TEST(impossible)
{
	struct address none = { .n = 0 };
	struct dial *d = dial_start(loop, &none, NULL, dialled, NULL);

	dial_limit(d, 10000);
	ck_assert(!called);
	loop_run(loop);
	ck_assert_int_eq(got_fd, -1);
	ck_assert_int_ne(got_error, 0);
}
END_TEST

/* Nobody accepts: the queue of the listener is full. */
START_TEST(limit)
{
	enum { MANY = 64 };
	struct dial *d;
	int fds[MANY], n = 0;

	ck_assert_int_eq(listen(listener, 0), 0);
	for (int i = 0; i < MANY; i++) {
		fds[n] = sock_connect_inet(&to, NULL);
		if (fds[n] != -1)
			n++;
	}
	d = dial_start(loop, &to, NULL, dialled, NULL);
	dial_limit(d, 1);
	loop_run(loop);
	ck_assert_int_eq(got_fd, -1);
	ck_assert_int_eq(got_error, ETIMEDOUT);
	while (n > 0)
		close(fds[--n]);
}
END_TEST

START_TEST(cancelled)
{
	struct dial *d = dial_start(loop, &to, NULL, dialled, NULL);

	dial_cancel(&d);
	ck_assert_ptr_null(d);
	dial_cancel(&d);
	loop_run(loop); /* nothing to wait for */
	ck_assert(!called);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, connects);
	tcase_add_test(t, from_an_address);
	tcase_add_test(t, refused);
	tcase_add_test(t, impossible);
	tcase_add_test(t, limit);
	tcase_add_test(t, cancelled);
}

int
main(void)
{
	return unit_main("os/dial", fill);
}
