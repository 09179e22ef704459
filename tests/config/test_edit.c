/* test_edit.c - config/edit.h, as Postfix's postconf edits */

#include "config/edit.h"

#include "base/buf.h"
#include "tests/unit.h"

static const char main_cf[] = "# top\na = 1,\n# inside\n  2,\n\n\t3\n"
			      "# between\nb = 2\na = again\n  more\n  \nc=3\n";
static const char master_cf[] =
    "# top\nsmtp inet n - y - - smtpd\n  -o a=b\n# in\n  -o c=d\n"
    "smtp  unix - - y - - smtp\n";

static const struct {
	enum edit_file file;
	enum edit_how how;
	const char *text, *key, *entry, *want;
	size_t found;
} cases[] = {
	{ EDIT_MAIN_CF, EDIT_SET, main_cf, "a", "a = X",
	    "# top\na = X\n# inside\n\n# between\nb = 2\na = X\n  \nc=3\n", 2 },
	{ EDIT_MAIN_CF, EDIT_SET, main_cf, "c", "c = 4",
	    "# top\na = 1,\n# inside\n  2,\n\n\t3\n# between\nb = 2\na = "
	    "again\n  more\n  \nc = 4\n",
	    1 },
	{ EDIT_MAIN_CF, EDIT_SET, "a=1", "new", "new = Y", "a=1\nnew = Y\n",
	    0 },
	{ EDIT_MAIN_CF, EDIT_SET, "", "new", "new = Y", "new = Y\n", 0 },
	{ EDIT_MAIN_CF, EDIT_SET, "#new = 1\nnewer=2\n", "new", "new = Y",
	    "#new = 1\nnewer=2\nnew = Y\n", 0 },
	{ EDIT_MAIN_CF, EDIT_COMMENT, main_cf, "a", "",
	    "# top\n#a = 1,\n# inside\n#  2,\n\n#\t3\n# between\nb = 2\n#a = "
	    "again\n#  more\n  \nc=3\n",
	    2 },
	{ EDIT_MAIN_CF, EDIT_REMOVE, main_cf, "a", "",
	    "# top\n# inside\n\n# between\nb = 2\n  \nc=3\n", 2 },
	{ EDIT_MAIN_CF, EDIT_REMOVE, main_cf, "nosuch", "", main_cf, 0 },
	{ EDIT_MAIN_CF, EDIT_COMMENT, " stray\na=1\n", "a", "",
	    " stray\n#a=1\n", 1 },
	{ EDIT_MASTER_CF, EDIT_SET, master_cf, "smtp/inet",
	    "smtp inet n - n - - smtpd",
	    "# top\nsmtp inet n - n - - smtpd\n# in\nsmtp  unix - - y - - "
	    "smtp\n",
	    1 },
	{ EDIT_MASTER_CF, EDIT_REMOVE, master_cf, "smtp/unix", "",
	    "# top\nsmtp inet n - y - - smtpd\n  -o a=b\n# in\n  -o c=d\n", 1 },
	{ EDIT_MASTER_CF, EDIT_COMMENT, master_cf, "smtp/inet", "",
	    "# top\n#smtp inet n - y - - smtpd\n#  -o a=b\n# in\n#  -o c=d\n"
	    "smtp  unix - - y - - smtp\n",
	    1 },
	{ EDIT_MASTER_CF, EDIT_SET, master_cf, "smtp/pass", "x",
	    "# top\nsmtp inet n - y - - smtpd\n  -o a=b\n# in\n  -o c=d\n"
	    "smtp  unix - - y - - smtp\nx\n",
	    0 },
	{ EDIT_MASTER_CF, EDIT_REMOVE, "short\na/b unix x\n", "a/b/unix", "",
	    "short\n", 1 },
};

START_TEST(apply)
{
	struct edit edit = { span_str(cases[_i].key), span_str(cases[_i].entry),
		9 };
	struct edit_job job = { cases[_i].file, cases[_i].how, &edit, 1 };
	struct buf out = BUF_EMPTY;

	edit_apply(&job, span_str(cases[_i].text), &out);
	ck_assert_str_eq(buf_str(&out), cases[_i].want);
	ck_assert_uint_eq(edit.found, cases[_i].found);
	buf_free(&out);
}
END_TEST

START_TEST(several)
{
	struct edit edits[] = { { SPAN("a"), SPAN("a = 9"), 0 },
		{ SPAN("new"), SPAN("new ="), 0 },
		{ SPAN("c"), SPAN("c = 7"), 0 } };
	struct buf out = BUF_EMPTY;
	struct edit_job job = { EDIT_MAIN_CF, EDIT_SET, edits, 3 };

	edit_apply(&job, SPAN("c=1\na=2\n"), &out);
	ck_assert_str_eq(buf_str(&out), "c = 7\na = 9\nnew =\n");
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, apply, 0, UNIT_COUNT(cases));
	tcase_add_test(t, several);
}

int
main(void)
{
	return unit_main("config/edit", fill);
}
