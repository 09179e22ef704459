/* number.c - numbers from outside, checked */

#include "base/number.h"

bool
number_parse(struct span s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t got = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit((unsigned char)s.p[i]) ||
		    __builtin_mul_overflow(got, 10U, &got) ||
		    __builtin_add_overflow(got, (unsigned)(s.p[i] - '0'), &got))
			return false;
	}
	if (got < min || got > max)
		return false;
	*out = got;
	return true;
}

bool
number_parse_signed(struct span s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = span_at(s, 0) == '-';
	uint64_t got;
	int64_t value;

	if (!number_parse(
		span_skip(s, negative), 0, (uint64_t)INT64_MAX + 1, &got))
		return false;
	if (got == (uint64_t)INT64_MAX + 1) {
		if (!negative)
			return false;
		value = INT64_MIN;
	} else {
		value = negative ? -(int64_t)got : (int64_t)got;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

int
number_hex_digit(int c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
number_parse_hex(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t got = 0;

	if (s.n == 0 || s.n > 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = number_hex_digit((unsigned char)s.p[i]);

		if (digit == -1)
			return false;
		got = got << 4 | (unsigned)digit;
	}
	if (got > max)
		return false;
	*out = got;
	return true;
}

bool
number_parse_int(struct span s, int min, int max, int *out)
{
	int64_t got;

	if (!number_parse_signed(s, min, max, &got))
		return false;
	*out = (int)got;
	return true;
}

bool
number_parse_octal(struct span s, unsigned max, unsigned *out)
{
	unsigned got = 0;

	if (s.n == 0 || s.n > 10)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7')
			return false;
		got = got << 3 | (unsigned)(s.p[i] - '0');
	}
	if (got > max)
		return false;
	*out = got;
	return true;
}
