/* test_maildirmake.c - the program maildirmake */

#include <limits.h>
#include <sys/wait.h>

#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;

static void
setup(void)
{
	base = scratch_new();
}

static void
teardown(void)
{
	scratch_free(&base);
}

/* Run it in the scratch folder; its exit code. */
static int
run(const char *words)
{
	char self[PATH_MAX], *command;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status;

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	command = mem_printf("cd %s && %s/../../bin/maildirmake %s 2>/dev/null",
	    base, self, words);
	status = system(command);
	free(command);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(makes)
{
	char *text;

	ck_assert_int_eq(run("M"), 0);
	ck_assert(scratch_has(base, "M/cur") && scratch_has(base, "M/new") &&
	    scratch_has(base, "M/tmp"));
	ck_assert(!scratch_has(base, "M/maildirfolder"));
	ck_assert_int_eq(run("M"), 1);
	ck_assert_int_eq(run("-f Sent.2024 M"), 0);
	ck_assert(scratch_has(base, "M/.Sent.2024/maildirfolder"));
	ck_assert_int_eq(run("-f Sent.2024 M"), 1);
	ck_assert_int_eq(run("-f ../../x M"), 1);
	ck_assert_int_eq(run("-f x none"), 1);
	/* the first name beyond ASCII decides how others are written */
	ck_assert_int_eq(run("-f '&AOk-' M"), 0);
	ck_assert_int_eq(run("-F '\xc3\xa8' M"), 0);
	ck_assert(scratch_has(base, "M/.&AOg-/cur"));
	ck_assert_int_eq(run("-F '\xc3\xa8' M"), 1);
	ck_assert_int_eq(run("-q 1000S,5C M"), 0);
	text = scratch_read(base, "M/maildirsize");
	ck_assert_str_eq(text, "1000S,5C\n0 0          \n");
	free(text);
	ck_assert_int_eq(run("-q much M"), 1);
}
END_TEST

static const char *const wrong[] = { "", "a b", "-x a", "-f", "-f a -q 1S b" };

START_TEST(usage)
{
	ck_assert_msg(run(wrong[_i]) == 64, "%s", wrong[_i]);
	ck_assert_uint_eq(scratch_count(base, "."), 0);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, makes);
	tcase_add_loop_test(t, usage, 0, UNIT_COUNT(wrong));
}

int
main(void)
{
	return unit_main("tools/maildirmake", fill);
}
