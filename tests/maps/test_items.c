/* test_items.c - maps/items.h */

#include "maps/items.h"

#include "tests/unit.h"

static const struct {
	const char *list, *items[5];
} lists[] = {
	{ "a, b c", { "a", "b", "c" } },
	{ " ,, ", { NULL } },
	{ "", { NULL } },
	{ "{a b}, c", { "{a b}", "c" } },
	{ "inline:{ {a = b c}, d=e },x", { "inline:{ {a = b c}, d=e }", "x" } },
	{ "a}b c", { "a}b", "c" } },
	{ "{a b", { "{a b" } },
	{ "x\n\ty", { "x", "y" } },
};

START_TEST(next)
{
	struct span rest = span_str(lists[_i].list), item;
	size_t n = 0;

	while (items_next(&rest, &item)) {
		ck_assert_msg(lists[_i].items[n] != NULL &&
			span_is(item, lists[_i].items[n]),
		    "\"%s\": item %zu is \"%.*s\"", lists[_i].list, n,
		    (int)item.n, item.p);
		n++;
	}
	ck_assert_ptr_null(lists[_i].items[n]);
}
END_TEST

static const struct {
	const char *with, *without;
} braces[] = {
	{ "{a}", "a" },
	{ "{ a {b} }", "a {b}" },
	{ "{}", "" },
	{ "{a}{b}", NULL },
	{ "{a", NULL },
	{ "a}", NULL },
	{ "{", NULL },
	{ "", NULL },
	{ "{{a}", NULL },
	{ "{a}}", NULL },
};

START_TEST(unbrace)
{
	struct span s = span_str(braces[_i].with);
	bool got = items_unbrace(&s);

	ck_assert_msg(
	    got == (braces[_i].without != NULL), "%s", braces[_i].with);
	ck_assert_msg(span_is(s, got ? braces[_i].without : braces[_i].with),
	    "%s", braces[_i].with);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, next, 0, UNIT_COUNT(lists));
	tcase_add_loop_test(t, unbrace, 0, UNIT_COUNT(braces));
}

int
main(void)
{
	return unit_main("maps/items", fill);
}
