/* test_mbox.c - mailbox/mbox.h and mailbox/dotlock.h */

#include "mailbox/mbox.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>

#include "mailbox/dotlock.h"
#include "mailbox/store.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static char *box; /* path */
static int dir;
static struct why why;

static void
setup(void)
{
	base = scratch_new();
	box = mem_printf("%s/box", base);
	dir = file_open_dir(AT_FDCWD, base, false);
	why_init(&why);
}

static void
teardown(void)
{
	disarm();
	file_close(&dir);
	why_free(&why);
	free(box);
	scratch_free(&base);
}

static struct mbox_place
place(void)
{
	return (struct mbox_place){
		.dir = dir, .name = "box", .mode = 0600, .wait_ms = 0
	};
}

#define FROM "From a@b  Thu Jan  1 00:00:00 1970"

static const struct {
	const char *before; /* NULL: no box */
	const char *from;
	bool quote;
	const char *message;
	const char *after;
} appends[] = {
	{ NULL, FROM, true, "A: b\n\nx\n", FROM "\nA: b\n\nx\n\n" },
	{ "", FROM, true, "A: b\n\nx", FROM "\nA: b\n\nx\n\n" },
	{ "old\n\n", FROM, true, "A: b\n\n", "old\n\n" FROM "\nA: b\n\n\n" },
	{ "old\n", FROM, true, "A: b\n", "old\n\n" FROM "\nA: b\n\n" },
	{ "old", FROM, true, "A: b\n", "old\n\n" FROM "\nA: b\n\n" },
	{ "\n", FROM, true, "A: b\n", "\n" FROM "\nA: b\n\n" },
	{ NULL, FROM, true, "A: b\n\nFrom me\n>From x\n From\nFrom\nFromX\n",
	    FROM "\nA: b\n\n>From me\n>From x\n From\nFrom\nFromX\n\n" },
	{ NULL, FROM, false, "A: b\n\nFrom me\n",
	    FROM "\nA: b\n\nFrom me\n\n" },
	{ NULL, FROM, true, "From x\nA: b\n\n", FROM "\n>From x\nA: b\n\n\n" },
	{ NULL, "", true, FROM "\nA: b\n\nFrom y\n",
	    FROM "\nA: b\n\n>From y\n\n" },
	{ NULL, FROM, true, "A: b\n\nFro", FROM "\nA: b\n\nFro\n\n" },
	{ NULL, FROM, true, "A: b\n\nFrom ", FROM "\nA: b\n\n>From \n\n" },
	{ NULL, FROM, true, "", FROM "\n\n" },
};

START_TEST(appended)
{
	struct span all = span_str(appends[_i].message);
	struct mbox_how how = { span_str(appends[_i].from), appends[_i].quote,
		0, 0 };
	struct mbox_place where = place();

	for (size_t cut = 0; cut <= all.n; cut++) {
		struct store_piece pieces[] = {
			{ span_head(all, cut), -1, 0, 0 },
			{ span_skip(all, cut), -1, 0, 0 },
		};
		char *text;

		(void)unlink(box);
		if (appends[_i].before != NULL)
			scratch_write(base, "box", appends[_i].before);
		ck_assert_msg(
		    mbox_deliver(&where, pieces, 2, &how, &why) == DONE, "%s",
		    why_text(&why));
		text = scratch_read(base, "box");
		ck_assert_str_eq(text, appends[_i].after);
		free(text);
		ck_assert(!scratch_has(base, "box.lock"));
		ck_assert_uint_eq(scratch_count(base, "."), 1);
	}
}
END_TEST

START_TEST(shielded)
{
	struct mbox_how how = { SPAN(FROM), true, 6, 7 };
	struct store_piece piece = { SPAN("A: b\n\nFrom x\nFrom y\n"), -1, 0,
		0 };
	struct mbox_place where = place();
	char *text;

	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DONE);
	text = scratch_read(base, "box");
	ck_assert_str_eq(text, FROM "\nA: b\n\nFrom x\n>From y\n\n");
	free(text);
}
END_TEST

START_TEST(exact)
{
	struct store_piece piece = { SPAN("x\nFrom y"), -1, 0, 0 };
	struct mbox_place where = place();
	char *text;

	scratch_write(base, "box", "old");
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, NULL, &why), DONE);
	text = scratch_read(base, "box");
	ck_assert_str_eq(text, "oldx\nFrom y");
	free(text);
}
END_TEST

static const struct {
	enum fault kind;
	unsigned nth;
	int error;
} faults[] = {
	{ FAULT_WRITE, 2, ENOSPC }, /* the lock file's is the first */
	{ FAULT_WRITE, 3, EIO },
	{ FAULT_SYNC, 1, EIO },
};

