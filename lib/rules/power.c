/*
 * power.c - x to the power y, without the library that has all of mathematics
 *
 * 2^(y * log2 x), in the longest floating point that the processor has. Where
 * that is no longer than double the last bits would be wrong, and the library
 * is used after all.
 */

#include "rules/power.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#if LDBL_MANT_DIG < 64

double
power(double x, double y)
{
	return pow(x, y);
}

#else

/* Terms until they are below the last bit of 113. */
enum { LOG_TERMS = 24, EXP_TERMS = 28 };

static const long double ln2 = 0.693147180559945309417232121458176568L;
static const long double sqrt2 = 1.414213562373095048801688724209698079L;

/* Of x above zero and finite. With m between the roots of 1/2 and of 2 and
 * z = (m - 1) / (m + 1), ln m is 2 (z + z^3 / 3 + z^5 / 5 ...). */
static long double
log_two(double x)
{
	int exponent;
	long double m = frexpl(x, &exponent) * 2, z, square, sum = 0;

	exponent--;
	if (m > sqrt2) {
		m /= 2;
		exponent++;
	}
	z = (m - 1) / (m + 1);
	square = z * z;
	for (int i = LOG_TERMS; i >= 0; i--)
		sum = sum * square + 1.0L / (2 * i + 1);
	return (long double)exponent + 2 * z * sum / ln2;
}

static double
two_to(long double t)
{
	long double rest, term = 1, sum = 1;
	int whole;

	if (t > DBL_MAX_EXP + 1)
		return (double)INFINITY;
	if (t < -2000)
		return 0;
	whole = (int)(t < 0 ? t - 0.5L : t + 0.5L);
	rest = (t - whole) * ln2;
	for (int i = 1; i <= EXP_TERMS; i++) {
		term *= rest / i;
		sum += term;
	}
	return (double)ldexpl(sum, whole);
}

static bool
is_whole(double y)
{
	/* beyond that all are */
	return fabs(y) >= 0x1p53 || y == (double)(long long)y;
}

static bool
is_odd(double y)
{
	return fabs(y) < 0x1p53 && ((long long)y & 1) != 0;
}

/* Exactly, where the longer type holds it: most weights are so. */
static bool
by_steps(double x, double y, double *out)
{
	long double product = 1;

	if (y < 0 || y > 64 || !is_whole(y))
		return false;
	for (int i = 0; i < (int)y; i++)
		product *= x;
	*out = (double)product;
	return true;
}

/* Of x that is zero or infinite, by the sign of y. */
static double
at_edge(double x, double y)
{
	double size = (x == 0) == (y > 0) ? 0 : (double)INFINITY;

	return is_whole(y) && is_odd(y) ? copysign(size, x) : size;
}

double
power(double x, double y)
{
	double got;

	if (y == 0 || x == 1)
		return 1;
	if (isnan(x) || isnan(y))
		return (double)NAN;
	if (isinf(y)) {
		if (fabs(x) == 1)
			return 1;
		return (fabs(x) > 1) == (y > 0) ? (double)INFINITY : 0;
	}
	if (x == 0 || isinf(x))
		return at_edge(x, y);
	if (by_steps(x, y, &got))
		return got;
	if (x < 0 && !is_whole(y))
		return (double)NAN;
	got = two_to((long double)y * log_two(fabs(x)));
	return x < 0 && is_odd(y) ? -got : got;
}

#endif
