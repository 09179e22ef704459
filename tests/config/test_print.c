/* test_print.c - config/print.h, as Postfix's postconf prints */

#include "config/print.h"

#include "base/buf.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "tests/unit.h"

#define LONG "1234567890123456789012345678901234567890123456789012345678901234"

static const struct {
	struct print_style style;
	const char *name, *value, *want;
} params[] = {
	{ { false, false, false }, "a", "b", "a = b\n" },
	{ { false, false, false }, "a", "", "a =\n" },
	{ { false, false, false }, "a", " b  c\t\td ", "a = b c d\n" },
	{ { true, false, false }, "a", "b  c", "b c\n" },
	{ { true, false, false }, "a", "", "\n" },
	{ { false, true, false }, "a", "b  c", "a\n" },
	{ { false, false, true }, "a", "b", "a = b\n" },
	/* 80 bytes fit, 81 do not */
	{ { false, false, true }, "name", LONG " 12345678",
	    "name = " LONG " 12345678\n" },
	{ { false, false, true }, "name", LONG " 123456789",
	    "name = " LONG "\n    123456789\n" },
	{ { false, false, true }, "name", LONG LONG " b",
	    "name =\n    " LONG LONG "\n    b\n" },
	{ { true, false, true }, "name", LONG LONG " b",
	    LONG LONG "\n    b\n" },
};

START_TEST(param)
{
	struct buf out = BUF_EMPTY;

	print_param(&params[_i].style, params[_i].name,
	    span_str(params[_i].value), &out);
	ck_assert_str_eq(buf_str(&out), params[_i].want);
	buf_free(&out);
}
END_TEST

static const struct {
	bool fold;
	const char *row, *want;
} rows[] = {
	{ false, "smtp inet n - - - - smtpd",
	    "smtp       inet  n       -       -       -       -       "
	    "smtpd\n" },
	{ false, "unix-longname-service unix-dgram n - y - 1 foo",
	    "unix-longname-service unix-dgram n - y   -       1       foo\n" },
	{ false, "postlog unix-dgram n - n - 1 postlogd",
	    "postlog    unix-dgram n  -       n       -       1       "
	    "postlogd\n" },
	{ false, "smtp inet n - y - - smtpd\n -o { a = b c } -o d=e -v",
	    "smtp       inet  n       -       y       -       -       smtpd "
	    "-o {a=b c} -o d=e -v\n" },
	{ true, "smtp inet n - y - - smtpd -v -o { a = b c } -o d=e -v",
	    "smtp       inet  n       -       y       -       -       smtpd "
	    "-v\n    -o {a=b c}\n    -o d=e\n    -v\n" },
	{ true, "smtp inet n - n - - pipe flags=DRXhu 12345 1234",
	    "smtp       inet  n       -       n       -       -       pipe "
	    "flags=DRXhu 12345\n    1234\n" },
	{ true, "smtp inet n - n - - pipe flags=DRXhu 123456 1234",
	    "smtp       inet  n       -       n       -       -       pipe "
	    "flags=DRXhu\n    123456 1234\n" },
};

START_TEST(row)
{
	struct buf out = BUF_EMPTY;
	struct why why;
	struct master_cf *m;
	size_t n;

	why_init(&why);
	m = master_cf_parse(span_str(rows[_i].row), "master.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	print_master_row(rows[_i].fold, master_cf_rows(m, &n), &out);
	ck_assert_str_eq(buf_str(&out), rows[_i].want);
	master_cf_free(&m);
	buf_free(&out);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, param, 0, UNIT_COUNT(params));
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("config/print", fill);
}
