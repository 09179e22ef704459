/* test_syncpool.c - flushes and removals by threads, told in the loop */

#include "os/syncpool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/fault.h"
#include "os/file.h"
#include "os/loop.h"
#include "tests/unit.h"

enum { NAMES = 40 };

static char *base;
static int dir;
static struct loop *loop;
static struct syncpool *pool;
static struct syncpool_dir *folder;
static int told, wanted, last;

static void
setup(void)
{
	base = mem_str("/tmp/facteur-syncpool-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(dir, -1);
	loop = loop_new();
	pool = syncpool_new(loop, 4);
	folder = syncpool_dir_new(pool, dir);
	told = 0;
}

static void
teardown(void)
{
	syncpool_dir_free(&folder);
	syncpool_free(&pool);
	loop_free(&loop);
	close(dir);
	ck_assert_int_eq(rmdir(base), 0);
	mem_free(&base);
}

static void
done(void *arg, int error)
{
	(void)arg;
	last = error;
	if (++told == wanted)
		loop_stop(loop);
}

static void
wait_for(int count)
{
	wanted = count;
	if (told < wanted)
		loop_run(loop);
	ck_assert_int_eq(told, count);
}

static int
make(int number)
{
	char *name = mem_printf("f%d", number);
	int fd = file_open(dir, name, O_RDWR | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ne(fd, -1);
	free(name);
	return fd;
}

static void
removal(int number, syncpool_fn *fn)
{
	char *name = mem_printf("f%d", number);

	syncpool_unlink(pool, dir, name, fn, NULL);
	free(name);
}

START_TEST(file_and_folder)
{
	int fd = make(0);

	/* alone; while another runs; and with a file that cannot be flushed */
	syncpool_both_sync(folder, fd, done, NULL);
	wait_for(1);
	ck_assert_int_eq(last, 0);
	syncpool_both_sync(folder, fd, done, NULL);
	syncpool_both_sync(folder, fd, done, NULL);
	syncpool_dir_sync(folder, done, NULL);
	ck_assert_uint_ge(syncpool_pending(pool), 2);
	wait_for(4);
	ck_assert_int_eq(last, 0);
	ck_assert_uint_eq(syncpool_pending(pool), 0);
	syncpool_both_sync(folder, -1, done, NULL);
	wait_for(5);
	ck_assert_int_eq(last, EBADF);
	syncpool_sync(pool, fd, NULL, NULL);
	syncpool_both_sync(folder, -1, done, NULL);
	wait_for(6);
	ck_assert_int_eq(last, EBADF);
	/* the folder is free again for those who come */
	syncpool_both_sync(folder, fd, done, NULL);
	wait_for(7);
	ck_assert_int_eq(last, 0);
	close(fd);
	removal(0, done);
	wait_for(8);
}
END_TEST

START_TEST(writes)
{
	struct syncpool_piece piece = { .bytes = SPAN("content"),
		.offset = 100 };
	char got[7];

	piece.fd = make(0);
	syncpool_write(pool, &piece, done, NULL);
	wait_for(1);
	ck_assert_int_eq(last, 0);
	ck_assert_int_eq(pread(piece.fd, got, sizeof(got), 100), sizeof(got));
	ck_assert_mem_eq(got, "content", sizeof(got));
	fault_arm(FAULT_SYNC, 1, EIO, false);
	syncpool_write(pool, &piece, done, NULL);
	wait_for(2);
	ck_assert_int_eq(last, EIO);
	fault_arm(FAULT_WRITE, 1, ENOSPC, false);
	syncpool_write(pool, &piece, done, NULL);
	wait_for(3);
	ck_assert_int_eq(last, ENOSPC);
	close(piece.fd);
	removal(0, done);
	wait_for(4);
}
END_TEST

START_TEST(removals)
{
	for (int i = 0; i < NAMES; i++)
		close(make(i));
	for (int i = 0; i < NAMES; i++)
		removal(i, done);
	ck_assert_uint_eq(syncpool_pending(pool), NAMES);
	wait_for(NAMES);
	ck_assert_int_eq(last, 0);
	removal(0, done);
	wait_for(NAMES + 1);
	ck_assert_int_eq(last, ENOENT);
	/* one that waits for others is done at the end at the latest */
	close(make(0));
	removal(0, NULL);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, file_and_folder);
	tcase_add_test(t, writes);
	tcase_add_test(t, removals);
}

int
main(void)
{
	return unit_main("os/syncpool", fill);
}
