/* test_absent.c - deliver/absent.h */

#include "deliver/absent.h"

#include <errno.h>

#include "tests/ahead.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base, *path;

static void
setup(void)
{
	base = scratch_new();
	path = mem_printf("%s/.forward", base);
}

static void
teardown(void)
{
	scratch_free(&base);
	mem_free(&path);
}

/* Looked at so many seconds after the folder changed last. */
static void
note_as_of(struct absent *a, int64_t later)
{
	struct stat st;

	ck_assert_int_eq(stat(base, &st), 0);
	absent_note_in(a,
	    &(struct absent_folder){ &st, st.st_ctim.tv_sec + later, base, -1 },
	    ".forward");
}

START_TEST(known)
{
	struct absent *a = absent_new();

	ck_assert(!absent_is(a, path));
	note_as_of(a, 3);
	absent_next(a);
	ck_assert(absent_is(a, path));
	absent_free(&a);
	ck_assert_ptr_null(a);
}
END_TEST

START_TEST(young_is_not_believed)
{
	struct absent *a = absent_new();

	note_as_of(a, 1);
	ck_assert(!absent_is(a, path));
	errno = EPERM;
	absent_note(a, path); /* the folder was made just now */
	ck_assert_int_eq(errno, EPERM);
	absent_next(a);
	ck_assert(!absent_is(a, path));
	absent_free(&a);
}
END_TEST

START_TEST(folder_changed)
{
	struct absent *a = absent_new();

	note_as_of(a, 3);
	scratch_write(base, ".forward", "x");
	absent_next(a);
	ck_assert(!absent_is(a, path));
	absent_free(&a);
}
END_TEST

START_TEST(once_a_message)
{
	struct absent *a = absent_new();

	note_as_of(a, 3);
	ck_assert(absent_is(a, path));
	scratch_write(base, ".forward", "x");
	ck_assert(absent_is(a, path));
	absent_next(a);
	ck_assert(!absent_is(a, path));
	absent_free(&a);
}
END_TEST

START_TEST(other_folder)
{
	struct absent *a = absent_new();
	char *other = scratch_new();
	char *there = mem_printf("%s/.forward", other);

	note_as_of(a, 3);
	ck_assert(!absent_is(a, there));
	ck_assert(!absent_is(a, ".forward"));
	ck_assert(!absent_is(a, "/nowhere/at/all/.forward"));
	ck_assert_ptr_null(absent_folder(a, "/nowhere/at/all/.forward"));
	ck_assert_ptr_nonnull(absent_folder(a, "/.forward"));
	scratch_free(&other);
	free(there);
	absent_free(&a);
}
END_TEST

/* Where the clock may be another machine's, nothing is believed: the system's
 * own trees count as such, for nobody has said that they do not. */
START_TEST(other_clock)
{
	struct absent *a = absent_new();
	int fd = file_open_dir(AT_FDCWD, "/proc", false);
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	for (int i = 0; i < 2; i++) {
		absent_note_in(a,
		    &(struct absent_folder){ &st, st.st_ctim.tv_sec + 3,
			_i == 0 ? "/proc" : NULL, fd },
		    ".forward");
		ck_assert(!absent_in(a, &st, ".forward"));
	}
	note_as_of(a, 3);
	ck_assert(absent_is(a, path));
	file_close(&fd);
	absent_free(&a);
}
END_TEST

/* More names than are kept: the oldest goes. */
START_TEST(many)
{
	struct absent *a = absent_new();
	struct stat st;

	ck_assert_int_eq(stat(base, &st), 0);
	for (int i = 0; i < 40; i++) {
		char *name = mem_printf("n%d", i);

		absent_note_in(a,
		    &(struct absent_folder){
			&st, st.st_ctim.tv_sec + 3, base, -1 },
		    name);
		ck_assert(absent_in(a, &st, name));
		free(name);
	}
	ck_assert(!absent_in(a, &st, "n0"));
	ck_assert(absent_in(a, &st, "n39"));
	absent_free(&a);
}
END_TEST

/* What it leads to may come without a change of the folder. */
START_TEST(link_without_end)
{
	struct absent *a = absent_new();

	ck_assert_int_eq(symlink("/nowhere/at/all", path), 0);
	ahead_s = 3; /* the folder has rested */
	ck_assert(!absent_is(a, path));
	absent_note(a, path);
	ck_assert(!absent_is(a, path));
	/* and the same without the link is known */
	free(path);
	path = mem_printf("%s/.sieve", base);
	ck_assert(!absent_is(a, path));
	absent_note(a, path);
	ck_assert(absent_is(a, path));
	absent_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, known);
	tcase_add_test(t, young_is_not_believed);
	tcase_add_test(t, folder_changed);
	tcase_add_test(t, once_a_message);
	tcase_add_test(t, other_folder);
	tcase_add_loop_test(t, other_clock, 0, 2);
	tcase_add_test(t, many);
	tcase_add_test(t, link_without_end);
}

int
main(void)
{
	return unit_main("deliver/absent", fill);
}
