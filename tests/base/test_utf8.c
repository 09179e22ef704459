/* test_utf8.c - base/utf8.h */

#include "base/utf8.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *in, *folded;
} folds[] = {
	{ "", "" },
	{ "Abc-9", "abc-9" },
	{ "\xc3\x89", "\xc3\xa9" }, /* E with acute */
	{ "\xc3\x97", "\xc3\x97" }, /* the sign for times */
	{ "\xc3\x9f", "\xc3\x9f" }, /* sharp s */
	{ "\xc4\xb0", "\xc4\xb0" }, /* I with a dot */
	{ "\xc4\xb1", "\xc4\xb1" }, /* i without */
	{ "\xc5\xb8", "\xc3\xbf" }, /* Y with diaeresis */
	{ "\xc5\xb9\xc5\xba", "\xc5\xba\xc5\xba" },
	{ "\xc4\xb9", "\xc4\xba" }, /* L with acute: an odd one */
	{ "\xce\x91\xce\xa3\xcf\x82", "\xce\xb1\xcf\x83\xcf\x83" },
	{ "\xce\x86\xce\x88\xce\x8c\xce\x8f",
	    "\xce\xac\xce\xad\xcf\x8c\xcf\x8e" },
	{ "\xd0\x81\xd0\x90\xd0\xaf", "\xd1\x91\xd0\xb0\xd1\x8f" },
	{ "\xd4\xb1", "\xd5\xa1" }, /* Armenian */
	{ "\xef\xbc\xa1", "\xef\xbd\x81" }, /* wide A */
	{ "\xe7\x94\xb2", "\xe7\x94\xb2" },
	{ "A\xff\xc3", "a\xff\xc3" },
};

START_TEST(fold)
{
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;

	utf8_add_folded(&once, span_str(folds[_i].in));
	ck_assert_str_eq(buf_str(&once), folds[_i].folded);
	utf8_add_folded(&twice, buf_span(&once));
	ck_assert_str_eq(buf_str(&twice), buf_str(&once));
	buf_free(&once);
	buf_free(&twice);
}
END_TEST

/* What is folded is not folded to something else again. */
START_TEST(fold_all)
{
	for (uint32_t c = 0; c <= 0x10ffff; c++)
		ck_assert_msg(
		    utf8_fold(utf8_fold(c)) == utf8_fold(c), "U+%04X", c);
}
END_TEST

static const struct {
	const char *in;
	bool valid, wide;
} forms[] = {
	{ "", true, false },
	{ "a\x7f", true, false },
	{ "\xc2\x80", true, true },
	{ "\xc0\xaf", false, true }, /* overlong */
	{ "\xc1\xbf", false, true },
	{ "\xe0\x9f\xbf", false, true },
	{ "\xed\x9f\xbf", true, true },
	{ "\xed\xa0\x80", false, true }, /* a surrogate */
	{ "\xed\xbf\xbf", false, true },
	{ "\xee\x80\x80", true, true },
	{ "\xf0\x8f\xbf\xbf", false, true },
	{ "\xf0\x90\x80\x80", true, true },
	{ "\xf4\x8f\xbf\xbf", true, true },
	{ "\xf4\x90\x80\x80", false, true }, /* more than there are */
	{ "\xf5\x80\x80\x80", false, true },
	{ "\xe2\x82", false, true },
	{ "\x80", false, true },
};

START_TEST(form)
{
	struct span in = span_str(forms[_i].in);

	ck_assert_msg(utf8_valid(in) == forms[_i].valid, "row %d", _i);
	ck_assert_msg(utf8_wide(in) == forms[_i].wide, "row %d", _i);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, fold, 0, UNIT_COUNT(folds));
	tcase_add_test(t, fold_all);
	tcase_add_loop_test(t, form, 0, UNIT_COUNT(forms));
}

int
main(void)
{
	return unit_main("base/utf8", fill);
}
