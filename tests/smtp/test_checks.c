/* test_checks.c - smtp/checks.h: what a rule makes of a field */

#include "smtp/checks.h"

#include "base/buf.h"
#include "tests/unit.h"

#define FIELD "X: y\n z\n"

static const struct {
	const char *value, *out, *word;
	bool good;
} rules[] = {
	{ "IGNORE", "", NULL, true },
	{ "ignore the rest", "", NULL, true },
	{ "STRIP", "", "strip", true },
	{ "REPLACE X: other", "X: other\n", "replace", true },
	{ "PREPEND A: b", "A: b\n" FIELD, "prepend", true },
	{ "WARN look", FIELD, "warning", true },
	{ "INFO", FIELD, "info", true },
	{ "DUNNO", FIELD, NULL, true },
	{ "OK", FIELD, NULL, true },
	{ "REPLACE no field", FIELD, NULL, false },
	{ "REPLACE", FIELD, NULL, false },
	{ "PREPEND A: b\nC: d", FIELD, NULL, false },
	{ "REJECT now", FIELD, NULL, false },
	{ "", FIELD, NULL, false },
};

START_TEST(rule)
{
	struct buf out = BUF_EMPTY;
	const char *word;

	buf_add_str(&out, "before: it\n");
	ck_assert(checks_apply(span_str(rules[_i].value), SPAN(FIELD), &word,
		      &out) == rules[_i].good);
	ck_assert_str_eq(buf_str(&out) + 11, rules[_i].out);
	ck_assert_pstr_eq(word, rules[_i].word);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, rule, 0, UNIT_COUNT(rules));
}

int
main(void)
{
	return unit_main("smtp/checks", fill);
}
