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

static const struct {
	const char *address;
	bool global;
} worlds[] = {
	{ "9.9.9.9", true },
	{ "100.63.0.1", true },
	{ "172.32.0.1", true },
	{ "223.255.255.1", true },
	{ "2620:fe::fe", true },
	{ "2002:909:909::1", true },
	{ "0.0.0.0", false },
	{ "10.1.2.3", false },
	{ "100.64.0.1", false },
	{ "100.127.255.1", false },
	{ "127.0.0.1", false },
	{ "169.254.169.254", false },
	{ "172.16.0.1", false },
	{ "172.31.255.1", false },
	{ "192.168.1.1", false },
	{ "198.19.0.1", false },
	{ "203.0.113.9", false },
	{ "224.0.0.1", false },
	{ "255.255.255.255", false },
	{ "::", false },
	{ "::1", false },
	{ "fe80::1", false },
	{ "fd00::1", false },
	{ "2001:db8::1", false },
	{ "2002:a01:203::1", false }, /* 10.1.2.3 */
	{ "64:ff9b::a01:203", false },
};

START_TEST(of_the_world)
{
	struct address a;

	ck_assert(address_parse(span_str(worlds[_i].address), 0, &a));
	ck_assert_msg(address_is_global(&a) == worlds[_i].global, "%s",
	    worlds[_i].address);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, of_the_world, 0, UNIT_COUNT(worlds));
	tcase_add_test(c, no_delay);
}

int
main(void)
{
	return unit_main("os/sock", fill);
}
