/* test_slots.c - os/slots.h: what is on disk after a crash is whole */

#include "os/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit.h"

static char folder[] = "/tmp/slots.XXXXXX";
static char paths[2][64];

static void
begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (int i = 0; i < 2; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/x.%d", folder, i);
}

static void
end(void)
{
	unlink(paths[0]);
	unlink(paths[1]);
	rmdir(folder);
}

/* What a process that starts now reads; NULL: nothing. */
static void
check(const char *want)
{
	struct slots *s = slots_open_read(folder, "x");
	struct buf out = BUF_EMPTY;

	ck_assert_ptr_nonnull(s);
	if (want == NULL) {
		ck_assert_int_eq(slots_read(s, 100, &out), -1);
		ck_assert_int_eq(errno, ENOENT);
	} else {
		ck_assert_int_eq(slots_read(s, 100, &out), 0);
		ck_assert_str_eq(buf_str(&out), want);
	}
	buf_free(&out);
	slots_close(&s);
}

static struct slots *
open_and_read(void)
{
	struct slots *s = slots_open(folder, "x");
	struct buf out = BUF_EMPTY;

	ck_assert_ptr_nonnull(s);
	(void)!slots_read(s, 100, &out);
	buf_free(&out);
	return s;
}

START_TEST(kept)
{
	struct slots *s;
	struct stat st;

	check(NULL);
	s = open_and_read();
	check(NULL);
	ck_assert_int_eq(slots_write(s, SPAN("a longer one")), 0);
	check("a longer one");
	ck_assert_int_eq(slots_write(s, SPAN("two")), 0);
	check("two");
	ck_assert_int_eq(slots_write(s, SPAN("")), 0);
	check("");
	slots_close(&s);
	s = open_and_read();
	ck_assert_int_eq(slots_write(s, SPAN("again")), 0);
	check("again");
	slots_close(&s);
	ck_assert_int_eq(stat(paths[0], &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

/* Each octet of the newest damaged, and each length: the one before. */
START_TEST(damaged)
{
	struct slots *s = open_and_read();
	struct stat st;
	char was, bad;
	int fd;

	ck_assert_int_eq(slots_write(s, SPAN("old")), 0);
	ck_assert_int_eq(slots_write(s, SPAN("newest")), 0);
	slots_close(&s);
	fd = open(paths[0], O_RDWR); /* the second write went there */
	ck_assert_int_eq(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at++) {
		ck_assert_int_eq(pread(fd, &was, 1, at), 1);
		bad = (char)(was ^ 0x10);
		ck_assert_int_eq(pwrite(fd, &bad, 1, at), 1);
		check("old");
		ck_assert_int_eq(pwrite(fd, &was, 1, at), 1);
	}
	check("newest");
	for (off_t size = st.st_size - 1; size >= 0; size--) {
		ck_assert_int_eq(ftruncate(fd, size), 0);
		check("old");
	}
	close(fd);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, kept);
	tcase_add_test(t, damaged);
}

int
main(void)
{
	return unit_main("os/slots", fill);
}
