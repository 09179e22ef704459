/* test_use.c - mailbox/use.h */

#include "mailbox/use.h"

#include "tests/unit.h"

static const struct {
	const char *name, *attribute;
} names[] = { { "Spam", "\\Junk" }, { "Sent Items", "\\sent" },
	{ "spam", NULL }, { "", NULL } };

START_TEST(of)
{
	size_t i = uses_of(span_str(names[_i].name));

	ck_assert((i < USES) == (names[_i].attribute != NULL));
	if (i < USES)
		ck_assert_uint_eq(uses_find(span_str(names[_i].attribute)), i);
}
END_TEST

START_TEST(all)
{
	for (size_t i = 0; i < USES; i++) {
		ck_assert_uint_eq(uses_find(span_str(uses_attribute(i))), i);
		for (size_t k = 0; uses_name(i, k) != NULL; k++)
			ck_assert_uint_eq(
			    uses_of(span_str(uses_name(i, k))), i);
	}
	ck_assert_uint_eq(uses_find(SPAN("\\All")), USES);
	ck_assert_uint_eq(uses_find(SPAN("")), USES);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, of, 0, UNIT_COUNT(names));
	tcase_add_test(t, all);
}

int
main(void)
{
	return unit_main("mailbox/use", fill);
}
