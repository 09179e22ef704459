/* test_compile.c - maps/compile.h: what becomes of lines and options */

#include "maps/compile.h"

#include <sys/stat.h>

#include "tests/maps/scratch.h"

static char spec[128];

static bool
compile(unsigned flags)
{
	struct compile c = {
		.flags = flags, .default_type = "hash", .host = "h.test"
	};
	struct why why;
	bool good;

	why_init(&why);
	good = compile_table(&c, span_str(spec), &why);
	ck_assert_msg(good || why.outcome == DEFER, "%s", why_text(&why));
	why_free(&why);
	return good;
}

static void
begin(const char *text)
{
	scratch_make();
	snprintf(spec, sizeof(spec), "hash:%s/t", scratch);
	if (text != NULL)
		scratch_write("t", text, strlen(text));
}

/* Standard input is text. */
static void
feed(const char *text)
{
	int fd;

	scratch_write("in", text, strlen(text));
	fd = open(scratch_path("in"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(dup2(fd, 0), 0);
	close(fd);
}

static const struct {
	const char *text;
	unsigned flags;
	const char *key, *answer;
} rows[] = {
	{ "Joe v\n", COMPILE_FOLD, "joe", "=v" },
	{ "Joe v\n", 0, "joe", "-" },
	{ "a 1\na 2\n", COMPILE_FOLD, "a", "=1" },
	{ "a 1\na 2\n", COMPILE_FOLD | COMPILE_REPLACE, "a", "=2" },
	{ "a 1\na 2\n", COMPILE_FOLD | COMPILE_QUIET, "a", "=1" },
	{ "novalue\na 1\n", COMPILE_FOLD, "a", "=1" },
	{ "b\xff x\na 1\n", COMPILE_FOLD, "b\xff", "-" },
	{ "b\xff x\na 1\n", COMPILE_FOLD | COMPILE_ANY_BYTES, "b\xff", "=x" },
	{ "Joe: x, y\n", COMPILE_FOLD | COMPILE_ALIASES, "joe", "=x, y" },
	{ "Joe: x\n", COMPILE_FOLD | COMPILE_ALIASES, "@", "=@" },
	{ "Joe: x\n", COMPILE_FOLD | COMPILE_ALIASES, "joe:", "-" },
	{ "Joe: x\n", COMPILE_FOLD, "joe:", "=x" },
	{ "a /dev/null\n", COMPILE_FOLD | COMPILE_FILES, "a", "=" },
	{ "a /nonexistent/x\n", COMPILE_FOLD | COMPILE_FILES, "a", "-" },
	{ "", COMPILE_FOLD, "a", "-" },
};

START_TEST(lines)
{
	begin(rows[_i].text);
	ck_assert(compile(rows[_i].flags));
	ck_assert_str_eq(ask(spec, rows[_i].key), rows[_i].answer);
	scratch_remove();
}
END_TEST

/* The names that NIS reads have no NUL and are not folded. */
START_TEST(marks)
{
	struct why why;
	struct map *m;

	begin("x: y\n");
	ck_assert(compile(COMPILE_FOLD | COMPILE_ALIASES));
	why_init(&why);
	m = map_open(span_str(spec), "hash", 0, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(ask_map(m, SPAN("YP_MASTER_NAME")), "=h.test");
	ck_assert_int_eq(ask_map(m, SPAN("YP_LAST_MODIFIED"))[0], '=');
	map_close(&m);
	why_free(&why);
	scratch_remove();
}
END_TEST

START_TEST(keep)
{
	begin("a 1\nb 2\n");
	ck_assert(compile(COMPILE_FOLD));
	feed("C 3\na 9\n");
	ck_assert(compile(COMPILE_FOLD | COMPILE_KEEP));
	ck_assert_str_eq(ask(spec, "a"), "=1");
	ck_assert_str_eq(ask(spec, "b"), "=2");
	ck_assert_str_eq(ask(spec, "c"), "=3");
	feed("a 9\n");
	ck_assert(compile(COMPILE_FOLD | COMPILE_KEEP | COMPILE_REPLACE));
	ck_assert_str_eq(ask(spec, "a"), "=9");
	scratch_remove();
}
END_TEST

START_TEST(removal)
{
	struct compile c = { .flags = COMPILE_FOLD, .default_type = "hash" };
	unsigned found = 99;
	struct why why;

	why_init(&why);
	begin(NULL);
	ck_assert(!compile_delete(
	    &c, span_str(spec), SPAN("a"), &found, &why)); /* no table */
	scratch_write("t", "a 1\nb 2\nc 3\n", 12);
	ck_assert(compile(COMPILE_FOLD));
	ck_assert(compile_delete(&c, span_str(spec), SPAN("A"), &found, &why));
	ck_assert_uint_eq(found, 1);
	ck_assert_str_eq(ask(spec, "a"), "-");
	ck_assert(compile_delete(&c, span_str(spec), SPAN("a"), &found, &why));
	ck_assert_uint_eq(found, 0);
	feed("b\nx\nc\n");
	ck_assert(compile_delete(&c, span_str(spec), SPAN("-"), &found, &why));
	ck_assert_uint_eq(found, 2);
	ck_assert_str_eq(ask(spec, "b"), "-");
	why_free(&why);
	scratch_remove();
}
END_TEST

/* A new table has the text's mode, but for execution and writing by others. */
START_TEST(modes)
{
	static const struct {
		mode_t text, table;
		unsigned flags;
	} cases[] = {
		{ 0644, 0644, 0 },
		{ 0640, 0640, 0 },
		{ 0600, 0600, 0 },
		{ 0666, 0644, 0 },
		{ 0400, 0600, 0 },
		{ 0600, 0644, COMPILE_MODE_644 },
	};

	for (int i = 0; i < UNIT_COUNT(cases); i++) {
		struct stat st;

		begin("a 1\n");
		ck_assert_int_eq(chmod(scratch_path("t"), cases[i].text), 0);
		ck_assert(compile(COMPILE_FOLD | cases[i].flags));
		ck_assert_int_eq(stat(scratch_path("t.db"), &st), 0);
		ck_assert_int_eq(st.st_mode & 0777, cases[i].table);
		scratch_remove();
	}
}
END_TEST

/* Root makes a user's table as that user, and is root again. */
START_TEST(owners)
{
	struct stat st;

	if (geteuid() != 0)
		return;
	begin("a 1\n");
	ck_assert_int_eq(chown(scratch_path("t"), 1, 1), 0);
	ck_assert(!compile(COMPILE_FOLD)); /* the folder is root's */
	ck_assert_uint_eq(geteuid(), 0);
	ck_assert(compile(COMPILE_FOLD | COMPILE_AS_ROOT));
	ck_assert_int_eq(stat(scratch_path("t.db"), &st), 0);
	ck_assert_uint_eq(st.st_uid, 0);
	unlink(scratch_path("t.db"));
	ck_assert_int_eq(chown(scratch, 1, 1), 0);
	ck_assert(compile(COMPILE_FOLD));
	ck_assert_uint_eq(geteuid(), 0);
	ck_assert_uint_eq(getegid(), 0);
	ck_assert_int_eq(stat(scratch_path("t.db"), &st), 0);
	ck_assert_uint_eq(st.st_uid, 1);
	ck_assert_str_eq(ask(spec, "a"), "=1");
	scratch_remove();
}
END_TEST

START_TEST(failures)
{
	begin(NULL);
	ck_assert(!compile(COMPILE_FOLD)); /* no text */
	snprintf(spec, sizeof(spec), "regexp:%s/t", scratch);
	scratch_write("t", "a 1\n", 4);
	ck_assert(!compile(COMPILE_FOLD));
	snprintf(spec, sizeof(spec), "hash:");
	ck_assert(!compile(COMPILE_FOLD));
	snprintf(spec, sizeof(spec), "hash:%s", scratch);
	ck_assert(!compile(COMPILE_FOLD)); /* a folder */
	scratch_remove();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, lines, 0, UNIT_COUNT(rows));
	tcase_add_test(t, marks);
	tcase_add_test(t, keep);
	tcase_add_test(t, removal);
	tcase_add_test(t, modes);
	tcase_add_test(t, owners);
	tcase_add_test(t, failures);
}

int
main(void)
{
	return unit_main("maps/compile", fill);
}
