/* test_session.c - clients that come in, login/login.h */

#include "login/login.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/sock.h"
#include "tests/unit.h"

/* Without descriptors its caller is told to wait; a client that has gone, or
 * none, is no reason to. */
START_TEST(no_descriptors)
{
	struct login l = { .conf = NULL };
	struct rlimit files, few;
	struct address at;
	int listener, client, spare;

	ck_assert(address_parse(SPAN("127.0.0.1"), 0, &at));
	listener = sock_listen_inet(&at, 5);
	ck_assert_int_ne(listener, -1);
	ck_assert(session_accept(&l, listener));
	ck_assert(sock_local(listener, &at));
	client = sock_connect_inet(&at, NULL);
	ck_assert_int_ne(client, -1);
	spare = fcntl(client, F_DUPFD_CLOEXEC, 0);
	close(spare);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	few = (struct rlimit){ (rlim_t)spare, files.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert(!session_accept(&l, listener));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	close(client);
	close(listener);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, no_descriptors);
}

int
main(void)
{
	return unit_main("login/session", fill);
}
