/* test_sock.c - os/sock.h */

#include "os/sock.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "tests/unit.h"

/* The last, short piece of a long answer does not wait for an acknowledgement
 * that the other side holds back. */
START_TEST(no_delay)
{
	struct pollfd p = { .events = POLLIN };
	struct address at;
	int client, server, on = 0;
	socklen_t n = sizeof(on);

	ck_assert(address_parse(SPAN("127.0.0.1"), 0, &at));
	p.fd = sock_listen_inet(&at, 1);
	ck_assert_int_ne(p.fd, -1);
	ck_assert(sock_local(p.fd, &at));
	client = sock_connect_inet(&at, NULL);
	ck_assert_int_ne(client, -1);
	ck_assert_int_eq(poll(&p, 1, 20000), 1);
	server = sock_accept(p.fd, NULL);
	ck_assert_int_ne(server, -1);
	ck_assert_int_eq(
	    getsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, &n), 0);
	ck_assert_int_ne(on, 0);
	close(server);
	close(client);
	close(p.fd);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_test(c, no_delay);
}

int
main(void)
{
	return unit_main("os/sock", fill);
}
