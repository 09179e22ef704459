/* test_file.c - os/file.h: second names */

#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/fault.h"
#include "tests/unit.h"

START_TEST(second_name)
{
	char path[] = "/tmp/facteur-test.XXXXXX";
	struct stat st;
	int dir, fd;

	ck_assert_ptr_nonnull(mkdtemp(path));
	dir = file_open_dir(AT_FDCWD, path, false);
	fd = file_open(dir, "a", O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ne(fd, -1);
	fault_arm(FAULT_LINK, 1, EIO, false);
	ck_assert_int_eq(file_link(dir, "a", dir, "b"), -1);
	ck_assert_int_eq(errno, EIO);
	ck_assert_int_eq(file_link(dir, "a", dir, "b"), 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_nlink, 2);
	ck_assert_int_eq(file_link(dir, "a", dir, "b"), -1);
	ck_assert_int_eq(errno, EEXIST);
	/* a link itself is named, not what it leads to */
	ck_assert_int_eq(symlinkat("a", dir, "link"), 0);
	ck_assert_int_eq(file_link(dir, "link", dir, "again"), 0);
	ck_assert_int_eq(fstatat(dir, "again", &st, AT_SYMLINK_NOFOLLOW), 0);
	ck_assert(S_ISLNK(st.st_mode));
	file_unlink(dir, "a");
	file_unlink(dir, "b");
	file_unlink(dir, "link");
	file_unlink(dir, "again");
	file_close(&fd);
	file_close(&dir);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, second_name);
}

int
main(void)
{
	return unit_main("os/file", fill);
}
