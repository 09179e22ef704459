/* test_plugin_link.c - maps/plugin_link.h: which plug-ins are loaded */

#include "maps/plugin_link.h"

#include <sys/stat.h>

#include "tests/maps/scratch.h"

static const struct {
	mode_t folder, file;
	const char *want; /* in the reason */
} rows[] = {
	{ 0755, 0755, "file too short" },
	{ 0775, 0664, "file too short" },
	{ 0777, 0755, "may be written by everybody" },
	{ 01777, 0755, "may be written by everybody" },
	{ 0755, 0777, "may be written by everybody" },
};

START_TEST(loading)
{
	struct plugin_table t = { "sqlite", "sqlite:/x",
		SPAN("dbpath = /x\nquery = SELECT a FROM b WHERE c = '%s'\n") };
	struct plugin_set *set;
	struct buf out = BUF_EMPTY;
	struct why why;

	why_init(&why);
	scratch_make();
	ck_assert_int_eq(mkdir(scratch_path("maps"), 0755), 0);
	scratch_write("maps/sqlite.so", "none", 4);
	ck_assert_int_eq(
	    chmod(scratch_path("maps/sqlite.so"), rows[_i].file), 0);
	ck_assert_int_eq(chmod(scratch_path("maps"), rows[_i].folder), 0);
	set = plugin_set_new(scratch);
	ck_assert_int_eq(
	    plugin_ask(set, &t, SPAN("joe"), &out, &why), MAP_ERROR);
	ck_assert_msg(strstr(why_text(&why), rows[_i].want) != NULL, "%s",
	    why_text(&why));
	plugin_set_free(&set);
	unlink(scratch_path("maps/sqlite.so"));
	rmdir(scratch_path("maps"));
	scratch_remove();
	buf_free(&out);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, loading, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("maps/plugin_link", fill);
}
