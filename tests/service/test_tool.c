/* test_tool.c - service/tool.h */

#include "service/tool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/packet.h"
#include "os/sock.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

/* As in the commands: one for the process. */
static struct tool tool;

/* What was asked for stays, and is known to the leak checker as in use. */
START_TEST(test_values_stay)
{
	char *folder = scratch_new();
	char *path = mem_printf("%s/main.cf", folder);
	const char *first;
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_gt(fputs("myhostname = a.example.org\n", f), 0);
	ck_assert_int_eq(fclose(f), 0);
	tool_open(&tool, "/usr/sbin/postmap", folder);
	ck_assert_str_eq(tool.name, "postmap");
	first = tool_value(&tool, "myhostname");
	for (int i = 0; i < 100; i++)
		ck_assert_str_eq(tool_value(&tool, "mydomain"), "example.org");
	ck_assert_str_eq(first, "a.example.org");
	free(path);
	scratch_free(&folder);
}
END_TEST

/* A connection is closed, with the question on it unread. */
static void
turn_away(int listener)
{
	int fd = accept(listener, NULL, NULL);

	ck_assert_int_ne(fd, -1);
	close(fd);
}

/* It ends a dozen times, as when it is slow to be replaced, then answers. */
static void
answer_at_last(int listener)
{
	struct packet_in in = { .bad = false };
	struct packet_out o = { .fd_count = 0 };
	int fd;

	for (int i = 0; i < 12; i++)
		turn_away(listener);
	fd = accept(listener, NULL, NULL);
	if (packet_recv(fd, &in) != PACKET_OK)
		_exit(1);
	packet_begin(&o, "yes", in.id);
	_exit(packet_send(fd, &o) == 0 ? 0 : 1);
}

START_TEST(asked_again)
{
	char *folder = scratch_new();
	char *cf = mem_printf("%s/main.cf", folder);
	char *public = mem_printf("%s/public", folder);
	char *path = mem_printf("%s/flush", public);
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	FILE *f = fopen(cf, "we");
	int listener, fd, status;
	pid_t child;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_gt(fprintf(f, "queue_directory = %s\n", folder), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(mkdir(public, 0755), 0);
	listener = sock_listen_unix(path, SOCK_SEQPACKET, 0600, 16);
	ck_assert_int_ne(listener, -1);
	ck_assert_int_ne(fcntl(listener, F_SETFL, 0), -1);
	tool_open(&tool, "postqueue", folder);
	fd = tool_connect(&tool, "flush");
	ck_assert_int_ne(fd, -1);
	packet_begin(&o, "flush", 1);
	ck_assert_int_eq(packet_send(fd, &o), 0);
	turn_away(listener); /* the next send says ECONNRESET or EPIPE */
	child = fork();
	if (child == 0)
		answer_at_last(listener);
	ck_assert_int_eq(tool_ask(&tool, "flush", &fd, &o, &in), 0);
	ck_assert(span_is(in.call, "yes"));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	packet_in_done(&in);
	packet_done(&o);
	close(fd);
	close(listener);
	free(path);
	free(public);
	free(cf);
	scratch_free(&folder);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, test_values_stay);
	tcase_add_test(t, asked_again);
}

int
main(void)
{
	return unit_main("service/tool", fill);
}
