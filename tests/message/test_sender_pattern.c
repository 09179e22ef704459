/* test_sender_pattern.c - message/sender_pattern.h */

#include "message/sender_pattern.h"

#include "tests/unit.h"

static const struct {
	const char *patterns, *sender;
	bool has;
} rows[] = {
	{ "*", "who@ever.test", true },
	{ "*", "", true },
	{ "*@x.test", "a@x.test", false }, /* part of no longer pattern */
	{ "", "a@x.test", false },
	{ "", "", false },
	{ "<>", "", true },
	{ "a@x.test, <>", "", true },
	{ "<>", "a", false },
	{ "<>", "<>", true }, /* no address at all: it harms nobody */
	{ "@x.test", "a@x.test", true },
	{ "@x.test", "a+e@X.TEST", true },
	{ "@x.test", "a@y.x.test", false },
	{ "@x.test", "x.test", false },
	{ "@x.test", "", false },
	{ "@", "a", false },
	{ "@x.test", "\"@x.test\"", false },
	{ "@x.test", "\"a@y.test\"@x.test", true },
	{ "user", "user", true },
	{ "user", "USER", true },
	{ "user", "user@x.test", false },
	{ "user@x.test", "user", false },
	{ "user", "user+ext", true },
	{ "user", "user+ext+more", true },
	{ "user", "userx+ext", false },
	{ "user", "use+r", false },
	{ "user user@x.test", "User+ext@x.test", true },
	{ "user,\tother@y.test", "other@y.test", true },
	{ "user@x.test", "user+ext@y.test", false },
	{ "user+ext", "user+ext", true },
	{ "user+ext", "user", false },
	{ "use", "user+", false },
	{ "user", "+user", false },
};

START_TEST(has)
{
	static const struct sender_style style = { "+", "<>" };

	ck_assert_msg(sender_pattern_has(span_str(rows[_i].patterns),
			  span_str(rows[_i].sender), &style) == rows[_i].has,
	    "\"%s\" in \"%s\"", rows[_i].sender, rows[_i].patterns);
}
END_TEST

START_TEST(style)
{
	static const struct sender_style other = { "", "NULL" };

	ck_assert(sender_pattern_has(SPAN("NULL"), SPAN(""), &other));
	ck_assert(!sender_pattern_has(SPAN("<>"), SPAN(""), &other));
	ck_assert(!sender_pattern_has(SPAN("u"), SPAN("u+e"), &other));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, has, 0, UNIT_COUNT(rows));
	tcase_add_test(t, style);
}

int
main(void)
{
	return unit_main("message/sender_pattern", fill);
}
