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

static const struct {
	uint64_t type;
	bool ours;
} clocks[] = {
	{ 0xef53, true }, /* ext4 */
	{ 0x58465342, true }, /* xfs */
	{ 0x01021994, true }, /* tmpfs */
	{ (uint64_t)(int32_t)0x9123683e, true }, /* btrfs, with its sign */
	{ 0x6969, false }, /* nfs */
	{ 0xff534d42, false }, /* cifs */
	{ 0x65735546, false }, /* fuse */
	{ 0x00c36400, false }, /* ceph */
	{ 0x7461636f, false }, /* ocfs2 */
	{ 0, false },
};

START_TEST(whose_clock)
{
	ck_assert(file_type_has_our_clock(clocks[_i].type) == clocks[_i].ours);
	ck_assert(!file_clock_is_ours_at("/proc"));
	ck_assert(!file_clock_is_ours_at("/nowhere/at/all"));
	ck_assert(!file_clock_is_ours(-1));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, second_name);
	tcase_add_loop_test(t, whose_clock, 0, UNIT_COUNT(clocks));
}

int
main(void)
{
	return unit_main("os/file", fill);
}