START_TEST(cut_back)
{
	struct buf big = BUF_EMPTY;
	struct mbox_how how = { SPAN(FROM), true, 0, 0 };
	struct store_piece piece = { { NULL, 0 }, -1, 0, 0 };
	struct mbox_place where = place();
	char *text;

	for (int i = 0; i < 20000; i++)
		buf_add_str(&big, "line\n");
	piece.bytes = buf_span(&big);
	scratch_write(base, "box", "old\n\n");
	fault_arm(faults[_i].kind, faults[_i].nth, faults[_i].error, false);
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DEFER);
	text = scratch_read(base, "box");
	ck_assert_str_eq(text, "old\n\n");
	free(text);
	ck_assert(!scratch_has(base, "box.lock"));
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DONE);
	buf_free(&big);
}
END_TEST

START_TEST(refused)
{
	struct mbox_how how = { SPAN(FROM), true, 0, 0 };
	struct store_piece piece = { SPAN("A: b\n"), -1, 0, 0 };
	struct mbox_place where = place();
	char *other = mem_printf("%s/other", base);

	scratch_write(base, "other", "");
	ck_assert_int_eq(symlink(other, box), 0);
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DEFER);
	ck_assert_int_eq(unlink(box), 0);
	ck_assert_int_eq(link(other, box), 0);
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DEFER);
	ck_assert_int_eq(unlink(box), 0);
	ck_assert_int_eq(mkfifo(box, 0600), 0);
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DEFER);
	free(other);
}
END_TEST

/* A program that uses fcntl() and one that uses lock files both stop us. */
START_TEST(locked_by_others)
{
	struct mbox_how how = { SPAN(FROM), true, 0, 0 };
	struct store_piece piece = { SPAN("A: b\n"), -1, 0, 0 };
	struct mbox_place where = place();
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(box, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &l), 0);
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DEFER);
	ck_assert(!scratch_has(base, "box.lock"));
	close(fd);
	scratch_write(base, "box.lock", "1\n");
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DEFER);
	where.no_dotlock = true;
	ck_assert_int_eq(mbox_deliver(&where, &piece, 1, &how, &why), DONE);
	ck_assert(scratch_has(base, "box.lock"));
}
END_TEST

/* The pid of a process that has ended. */
static int
dead_pid(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return (int)pid;
}

static const struct {
	const char *what;
	bool dead; /* the pid of a dead process, else 1 */
	const char *boot; /* NULL: the true one */
	int age;
	enum dotlock_result want;
} stale[] = {
	{ "dead but fresh", true, NULL, 0, DOTLOCK_HELD },
	{ "dead", true, NULL, 10, DOTLOCK_TAKEN },
	{ "alive", false, NULL, 10, DOTLOCK_HELD },
	{ "earlier boot", false, "another", 10, DOTLOCK_TAKEN },
	{ "no boot told", true, "", 10, DOTLOCK_HELD },
	{ "no boot told, very old", true, "", 2000, DOTLOCK_TAKEN },
};

START_TEST(stale_lock)
{
	char *boot = scratch_read("/proc/sys/kernel/random", "boot_id");
	int pid = stale[_i].dead ? dead_pid() : 1;
	char *text;
	struct timespec then[2] = { { 0, 0 }, { 0, 0 } };

	boot[strcspn(boot, "\n")] = '\0';
	text = mem_printf(
	    "%d\n%s\n", pid, stale[_i].boot == NULL ? boot : stale[_i].boot);
	scratch_write(base, "x.lock", text);
	then[0].tv_sec = then[1].tv_sec = time(NULL) - stale[_i].age;
	ck_assert_int_eq(utimensat(dir, "x.lock", then, 0), 0);
	ck_assert_msg(dotlock_try(dir, "x.lock", 1024) == stale[_i].want, "%s",
	    stale[_i].what);
	ck_assert_uint_eq(scratch_count(base, "."), 1);
	dotlock_drop(dir, "x.lock");
	/* only what is ours is dropped */
	ck_assert_int_eq(
	    scratch_has(base, "x.lock"), stale[_i].want != DOTLOCK_TAKEN);
	free(text);
	free(boot);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, appended, 0, UNIT_COUNT(appends));
	tcase_add_test(t, shielded);
	tcase_add_test(t, exact);
	tcase_add_loop_test(t, cut_back, 0, UNIT_COUNT(faults));
	tcase_add_test(t, refused);
	tcase_add_test(t, locked_by_others);
	tcase_add_loop_test(t, stale_lock, 0, UNIT_COUNT(stale));
}

int
main(void)
{
	return unit_main("mailbox/mbox", fill);
}
