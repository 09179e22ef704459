/* test_refusals.c - smtp/refusals.h */

#include "smtp/refusals.h"

#include <stdio.h>

#include "tests/unit.h"

static struct refusals_key
key(const char *server, const char *user, const char *password)
{
	return (struct refusals_key){ span_str(server), span_str(user),
		span_str(password) };
}

START_TEST(kept)
{
	struct refusals *r = refusals_new(60);
	struct refusals_key a = key("s", "u", "p"), b = key("s", "up", "");
	char name[16];

	ck_assert_ptr_null(refusals_find(r, &a));
	refusals_put(r, &a, "535 no");
	ck_assert_str_eq(refusals_find(r, &a), "535 no");
	ck_assert_ptr_null(refusals_find(r, &b));
	refusals_put(r, &a, "535 never");
	ck_assert_str_eq(refusals_find(r, &a), "535 never");
	/* the oldest goes */
	for (int i = 0; i < REFUSALS_MAX - 1; i++) {
		snprintf(name, sizeof(name), "%d", i);
		b = key("s", name, "p");
		refusals_put(r, &b, "x");
	}
	ck_assert_ptr_nonnull(refusals_find(r, &a));
	b = key("s", "more", "p");
	refusals_put(r, &b, "x");
	ck_assert_ptr_null(refusals_find(r, &a));
	ck_assert_ptr_nonnull(refusals_find(r, &b));
	refusals_free(&r);
}
END_TEST

START_TEST(over)
{
	struct refusals *r = refusals_new(0);
	struct refusals_key a = key("s", "u", "p");

	refusals_put(r, &a, "535 no");
	ck_assert_ptr_null(refusals_find(r, &a));
	refusals_free(&r);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, kept);
	tcase_add_test(t, over);
}

int
main(void)
{
	return unit_main("smtp/refusals", fill);
}
