/* test_quota.c - mailbox/quota.h */

#include "mailbox/quota.h"

#include "base/why.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static int dir;
static struct why why;

static void
setup(void)
{
	static const char *const dirs[] = { "new", "cur", ".Trash",
		".Trash/cur", ".Sent", ".Sent/cur", ".Sent/new" };

	base = scratch_new();
	dir = file_open_dir(AT_FDCWD, base, false);
	for (int i = 0; i < UNIT_COUNT(dirs); i++)
		scratch_mkdir(base, dirs[i]);
	scratch_write(base, "new/1.a,S=100", "x");
	scratch_write(base, "cur/1.b,S=20:2,T", "x");
	scratch_write(base, ".Sent/cur/1.c:2,S", "0123456789");
	scratch_write(base, ".Trash/cur/1.d,S=7:2,S", "x");
	why_init(&why);
}

static void
teardown(void)
{
	file_close(&dir);
	why_free(&why);
	scratch_free(&base);
}

static const struct {
	const char *text;
	bool ok;
	uint64_t bytes, count;
} limits[] = {
	{ "10000000S,1000C", true, 10000000, 1000 },
	{ "5C", true, 0, 5 },
	{ "0S", true, 0, 0 },
	{ "", true, 0, 0 },
	{ "10", false, 1, 2 },
	{ "S", false, 1, 2 },
	{ "-1S", false, 1, 2 },
	{ "10X", false, 1, 2 },
	{ "99999999999999999999S", false, 1, 2 },
};

START_TEST(parse)
{
	struct quota_limit l = { 1, 2, false };

	ck_assert_msg(
	    quota_parse(span_str(limits[_i].text), &l) == limits[_i].ok &&
		l.bytes == limits[_i].bytes && l.count == limits[_i].count,
	    "\"%s\"", limits[_i].text);
}
END_TEST

/* Limit 1000S,10C. The truth is 137 bytes in 4 files. */
static const struct {
	const char *file; /* NULL: none */
	bool trash_free;
	uint64_t bytes, count;
	const char *after; /* NULL: as before */
} reads[] = {
	{ NULL, false, 137, 4, "1000S,10C\n137 4        \n" },
	{ NULL, true, 110, 2, "1000S,10C\n110 2        \n" },
	{ "1000S,10C\n500 3\n -100   -1  \nrubbish\n", false, 400, 2, NULL },
	{ "1000S,10C\n500 3\n", false, 500, 3, NULL },
	{ "2000S,10C\n500 3\n", false, 137, 4, "1000S,10C\n137 4        \n" },
	{ "rubbish\n500 3\n", false, 137, 4, "1000S,10C\n137 4        \n" },
	{ "1000S,10C\n-5 3\n", false, 137, 4, "1000S,10C\n137 4        \n" },
	{ "1000S,10C\n900 3\n200 1\n", false, 137, 4,
	    "1000S,10C\n137 4        \n" },
	/* one line only and fresh: believed */
	{ "1000S,10C\n1100 3\n", false, 1100, 3, NULL },
};

START_TEST(read_or_count)
{
	struct quota_limit l = { 1000, 10, reads[_i].trash_free };
	struct quota_usage u;
	char *text;

	if (reads[_i].file != NULL)
		scratch_write(base, "maildirsize", reads[_i].file);
	ck_assert_int_eq(quota_read(dir, &l, &u, &why), 0);
	ck_assert_uint_eq(u.bytes, reads[_i].bytes);
	ck_assert_uint_eq(u.count, reads[_i].count);
	text = scratch_read(base, "maildirsize");
	ck_assert_str_eq(
	    text, reads[_i].after != NULL ? reads[_i].after : reads[_i].file);
	free(text);
}
END_TEST

START_TEST(long_file_is_counted)
{
	struct quota_limit l = { 1000, 10, false };
	struct buf text = BUF_EMPTY;
	struct quota_usage u;

	buf_add_str(&text, "1000S,10C\n");
	while (text.n < 5120)
		buf_add_str(&text, "1 0\n");
	scratch_write(base, "maildirsize", buf_str(&text));
	ck_assert_int_eq(quota_read(dir, &l, &u, &why), 0);
	ck_assert_uint_eq(u.bytes, 137);
	buf_free(&text);
}
END_TEST

START_TEST(allows)
{
	struct quota_limit l = { 1000, 10, false };

	scratch_write(base, "maildirsize", "1000S,10C\n400 3\n");
	ck_assert(quota_allows(dir, &l, 600, 7));
	ck_assert(!quota_allows(dir, &l, 601, 1));
	ck_assert(!quota_allows(dir, &l, 1, 8));
	ck_assert(!quota_allows(dir, &l, UINT64_MAX, 1));
	/* old numbers are not believed when they say no */
	scratch_write(base, "maildirsize", "1000S,10C\n400 3\n300 1\n");
	ck_assert(quota_allows(dir, &l, 601, 1));
	l = (struct quota_limit){ 0, 0, false };
	ck_assert(quota_allows(dir, &l, UINT64_MAX, 1));
}
END_TEST

START_TEST(added)
{
	char *text;

	quota_add(dir, 5, 1);
	ck_assert(!scratch_has(base, "maildirsize"));
	scratch_write(base, "maildirsize", "1000S\n400 3\n");
	quota_add(dir, -5, -1);
	text = scratch_read(base, "maildirsize");
	ck_assert_str_eq(text, "1000S\n400 3\n-5 -1        \n");
	free(text);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(limits));
	tcase_add_loop_test(t, read_or_count, 0, UNIT_COUNT(reads));
	tcase_add_test(t, long_file_is_counted);
	tcase_add_test(t, allows);
	tcase_add_test(t, added);
}

int
main(void)
{
	return unit_main("mailbox/quota", fill);
}
