/* test_grams.c - rules/grams.h */

#include "rules/grams.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *text, *row;
	bool may;
} rows[] = {
	{ "Subject: one\nTo: two\n", "subject: ONE", true },
	{ "Subject: one\nTo: two\n", "one\nto", true },
	{ "Subject: one\nTo: two\n", "Sub", true },
	{ "Subject: one\nTo: two\n", "two\n", true },
	{ "Subject: one\nTo: two\n", "two\nx", false },
	{ "Subject: one\nTo: two\n", "xSu", false },
	{ "Subject: one\nTo: two\n", "subject: other", false },
	{ "Subject: one\nTo: two\n", "xy", true }, /* nothing is known */
	{ "Subject: one\nTo: two\n", "", true },
	{ "ab", "abc", false },
	{ "", "abc", false },
	{ "\xc3\xa9t\xc3\xa9", "\xa9t\xc3", true },
	{ "\xc3\xa9t\xc3\xa9", "\xa9T\xc3", true },
	{ "\xc3\xa9t\xc3\xa9", "\xa8t\xc3", false },
};

START_TEST(may_have)
{
	struct grams *g = grams_new(span_str(rows[_i].text));

	ck_assert_msg(grams_may_have(g, span_str(rows[_i].row)) == rows[_i].may,
	    "%s in %s", rows[_i].row, rows[_i].text);
	grams_free(&g);
	ck_assert_ptr_null(g);
}
END_TEST

/* What stands in a text is never denied, however full of bytes it is. */
START_TEST(never_denies)
{
	struct buf text = BUF_EMPTY;
	struct grams *g;
	unsigned seed = 1;

	for (int i = 0; i < 100000; i++) {
		seed = seed * 1103515245 + 12345;
		buf_add_byte(&text, (char)(seed >> 16));
	}
	g = grams_new(buf_span(&text));
	for (size_t i = 0; i + 40 < text.n; i += 7)
		ck_assert(grams_may_have(g, span_of(text.p + i, i % 40)));
	grams_free(&g);
	buf_free(&text);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, may_have, 0, UNIT_COUNT(rows));
	tcase_add_test(t, never_denies);
}

int
main(void)
{
	return unit_main("rules/grams", fill);
}
