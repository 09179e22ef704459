/* test_penalty.c - auth/penalty.h */

#include "auth/penalty.h"

#include "tests/unit.h"

START_TEST(grows)
{
	static const int64_t delays[] = { 2000, 2000, 2000, 4000, 8000, 16000,
		32000, 32000, 32000 };
	struct penalty *p = penalty_new(2);

	for (int i = 0; i < UNIT_COUNT(delays); i++)
		ck_assert_int_eq(
		    penalty_failed(p, SPAN("192.0.2.1")), delays[i]);
	ck_assert_int_eq(penalty_failed(p, SPAN("192.0.2.2")), 2000);
	penalty_good(p, SPAN("192.0.2.1"));
	ck_assert_int_eq(penalty_failed(p, SPAN("192.0.2.1")), 2000);
	penalty_free(&p);
}
END_TEST

/* A /64 is one client. */
START_TEST(networks)
{
	struct penalty *p = penalty_new(1);

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(penalty_failed(p, SPAN("2001:db8::1")), 1000);
	ck_assert_int_eq(penalty_failed(p, SPAN("2001:db8::2:3")), 2000);
	ck_assert_int_eq(penalty_failed(p, SPAN("2001:db8:0:1::1")), 1000);
	ck_assert_int_eq(penalty_failed(p, SPAN("unknown")), 1000);
	penalty_free(&p);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, grows);
	tcase_add_test(t, networks);
}

int
main(void)
{
	return unit_main("auth/penalty", fill);
}
