/* test_score.c - rules/score.h, rules/vars.h's numbers */

#include "rules/score.h"

#include "rules/vars.h"
#include "tests/unit.h"

static const struct {
	const char *text;
	bool taken;
	double w, x;
	const char *rest;
} weights[] = {
	{ "10^1 foo", true, 10, 1, "foo" },
	{ "-5^.5 x", true, -5, .5, "x" },
	{ "+2.5e1 ^ -1", true, 25, -1, "" },
	{ "5^0^Subject", true, 5, 0, "^Subject" },
	{ "5 ^ 0 ^S", true, 5, 0, "^S" },
	{ "12,5^0 x", false, 0, 0, "12,5^0 x" },
	{ "5 ^foo", false, 0, 0, "5 ^foo" },
	{ "^5", false, 0, 0, "^5" },
	{ ".^1", false, 0, 0, ".^1" },
	{ "inf^1", false, 0, 0, "inf^1" },
	{ "1e^1", false, 0, 0, "1e^1" },
	{ "", false, 0, 0, "" },
};

START_TEST(taken)
{
	struct span text = span_str(weights[_i].text);
	struct weight w = { 0, 0 };

	ck_assert_msg(weight_take(&text, &w) == weights[_i].taken, "%s",
	    weights[_i].text);
	ck_assert(w.w == weights[_i].w && w.x == weights[_i].x);
	ck_assert(span_is(text, weights[_i].rest));
}
END_TEST

/* matches in a row, the last one empty if so marked, and their sum */
static const struct {
	double w, x;
	int matches;
	bool empty;
	double sum;
} series[] = {
	{ 10, 0, 3, false, 10 },
	{ 10, 1, 2, false, 20 },
	{ 10, 2, 2, false, 30 },
	{ 10, .5, 4, false, 18.75 },
	{ 5, .5, 9, false, 9.375 },
	{ .4, 0, 1, false, .4 },
	{ -5, 1, 4, false, -20 },
	{ 1, 1, 1, true, SCORE_MAX },
	{ 1, .5, 1, true, 2 },
	{ 10, .9, 1, true, 100 },
	{ -1, 1, 1, true, -SCORE_MAX },
	{ 5, 0, 1, true, 5 },
	{ 0, 1, 5, false, 0 },
};

START_TEST(summed)
{
	const struct weight w = { series[_i].w, series[_i].x };
	struct series s;

	series_begin(&s, &w);
	for (int i = 0; i < series[_i].matches && !s.done; i++)
		series_add(&s, series[_i].empty && i == series[_i].matches - 1);
	ck_assert_double_eq_tol(s.sum, series[_i].sum, 1e-6);
	ck_assert(!series[_i].empty || s.done);
}
END_TEST

START_TEST(sizes)
{
	const struct weight one = { 10, 1 }, minus = { -10, 1 },
			    root = { 10, .5 };

	ck_assert_double_eq(score_size(&one, false, 248, 100), 24.8);
	ck_assert_double_eq_tol(score_size(&root, true, 250, 1000), 20, 1e-9);
	ck_assert_double_eq(score_size(&one, false, 248, 0), SCORE_MAX);
	ck_assert_double_eq(score_size(&one, true, 248, 0), 0);
	ck_assert_double_eq(score_size(&minus, true, 0, 5), SCORE_MAX);
	ck_assert_double_eq(score_size(&one, true, 0, 0), -SCORE_MAX);
	ck_assert_double_eq(score_size(&root, false, 10, -5), 0);
}
END_TEST

START_TEST(programs)
{
	const struct weight w = { 5, 3 }, same = { 5, 1 }, half = { 5, .5 },
			    most = { .5, .9 };

	ck_assert_double_eq(score_program(&w, false, 0), 5);
	ck_assert_double_eq(score_program(&w, false, 2), 3);
	ck_assert_double_eq(score_program(&same, true, 0), 0);
	ck_assert_double_eq(score_program(&same, true, 4), 20);
	ck_assert_double_eq(score_program(&half, true, 3), 8.75);
	ck_assert_double_eq_tol(score_program(&most, true, 3), 1.355, 1e-9);
}
END_TEST

START_TEST(shown)
{
	ck_assert_int_eq(score_shown(0.4), 1);
	ck_assert_int_eq(score_shown(1.9), 1);
	ck_assert_int_eq(score_shown(-0.5), 0);
	ck_assert_int_eq(score_shown(score_add(9e9, 9e9)), 2147483647);
	ck_assert_int_eq(score_shown(score_add(-9e9, 1)), -2147483647);
}
END_TEST

static const struct {
	const char *text;
	long before, want;
} numbers[] = { { "12abc", 5, 12 }, { "yes", 0, 1 }, { "on", 0, 1 },
	{ "off", 1, 0 }, { "No", 1, 0 }, { "all", 0, 2 }, { "True", 0, 1 },
	{ "disabled", 1, 0 }, { "x", 7, 7 }, { "", 7, 7 }, { "o", 3, 3 },
	{ "-3", 1, -3 }, { "enable", 0, 1 } };

START_TEST(words)
{
	ck_assert_int_eq(vars_number(numbers[_i].text, numbers[_i].before),
	    numbers[_i].want);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, taken, 0, UNIT_COUNT(weights));
	tcase_add_loop_test(t, summed, 0, UNIT_COUNT(series));
	tcase_add_test(t, sizes);
	tcase_add_test(t, programs);
	tcase_add_test(t, shown);
	tcase_add_loop_test(t, words, 0, UNIT_COUNT(numbers));
}

int
main(void)
{
	return unit_main("rules/score", fill);
}
