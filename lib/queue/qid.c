/* qid.c - a queue id is a time */

#include "queue/qid.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "base/number.h"
#include "queue/qread.h"

enum { BASE = 52, US_DIGITS = 4, SEC_DIGITS = 6 };
#define US_PER_SEC UINT64_C(1000000)
#define US_MAX     (UINT64_C(7258118400) * US_PER_SEC)

static const char digits[] =
    "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

static void
put_long(uint64_t us, char out[QID_MAX + 1])
{
	uint64_t parts[2] = { us % US_PER_SEC, us / US_PER_SEC };
	size_t n = 0;

	/* from the end: microseconds, then seconds */
	for (int part = 0; part < 2; part++)
		for (size_t i = 0; parts[part] > 0 ||
		     i < (part == 0 ? (size_t)US_DIGITS : SEC_DIGITS);
		     i++) {
			must(n + 2 < QID_MAX);
			out[n++] = digits[parts[part] % BASE];
			parts[part] /= BASE;
		}
	for (size_t i = 0; i < n / 2; i++) {
		char c = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = c;
	}
	memcpy(out + n, "z0", 3);
}

void
qid_put(uint64_t us, bool is_long, char out[QID_MAX + 1])
{
	if (is_long)
		put_long(us, out);
	else
		snprintf(out, QID_MAX + 1, "%llX", (unsigned long long)us);
}

/* 0 when a digit is none or the number too large. */
static uint64_t
digits_value(struct span s)
{
	uint64_t value = 0;

	for (size_t i = 0; i < s.n; i++) {
		size_t digit = span_find(span_of(digits, BASE), s.p[i]);

		if (digit == BASE || value > US_MAX / BASE)
			return 0;
		value = value * BASE + digit;
	}
	return value;
}

static uint64_t
time_long(struct span id)
{
	size_t n = span_rfind(id, 'z');
	uint64_t seconds, us;

	if (n < US_DIGITS + SEC_DIGITS)
		return 0;
	seconds = digits_value(span_head(id, n - US_DIGITS));
	us = digits_value(span_head(span_skip(id, n - US_DIGITS), US_DIGITS));
	if (seconds == 0 || seconds > US_MAX / US_PER_SEC)
		return 0;
	return seconds * US_PER_SEC + us;
}

uint64_t
qid_time(struct span id)
{
	uint64_t us = 0;

	if (!qread_id_ok(id))
		return 0;
	if (span_rfind(id, 'z') != id.n)
		us = time_long(id);
	else if (!number_parse_hex(id, US_MAX, &us))
		return 0;
	return us > US_MAX ? 0 : us;
}
