/* test_session.c - pop3d over a socket pair */

#include "pop3d/session.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "os/sock.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"
#include "wire/pop3_policy.h"

static struct pop3_conf conf = { .myhostname = "test.example",
	.pop3_idle_timeout = 60,
	.expire_days = POP3_NEVER };

static char *base;
static pid_t pid;
static int fd;

static bool
no_stop(int unused)
{
	(void)unused;
	return false;
}

static void
start(const char *input)
{
	struct pop3_start s = { .conf = &conf,
		.user = SPAN("user"),
		.mail = base,
		.client_addr = SPAN("192.0.2.1"),
		.input = span_str(input),
		.control = { -1, no_stop } };
	int fds[2];

	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, fds), 0);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		s.in = s.out = fds[1];
		exit(pop3d_session(&s));
	}
	close(fds[1]);
	fd = fds[0];
}

static void
setup(void)
{
	base = scratch_maildir();
	scratch_write(base, "cur/1.M1P1.h:2,S", "A: b\n\n.dot\nend\n");
	scratch_write(base, "new/2.M1P1.h", "A: c\n\none\ntwo\nthree\n");
	scratch_write(base, "cur/3.M1P1.h:2,F", "A: d\r\n\r\ncrlf\r\n");
}

static void
teardown(void)
{
	scratch_free(&base);
}

/* Send all, close our side, and compare all that came. The login's answer is
 * not in want. */
