/* test_log.c - base/log.h */

#include "base/log.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit.h"

static const struct {
	const char *facility, *begins; /* NULL: there is none */
} rows[] = {
	{ "mail", "<22>" },
	{ "LOCAL3", "<158>" },
	{ "daemon", "<30>" },
	{ "kern", "<6>" },
	{ "", NULL },
	{ "postmaster", NULL },
};

START_TEST(facility)
{
	char line[1000];
	ssize_t n;
	int fd[2];

	ck_assert(log_facility_set(span_str(rows[_i].facility)) ==
	    (rows[_i].begins != NULL));
	if (rows[_i].begins == NULL)
		return;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	log_to(fd[0], false, "postfix/test");
	log_info("a line\n");
	log_to(-1, false, "test");
	n = recv(fd[1], line, sizeof(line) - 1, MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	ck_assert(span_starts(span_of(line, (size_t)n), rows[_i].begins));
	ck_assert(span_ends(span_of(line, (size_t)n), "]: a line?"));
	close(fd[0]);
	close(fd[1]);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, facility, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("base/log", fill);
}
