/* test_nursery.c - service/nursery.h */

#include "service/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls/start_call.h"
#include "ipc/packet.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base, *path;
static pid_t parent;
static int order; /* to the parent: 'c' close, 's' stop */

/* --- in the parent --- */

static struct loop *loop;
static struct nursery *nursery;

/* Say who serves; then end with the tether, or when the client says so. */
static int
serve(struct packet_in *in)
{
	int fd = packet_in_fd(in);
	pid_t me = getpid();
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { FD_CONTROL, POLLIN, 0 } };

	if (fcntl(order, F_GETFD) != -1)
		return 9; /* something of the parent's came along */
	if (write(fd, &me, sizeof(me)) != sizeof(me) || poll(p, 2, -1) < 1)
		return 8;
	return p[1].revents != 0 ? 3 : 0;
}

static void
ordered(void *arg, unsigned ready)
{
	char c = 's';

	(void)arg;
	(void)ready;
	(void)!read(order, &c, 1);
	nursery_close(nursery, c == 's');
}

static void
over(void)
{
	loop_stop(loop);
}

static void
run_parent(unsigned most)
{
	struct nursery_conf conf = {
		.label = "test", .most = most, .serve = serve, .empty = over
	};

	conf.loop = loop = loop_new();
	nursery = nursery_new(&conf);
	nursery_listen(
	    nursery, sock_listen_unix(path, SOCK_SEQPACKET, 0600, 10));
	(void)loop_io_new(loop, order, LOOP_READ, ordered, NULL);
	loop_run(loop);
	_exit(0);
}

/* --- the test --- */

/* Where a daemon has its control socket and log, there must be something. */
static void
begin(unsigned most)
{
	int pipes[2], null = open("/dev/null", O_RDWR);

	while (null <= FD_LISTEN + 1)
		null = dup(null);
	ck_assert_int_eq(pipe(pipes), 0);
	parent = fork();
	ck_assert_int_ne(parent, -1);
	if (parent == 0) {
		order = pipes[0];
		(void)sock_nonblock(order, true);
		run_parent(most);
	}
	order = pipes[1];
	UNIT_WAIT(access(path, F_OK) == 0);
}

static void
setup(void)
{
	base = scratch_new();
	path = mem_printf("%s/socket", base);
}

static void
teardown(void)
{
	scratch_free(&base);
	free(path);
}

/* A client's end, handed over. */
static int
connect_one(void)
{
	struct packet_out o = { .fd_count = 0 };
	int pair[2], fd = -1;

	/* the socket has its name before it is listened to */
	UNIT_WAIT((fd = sock_connect_unix(path, SOCK_SEQPACKET, false)) != -1 ||
	    errno != ECONNREFUSED);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, pair), 0);
	packet_begin(&o, "x", 0);
	packet_fd(&o, pair[1]);
	ck_assert_int_eq(packet_send(fd, &o), 0);
	packet_done(&o);
	close(pair[1]);
	close(fd);
	return pair[0];
}

static pid_t
served_by(int client)
{
	pid_t pid = 0;

	ck_assert_int_eq(read(client, &pid, sizeof(pid)), sizeof(pid));
	return pid;
}

static bool
has_input(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, ms) == 1;
}

static void
end(char how)
{
	int status;

	ck_assert_int_eq(write(order, &how, 1), 1);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	ck_assert_int_eq(status, 0);
	close(order);
}

START_TEST(each_has_its_own)
{
	int a, b;
	pid_t first;

	begin(10);
	a = connect_one();
	b = connect_one();
	first = served_by(a);
	ck_assert_int_ne(first, parent);
	ck_assert_int_ne(served_by(b), first);
	/* one that crashes takes nobody along */
	ck_assert_int_eq(kill(first, SIGKILL), 0);
	ck_assert(has_input(a, 20000));
	ck_assert(!has_input(b, 0));
	close(a);
	a = connect_one();
	ck_assert_int_gt(served_by(a), 0);
	close(a);
	close(b);
	end('c');
}
END_TEST

START_TEST(no_more_than)
{
	int a, b;

	begin(1);
	a = connect_one();
	ck_assert_int_gt(served_by(a), 0);
	b = connect_one();
	ck_assert(!has_input(b, 50));
	close(a);
	ck_assert_int_gt(served_by(b), 0);
	close(b);
	end('c');
}
END_TEST

/* After a reload sessions go on; when the system stops they end. */
START_TEST(close_and_stop)
{
	int a, status;

	begin(10);
	a = connect_one();
	ck_assert_int_gt(served_by(a), 0);
	ck_assert_int_eq(write(order, "c", 1), 1);
	ck_assert(!has_input(a, 50));
	ck_assert_int_eq(waitpid(parent, &status, WNOHANG), 0);
	end('s');
	ck_assert(has_input(a, 0));
	close(a);
}
END_TEST

START_TEST(parent_dies)
{
	int a;

	begin(10);
	a = connect_one();
	ck_assert_int_gt(served_by(a), 0);
	ck_assert_int_eq(kill(parent, SIGKILL), 0);
	ck_assert(has_input(a, 20000));
	ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
	close(a);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, each_has_its_own);
	tcase_add_test(c, no_more_than);
	tcase_add_test(c, close_and_stop);
	tcase_add_test(c, parent_dies);
}

int
main(void)
{
	return unit_main("service/nursery", fill);
}
