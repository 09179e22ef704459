/* test_balancer.c - service/balancer.h */

#include "service/balancer.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/unit.h"

enum { FOREVER_MS = 60000, MANY = 1000 };

/* What the callee heard last. */
struct heard {
	struct loop *loop;
	unsigned good, bad;
	struct buf from, to; /* "192.0.2.1:25" */
	struct buf rest; /* what stood behind the header */
};

static const struct {
	struct span sent;
	const char *from, *to, *rest; /* from NULL: refused */
} cases[] = {
	{ SPAN_INIT("PROXY TCP4 192.0.2.7 198.51.100.1 1234 143\r\na NOOP"),
	    "192.0.2.7:1234", "198.51.100.1:143", "a NOOP" },
	{ SPAN_INIT("PROXY TCP6 2001:db8::7 2001:db8::1 1 993\r\n\026\003\001"),
	    "2001:db8::7:1", "2001:db8::1:993", "\026\003\001" },
	{ SPAN_INIT("PROXY UNKNOWN\r\nx"), "203.0.113.9:99", "", "x" },
	{ SPAN_INIT("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
		    "\xc0\0\x02\x07\xc6\x33\x64\x01\x04\xd2\0\x8f"
		    "a"),
	    "192.0.2.7:1234", "198.51.100.1:143", "a" },
	{ SPAN_INIT("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"), "203.0.113.9:99", "",
	    "" },
	{ SPAN_INIT("a NOOP\r\n"), NULL, "", "" },
	{ SPAN_INIT("PROXY TCP4 192.0.2.7\r\n"), NULL, "", "" },
};

static void
name(struct buf *out, const struct address *a)
{
	buf_clear(out);
	if (a == NULL)
		return;
	address_print(out, a);
	buf_printf(out, ":%u", (unsigned)address_port(a));
}

static void
hear(void *arg, int fd, const struct address *from, const struct address *to)
{
	struct heard *h = arg;
	char room[64];
	ssize_t n;

	h->good += fd != -1;
	h->bad += fd == -1;
	name(&h->from, from);
	name(&h->to, to);
	buf_clear(&h->rest);
	n = fd == -1 ? -1 : recv(fd, room, sizeof(room), 0);
	if (n > 0)
		buf_add(&h->rest, room, (size_t)n);
	if (fd != -1)
		close(fd);
	loop_stop(h->loop);
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

static void
heard_free(struct heard *h)
{
	buf_free(&h->from);
	buf_free(&h->to);
	buf_free(&h->rest);
	loop_free(&h->loop);
}

/* Our end of a connection that b waits for. */
static int
begin(struct balancer *b)
{
	struct address from;
	int fds[2];

	ck_assert_int_eq(sock_pair(SOCK_STREAM, true, fds), 0);
	ck_assert(address_parse(SPAN("203.0.113.9"), 99, &from));
	balancer_start(b, fds[1], &from);
	return fds[0];
}

/* The bytes come in two parts, cut anywhere. */
static void
send_cut(struct heard *h, struct span in, size_t cut)
{
	struct balancer *b = balancer_new(h->loop, FOREVER_MS, hear, h);
	int fd = begin(b);
	struct loop_timer *t = loop_timer_new(h->loop, stop, h->loop);

	ck_assert(balancer_waiting(b));
	ck_assert_int_eq(send(fd, in.p, cut, 0), (ssize_t)cut);
	loop_timer_set(t, 0);
	loop_run(h->loop);
	if (cut < in.n)
		(void)send(fd, in.p + cut, in.n - cut, MSG_NOSIGNAL);
	while (h->good + h->bad == 0)
		loop_run(h->loop);
	ck_assert(!balancer_waiting(b));
	loop_timer_free(&t);
	balancer_free(&b);
	close(fd);
}

START_TEST(header)
{
	struct span in = cases[_i].sent;

	/* what follows comes with the end of the header */
	for (size_t cut = 1; cut <= in.n - strlen(cases[_i].rest); cut++) {
		struct heard h = { .loop = loop_new() };
		bool good = cases[_i].from != NULL;

		if (cut == in.n - strlen(cases[_i].rest))
			cut = in.n;
		send_cut(&h, in, cut);
		ck_assert_uint_eq(h.good, good);
		ck_assert_uint_eq(h.bad, !good);
		if (good)
			ck_assert_str_eq(buf_str(&h.from), cases[_i].from);
		ck_assert_str_eq(buf_str(&h.to), cases[_i].to);
		ck_assert_str_eq(buf_str(&h.rest), cases[_i].rest);
		heard_free(&h);
	}
}
END_TEST

/* One that says nothing, or goes. */
START_TEST(silent)
{
	struct heard h = { .loop = loop_new() };
	struct balancer *b = balancer_new(h.loop, 1, hear, &h);
	int fd = begin(b);

	loop_run(h.loop);
	ck_assert_uint_eq(h.bad, 1);
	close(fd);
	balancer_free(&b);
	b = balancer_new(h.loop, FOREVER_MS, hear, &h);
	close(begin(b));
	loop_run(h.loop);
	ck_assert_uint_eq(h.bad, 2);
	balancer_free(&b);
	heard_free(&h);
}
END_TEST

/* The oldest goes when too many wait; a stop tells nobody. */
START_TEST(many)
{
	struct heard h = { .loop = loop_new() };
	struct balancer *b = balancer_new(h.loop, FOREVER_MS, hear, &h);
	struct rlimit files = { 0, 0 };
	int fds[MANY + 1];
	char one;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	for (int i = 0; i < MANY; i++)
		fds[i] = begin(b);
	ck_assert_uint_eq(h.bad, 0);
	fds[MANY] = begin(b);
	ck_assert_uint_eq(h.bad, 1);
	ck_assert_int_eq(recv(fds[0], &one, 1, 0), 0);
	ck_assert_int_eq(recv(fds[1], &one, 1, 0), -1);
	balancer_close(b);
	ck_assert(!balancer_waiting(b));
	ck_assert_uint_eq(h.bad, 1);
	ck_assert_int_eq(recv(fds[MANY], &one, 1, 0), 0);
	for (int i = 0; i <= MANY; i++)
		close(fds[i]);
	balancer_free(&b);
	heard_free(&h);
}
END_TEST

static const struct {
	const char *value;
	bool known;
} values[] = {
	{ "", true },
	{ " haproxy ", true },
	{ "HAPROXY", false },
	{ "nginx", false },
};

START_TEST(known)
{
	ck_assert(
	    balancer_known(span_str(values[_i].value)) == values[_i].known);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, header, 0, UNIT_COUNT(cases));
	tcase_add_test(t, silent);
	tcase_add_test(t, many);
	tcase_add_loop_test(t, known, 0, UNIT_COUNT(values));
}

int
main(void)
{
	return unit_main("service/balancer", fill);
}
