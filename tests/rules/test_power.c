/* test_power.c - rules/power.h beside the C library's pow() */

#include "rules/power.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tests/unit.h"

static const double values[] = { 0, -0.0, 1, -1, 2, -2, 3, 10, 0.5, -0.5, 0.1,
	1.5, 2.5, -2.5, 7, 100, 1000, 1e6, 4096, 1048576, 3.7, 1e-3, 1e-300,
	1e300, 53, 64, 65, -3, 1.0 / 3, 0.999, 1.001, 1e9, 2147483648.0,
	9007199254740993.0, (double)INFINITY, -(double)INFINITY, (double)NAN };

enum { VALUES = UNIT_COUNT(values) };

/* Units in the last place between two values of one sign. */
static int64_t
apart(double a, double b)
{
	int64_t x, y;

	memcpy(&x, &a, sizeof(x));
	memcpy(&y, &b, sizeof(y));
	return x > y ? x - y : y - x;
}

static int64_t
difference(double got, double want)
{
	if (isnan(got) || isnan(want))
		return isnan(got) && isnan(want) ? 0 : INT64_MAX;
	return signbit(got) != signbit(want) ? INT64_MAX : apart(got, want);
}

START_TEST(as_library)
{
	double x = values[_i / VALUES], y = values[_i % VALUES];
	double got = power(x, y), want = pow(x, y);

	ck_assert_msg(
	    difference(got, want) <= 1, "%g^%g: %a, not %a", x, y, got, want);
}
END_TEST

static const struct {
	double x, y, want;
} exact[] = {
	{ 4, 0.5, 2 },
	{ 9, 0.5, 3 },
	{ 100, 0.5, 10 },
	{ 2, 10, 1024 },
	{ 8, 1.0 / 3, 2 },
	{ 0.25, -0.5, 2 },
	{ 1000, 3, 1e9 },
	{ 16, 0.25, 2 },
	{ 10, -2, 0.01 },
};

START_TEST(exactly)
{
	ck_assert_double_eq(power(exact[_i].x, exact[_i].y), exact[_i].want);
}
END_TEST

/* Sizes and weights as recipes have them. */
START_TEST(of_sizes)
{
	uint64_t state = 88172645463325252U;

	for (int i = 0; i < 100000; i++) {
		double x, y;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		x = (double)(state % 100000) / (1 + (double)(state >> 40));
		y = (double)((state >> 20) % 800) / 100 - 4;
		ck_assert_msg(difference(power(x, y), pow(x, y)) <= 1,
		    "%a^%a: %a, not %a", x, y, power(x, y), pow(x, y));
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, as_library, 0, VALUES * VALUES);
	tcase_add_loop_test(t, exactly, 0, UNIT_COUNT(exact));
	tcase_add_test(t, of_sizes);
}

int
main(void)
{
	return unit_main("rules/power", fill);
}