static void
conversation(const char *sent, const char *want)
{
	struct buf got = BUF_EMPTY;
	struct span s = span_str(sent);
	int status;

	start("");
	ck_assert_int_eq(write(fd, s.p, s.n), (ssize_t)s.n);
	shutdown(fd, SHUT_WR);
	ck_assert_int_eq(file_read_all(fd, 1 << 20, &got), 0);
	close(fd);
	ck_assert(span_starts(buf_span(&got), "+OK Logged in\r\n"));
	buf_drop(&got, strlen("+OK Logged in\r\n"));
	ck_assert_str_eq(buf_str(&got), want);
	buf_free(&got);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static const struct {
	const char *sent, *want;
} talks[] = {
	{ "STAT\r\n", "+OK 3 58\r\n" },
	{ "LIST\r\nLIST 2\r\n",
	    "+OK Sizes follow\r\n1 19\r\n2 25\r\n3 14\r\n.\r\n+OK 2 25\r\n" },
	{ "RETR 1\r\n",
	    "+OK Message follows\r\nA: b\r\n\r\n..dot\r\nend\r\n.\r\n" },
	{ "RETR 3\r\n", "+OK Message follows\r\nA: d\r\n\r\ncrlf\r\n.\r\n" },
	{ "TOP 2 0\r\n", "+OK Message follows\r\nA: c\r\n\r\n.\r\n" },
	{ "TOP 2 2\r\n",
	    "+OK Message follows\r\nA: c\r\n\r\none\r\ntwo\r\n.\r\n" },
	{ "top 2 999\r\n",
	    "+OK Message follows\r\nA: c\r\n\r\none\r\ntwo\r\nthree\r\n.\r\n" },
	{ "TOP 2\r\n", "-ERR TOP wants a message and a number of lines\r\n" },
	{ "RETR 4\r\nRETR 0\r\nRETR -1\r\nRETR x\r\n",
	    "-ERR No such message\r\n-ERR No such message\r\n"
	    "-ERR No such message\r\n-ERR No such message\r\n" },
	{ "RETR\r\nSTAT 1\r\nNONSENSE\r\n\r\n",
	    "-ERR An argument is wanted\r\n-ERR No argument is wanted\r\n"
	    "-ERR Unknown command\r\n-ERR Unknown command\r\n" },
	{ "DELE 1\r\nDELE 1\r\nRETR 1\r\nSTAT\r\nRSET\r\nSTAT\r\n",
	    "+OK Message deleted\r\n-ERR The message is deleted\r\n"
	    "-ERR The message is deleted\r\n+OK 2 39\r\n"
	    "+OK Nothing is deleted\r\n+OK 3 58\r\n" },
	{ "NOOP\r\nQUIT\r\nNOOP\r\n", "+OK Still here\r\n+OK Bye\r\n" },
	{ "LANG\r\nLANG en\r\nlang *\r\nLANG en-GB\r\nLANG MUL\r\n",
	    "+OK Language listing follows:\r\nen English\r\n.\r\n"
	    "+OK en The language is English\r\n"
	    "+OK en The language is English\r\n"
	    "+OK en The language is English\r\n"
	    "-ERR en That language is not known here\r\n" },
	{ "UTF8\r\n", "-ERR UTF8 comes before the login\r\n" },
	{ "CAPA\r\n",
	    "+OK Capability list follows\r\nTOP\r\nUIDL\r\nRESP-CODES\r\n"
	    "AUTH-RESP-CODE\r\nPIPELINING\r\nUTF8\r\nLANG\r\n"
	    "EXPIRE NEVER\r\nUSER\r\n"
	    "SASL PLAIN LOGIN\r\nIMPLEMENTATION Facteur\r\n.\r\n" },
};

START_TEST(talk)
{
	conversation(talks[_i].sent, talks[_i].want);
	ck_assert_uint_eq(scratch_count(base, "new"), 1);
	ck_assert_uint_eq(scratch_count(base, "cur"), 2);
}
END_TEST

static struct pop3_conf
conf_of(bool lock, int64_t delay, int days)
{
	return (struct pop3_conf){ .myhostname = "test.example",
		.pop3_idle_timeout = 60,
		.pop3_lock_session = lock,
		.pop3_login_delay = delay,
		.expire_days = days };
}

static void
is_answered(const char *want)
{
	char answer[200] = "";
	struct pollfd p = { fd, POLLIN, 0 };
	ssize_t n;

	ck_assert_int_eq(poll(&p, 1, 20000), 1);
	n = read(fd, answer, sizeof(answer) - 1);
	ck_assert_int_gt(n, 0);
	ck_assert(span_starts(span_of(answer, (size_t)n), want));
}

START_TEST(one_session_at_a_time)
{
	pid_t first;
	int first_fd;

	conf = conf_of(true, 0, POP3_NEVER);
	start("");
	is_answered("+OK Logged in");
	first = pid;
	first_fd = fd;
	start("");
	is_answered("-ERR [IN-USE] ");
	close(fd);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	/* the lock goes with the session, however it ends */
	ck_assert_int_eq(kill(first, SIGKILL), 0);
	ck_assert_int_eq(waitpid(first, NULL, 0), first);
	close(first_fd);
	conversation("NOOP\r\n", "+OK Still here\r\n");
	conf = conf_of(false, 0, POP3_NEVER);
}
END_TEST

START_TEST(logins_too_soon)
{
	conf = conf_of(false, 3600, POP3_NEVER);
	conversation("CAPA\r\n",
	    "+OK Capability list follows\r\nTOP\r\nUIDL\r\nRESP-CODES\r\n"
	    "AUTH-RESP-CODE\r\nPIPELINING\r\nUTF8\r\nLANG\r\n"
	    "EXPIRE NEVER\r\nLOGIN-DELAY 3600\r\nUSER\r\n"
	    "SASL PLAIN LOGIN\r\nIMPLEMENTATION Facteur\r\n.\r\n");
	start("");
	is_answered("-ERR [LOGIN-DELAY] ");
	close(fd);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	conf = conf_of(false, 0, POP3_NEVER);
	conversation("NOOP\r\n", "+OK Still here\r\n");
}
END_TEST

START_TEST(fetched_mail_expires)
{
	conf = conf_of(false, 0, 0);
	/* not without QUIT, not by TOP, and nothing but what was fetched */
	conversation(
	    "RETR 3\r\n", "+OK Message follows\r\nA: d\r\n\r\ncrlf\r\n.\r\n");
	conversation("TOP 3 0\r\nQUIT\r\n",
	    "+OK Message follows\r\nA: d\r\n\r\n.\r\n+OK Bye\r\n");
	conversation("STAT\r\nRETR 3\r\nQUIT\r\n",
	    "+OK 3 58\r\n"
	    "+OK Message follows\r\nA: d\r\n\r\ncrlf\r\n.\r\n+OK Bye\r\n");
	conf = conf_of(false, 0, 1);
	conversation("STAT\r\nQUIT\r\n", "+OK 2 44\r\n+OK Bye\r\n");
	conf = conf_of(false, 0, POP3_NEVER);
}
END_TEST

START_TEST(removed_after_quit_only)
{
	conversation("DELE 2\r\n", "+OK Message deleted\r\n");
	ck_assert_uint_eq(scratch_count(base, "new"), 1);
	conversation(
	    "DELE 2\r\nQUIT\r\n", "+OK Message deleted\r\n+OK Bye\r\n");
	ck_assert_uint_eq(scratch_count(base, "new"), 0);
	ck_assert_uint_eq(scratch_count(base, "cur"), 2);
}
END_TEST

START_TEST(retrieved_is_seen)
{
	conversation("RETR 2\r\nQUIT\r\n",
	    "+OK Message follows\r\nA: c\r\n\r\none\r\ntwo\r\nthree\r\n.\r\n"
	    "+OK Bye\r\n");
	ck_assert(scratch_has(base, "cur/2.M1P1.h:2,S"));
}
END_TEST

START_TEST(uidls_are_those_of_before)
{
	scratch_write(base, "courierimapuiddb", "1 77 9\n3 2.M1P1.h\n");
	scratch_write(
	    base, "courierpop3dsizelist", "/3 12 9\n1.M1P1.h 15 5:9:0\n");
	conversation("UIDL\r\nUIDL 2\r\n",
	    "+OK Unique-ids follow\r\n1 000000030000004d\r\n2 UID5-9\r\n"
	    "3 0000000a0000004d\r\n.\r\n+OK 2 UID5-9\r\n");
}
END_TEST

START_TEST(pipelined_at_login)
{
	struct buf got = BUF_EMPTY;
	int status;

	start("STAT\r\nQUIT\r\n");
	ck_assert_int_eq(file_read_all(fd, 1 << 20, &got), 0);
	ck_assert_str_eq(
	    buf_str(&got), "+OK Logged in\r\n+OK 3 58\r\n+OK Bye\r\n");
	buf_free(&got);
	close(fd);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}
END_TEST

START_TEST(long_line)
{
	struct buf line = BUF_EMPTY;

	for (int i = 0; i < 600; i++)
		buf_add_byte(&line, 'x');
	conversation(buf_str(&line), "-ERR Line too long\r\n");
	buf_free(&line);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, talk, 0, UNIT_COUNT(talks));
	tcase_add_test(c, removed_after_quit_only);
	tcase_add_test(c, one_session_at_a_time);
	tcase_add_test(c, logins_too_soon);
	tcase_add_test(c, fetched_mail_expires);
	tcase_add_test(c, retrieved_is_seen);
	tcase_add_test(c, uidls_are_those_of_before);
	tcase_add_test(c, pipelined_at_login);
	tcase_add_test(c, long_line);
}

int
main(void)
{
	return unit_main("pop3d/session", fill);
}
