/* test_tool.c - service/tool.h */

#include "service/tool.h"

#include <stdlib.h>
#include <string.h>

#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

/* As in the commands: one for the process. */
static struct tool tool;

/* What was asked for stays, and is known to the leak checker as in use. */
START_TEST(test_values_stay)
{
	char *folder = scratch_new();
	char *path = mem_printf("%s/main.cf", folder);
	const char *first;
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_gt(fputs("myhostname = a.example.org\n", f), 0);
	ck_assert_int_eq(fclose(f), 0);
	tool_open(&tool, "/usr/sbin/postmap", folder);
	ck_assert_str_eq(tool.name, "postmap");
	first = tool_value(&tool, "myhostname");
	for (int i = 0; i < 100; i++)
		ck_assert_str_eq(tool_value(&tool, "mydomain"), "example.org");
	ck_assert_str_eq(first, "a.example.org");
	free(path);
	scratch_free(&folder);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, test_values_stay);
}

int
main(void)
{
	return unit_main("service/tool", fill);
}
