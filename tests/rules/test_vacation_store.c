/* test_vacation_store.c - rules/vacation_store.h */

#include "rules/vacation_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

enum { RECORD = 67 };

static char *base, *path;

static void
setup(void)
{
	base = scratch_new();
	path = mem_printf("%s/seen", base);
}

static void
teardown(void)
{
	free(path);
	scratch_free(&base);
}

static enum vacation_seen
note(const char *who, int64_t now, int64_t period)
{
	return vacation_note(&(struct vacation_note){ .dir = AT_FDCWD,
	    .name = path,
	    .key = span_str(who),
	    .now = now,
	    .period = period });
}

static off_t
size(void)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}

START_TEST(once_in_a_period)
{
	ck_assert_int_eq(note("a", 100, 10), VACATION_FRESH);
	ck_assert_int_eq(note("a", 105, 10), VACATION_SEEN);
	ck_assert_int_eq(note("b", 105, 10), VACATION_FRESH);
	ck_assert_int_eq(note("a", 109, 10), VACATION_SEEN);
	ck_assert_int_eq(note("a", 110, 10), VACATION_FRESH);
	ck_assert_int_eq(note("a", 111, 10), VACATION_SEEN);
	ck_assert_int_eq(note("a", 111, 0), VACATION_FRESH);
	/* for ever */
	ck_assert_int_eq(note("c", 200, INT64_MAX), VACATION_FRESH);
	ck_assert_int_eq(note("c", INT32_MAX, INT64_MAX), VACATION_SEEN);
	/* the clock was wrong */
	ck_assert_int_eq(note("c", 150, 10), VACATION_FRESH);
	ck_assert_int_eq(size(), 2 * RECORD);
}
END_TEST

START_TEST(forgets)
{
	struct vacation_note n = { .dir = AT_FDCWD,
		.name = path,
		.key = SPAN("a"),
		.now = 100,
		.period = 10 };

	ck_assert_int_eq(note("z", 100, 10), VACATION_FRESH);
	ck_assert_int_eq(vacation_note(&n), VACATION_FRESH);
	vacation_forget(&n);
	ck_assert_int_eq(vacation_note(&n), VACATION_FRESH);
	ck_assert_int_eq(note("z", 101, 10), VACATION_SEEN);
	ck_assert_int_eq(size(), 3 * RECORD);
}
END_TEST

START_TEST(marks)
{
	struct vacation_note n = { .dir = AT_FDCWD,
		.name = path,
		.key = SPAN("a"),
		.now = 100,
		.period = 10 };

	ck_assert(!vacation_known(&n));
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(vacation_mark(&n), 0);
	n.now = 109;
	ck_assert(vacation_known(&n));
	ck_assert_int_eq(vacation_mark(&n), 0);
	n.now = 118;
	ck_assert(vacation_known(&n));
	n.now = 119;
	ck_assert(!vacation_known(&n));
	n.now = 50; /* the clock was wrong */
	ck_assert(!vacation_known(&n));
	ck_assert_int_eq(size(), 2 * RECORD);
}
END_TEST

START_TEST(stays_small)
{
	struct buf who = BUF_EMPTY;

	for (int i = 0; i < 50; i++) {
		buf_clear(&who);
		buf_printf(&who, "%d", i);
		ck_assert_int_eq(
		    note(buf_str(&who), 100 + i, 10), VACATION_FRESH);
	}
	/* ten that matter, those that ran out before the clock went on */
	ck_assert_int_le(size(), 12 * RECORD);
	ck_assert_int_eq(note("x", 10000, 10), VACATION_FRESH);
	ck_assert_int_eq(size(), 2 * RECORD);
	buf_free(&who);
}
END_TEST

START_TEST(is_bounded)
{
	struct buf text = BUF_EMPTY;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	buf_printf(&text, "%-*s\n", RECORD - 1, "facteur vacation 1");
	for (int i = 0; i < VACATION_RECORDS_MAX; i++)
		buf_printf(&text, "%016x %016x %032x\n", 100 + (i + 7) % 100,
		    100000, i);
	ck_assert_int_eq(file_write(fd, buf_span(&text)), 0);
	ck_assert_int_eq(note("new", 300, 10), VACATION_FRESH);
	ck_assert_int_eq(note("new", 301, 10), VACATION_SEEN);
	ck_assert_int_eq(size(), (off_t)text.n);
	file_close(&fd);
	buf_free(&text);
}
END_TEST

/* What a power cut may leave: a torn record is free, a torn mark is no more
 * than an empty file. */
START_TEST(torn)
{
	ck_assert_int_eq(note("a", 100, 10), VACATION_FRESH);
	ck_assert_int_eq(note("b", 100, 10), VACATION_FRESH);
	for (off_t n = 3 * RECORD - 1; n >= 0; n--) {
		ck_assert_int_eq(truncate(path, n), 0);
		ck_assert_int_eq(note("b", 101, 10),
		    n == 3 * RECORD ? VACATION_SEEN : VACATION_FRESH);
		ck_assert_int_eq(note("b", 102, 10), VACATION_SEEN);
		if (n >= 2 * RECORD)
			ck_assert_int_eq(note("a", 102, 10), VACATION_SEEN);
	}
}
END_TEST

START_TEST(foreign)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	ck_assert_int_eq(file_write(fd, SPAN("somebody else's")), 0);
	file_close(&fd);
	errno = 0;
	ck_assert_int_eq(note("a", 100, 10), VACATION_TROUBLE);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(size(), 15);
	ck_assert_int_eq(vacation_store_init(AT_FDCWD, path), 0);
	ck_assert_int_eq(note("a", 100, 10), VACATION_FRESH);
	ck_assert_int_eq(vacation_store_init(AT_FDCWD, path), 0);
	ck_assert_int_eq(note("a", 100, 10), VACATION_FRESH);
}
END_TEST

START_TEST(no_link)
{
	char *other = mem_printf("%s/other", base);

	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_int_eq(note("a", 100, 10), VACATION_TROUBLE);
	ck_assert_int_eq(access(other, F_OK), -1);
	free(other);
}
END_TEST

/* Of many processes at once one may answer. */
START_TEST(race)
{
	enum { PROCESSES = 16 };
	int fresh = 0, status;

	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			_exit(note("a", 100, 10));
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_ne(wait(&status), -1);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), VACATION_TROUBLE);
		fresh += WEXITSTATUS(status) == VACATION_FRESH;
	}
	ck_assert_int_eq(fresh, 1);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, once_in_a_period);
	tcase_add_test(t, forgets);
	tcase_add_test(t, marks);
	tcase_add_test(t, stays_small);
	tcase_add_test(t, is_bounded);
	tcase_add_test(t, torn);
	tcase_add_test(t, foreign);
	tcase_add_test(t, no_link);
	tcase_add_test(t, race);
}

int
main(void)
{
	return unit_main("rules/vacation_store", fill);
}
