/* test_span.c - base/span.h */

#include "base/span.h"

#include "tests/unit.h"

static const struct {
	const char *line, *fields[4];
} cuts[] = {
	{ "a,,b", { "a", "", "b" } },
	{ "", { "" } },
	{ ",", { "", "" } },
	{ "one", { "one" } },
};

START_TEST(cut)
{
	struct span rest = span_str(cuts[_i].line), field;
	size_t i = 0;

	while (span_cut(&rest, ',', &field)) {
		ck_assert_msg(cuts[_i].fields[i] != NULL &&
			span_is(field, cuts[_i].fields[i]),
		    "\"%s\": field %zu", cuts[_i].line, i);
		i++;
	}
	ck_assert_ptr_null(cuts[_i].fields[i]);
}
END_TEST

START_TEST(find)
{
	struct span s = SPAN("a\0b\xff");

	ck_assert_uint_eq(span_find(s, '\0'), 1);
	ck_assert_uint_eq(span_find(s, '\xff'), 3);
	ck_assert_uint_eq(span_find(s, 'z'), s.n);
	ck_assert_int_eq(span_at(s, 3), 255);
	ck_assert_int_eq(span_at(s, 4), -1);
	ck_assert_uint_eq(span_search(s, SPAN("b\xff")), 2);
	ck_assert_uint_eq(span_search(s, SPAN("")), 0);
	ck_assert(span_has_break(s));
}
END_TEST

START_TEST(compare)
{
	ck_assert(span_ieq(SPAN("MaIl"), SPAN("mAiL")));
	ck_assert(!span_ieq(SPAN("\xe9"), SPAN("\xc9")));
	ck_assert(span_cmp(SPAN("a"), SPAN("ab")) < 0);
	ck_assert(span_cmp(SPAN("\xff"), SPAN("a")) > 0);
	ck_assert(span_istarts(SPAN("FROM: x"), "from:"));
	ck_assert(!span_starts(SPAN("f"), "from"));
	ck_assert(span_iends(SPAN("x.EU"), ".eu"));
}
END_TEST

START_TEST(lines)
{
	struct span rest = SPAN("a\r\nb\n\nc"), line;

	ck_assert(span_line(&rest, &line) && span_is(line, "a"));
	ck_assert(span_line(&rest, &line) && span_is(line, "b"));
	ck_assert(span_line(&rest, &line) && line.n == 0);
	ck_assert(span_line(&rest, &line) && span_is(line, "c"));
	ck_assert(!span_line(&rest, &line));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, cut, 0, UNIT_COUNT(cuts));
	tcase_add_test(t, find);
	tcase_add_test(t, compare);
	tcase_add_test(t, lines);
}

int
main(void)
{
	return unit_main("base/span", fill);
}
