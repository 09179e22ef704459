/* test_date.c - message/date.h */

#include "message/date.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "tests/unit.h"

enum { NEW_YEAR = 1767225600 }; /* 2026-01-01 00:00:00 UTC */

static const struct {
	const char *in;
	int64_t time;
	int zone;
	bool unknown;
} good[] = {
	{ "Thu, 1 Jan 2026 00:00:00 +0000", NEW_YEAR, 0, false },
	{ "Thu, 01 Jan 2026 01:00:00 +0100", NEW_YEAR, 60, false },
	{ "Wed, 31 Dec 2025 18:30:00 -0530", NEW_YEAR, -330, false },
	{ "1 Jan 2026 00:00 +0000", NEW_YEAR, 0, false },
	{ " \r\n Thu,1 Jan 2026 00:00:00 -0000 (x (y) \\) z)", NEW_YEAR, 0,
	    true },
	{ "Thu, 1 Jan 26 00:00:00 GMT", NEW_YEAR, 0, false },
	{ "Thu, 1 Jan 126 00:00:00 UT", NEW_YEAR, 0, false },
	{ "Thu, 1 Jan 70 00:00:00 Z", 0, 0, false },
	{ "Wed, 31 Dec 2025 19:00:00 EST", NEW_YEAR, -300, false },
	{ "Wed, 31 Dec 2025 17:00:00 PDT", NEW_YEAR, -420, false },
	{ "Thu, 1 Jan 2026 01:00:00 cet", NEW_YEAR, 60, false },
	{ "Thu, 1 Jan 2026 00:00:00 A", NEW_YEAR, 0, true },
	{ "Thu, 1 Jan 2026 00:00:00", NEW_YEAR, 0, true },
	{ "Thu, 1 Jan 2026 00:00:00 +9999", NEW_YEAR, 0, true },
	{ "Mon, 1 January 2026 00:00:00 +0000", NEW_YEAR, 0, false },
	{ "Thu, 1 Jan 2026 00:00:60 +0000", NEW_YEAR + 60, 0, false },
	{ "Thu, 1 Jan 2026 0.0.0 +0000", NEW_YEAR, 0, false },
	{ "1-Jan-2026 00:00:00 +0000", NEW_YEAR, 0, false },
	{ "Thu Jan  1 00:00:00 2026", NEW_YEAR, 0, true },
	{ "Thu Jan  1 01:00:00 CET 2026", NEW_YEAR, 60, false },
	{ "Jan 1 00:00:00 2026", NEW_YEAR, 0, true },
	{ "29 Feb 2024 12:00:00 +0000", 1709208000, 0, false },
	{ "1 Jan 1900 00:00:00 +0000", -2208988800, 0, false },
	{ "31 Dec 9999 23:59:59 +0000", 253402300799, 0, false },
	{ "Thu (a) , (b) 1 (c) Jan (d) 2026 (e) 00 (f) : 00 (g) +0000 (h)",
	    NEW_YEAR, 0, false },
};

static const char *const bad[] = { "", "Thu", "Thu, 1 Jan", "Thu, 1 Jan 2026",
	"32 Jan 2026 00:00:00 +0000", "0 Jan 2026 00:00:00 +0000",
	"29 Feb 2025 00:00:00 +0000", "29 Feb 1900 00:00:00 +0000",
	"1 Foo 2026 00:00:00 +0000", "1 Jan 2026 24:00:00 +0000",
	"1 Jan 2026 00:60:00 +0000", "1 Jan 2026 00:00:61 +0000",
	"1 Jan 20260 00:00:00 +0000", "1 Jan 1899 00:00:00 +0000",
	"111 Jan 2026 00:00:00 +0000", "1 Jan 2026 x +0000",
	"1 Jan 2026 00:x +0000", "(((((", "1 Jan (",
	"99999999999999999999 Jan 2026 00:00:00 +0000" };

START_TEST(parse_good)
{
	struct date d = { 0 };

	ck_assert_msg(date_parse(span_str(good[_i].in), &d) &&
		d.time == good[_i].time && d.zone == good[_i].zone &&
		d.zone_unknown == good[_i].unknown,
	    "\"%s\": %" PRId64 " %d %d", good[_i].in, d.time, d.zone,
	    d.zone_unknown);
}
END_TEST

START_TEST(parse_bad)
{
	struct date d = { 7, 7, false };

	ck_assert_msg(!date_parse(span_str(bad[_i]), &d), "\"%s\"", bad[_i]);
	ck_assert_int_eq(d.time, 7);
}
END_TEST

START_TEST(print)
{
	static const struct {
		int64_t time;
		int zone;
		const char *mail, *mbox, *imap;
	} rows[] = {
		{ NEW_YEAR, 60, "Thu, 1 Jan 2026 01:00:00 +0100",
		    "Thu Jan  1 01:00:00 2026", " 1-Jan-2026 01:00:00 +0100" },
		{ NEW_YEAR, -330, "Wed, 31 Dec 2025 18:30:00 -0530",
		    "Wed Dec 31 18:30:00 2025", "31-Dec-2025 18:30:00 -0530" },
		{ -1, 0, "Wed, 31 Dec 1969 23:59:59 +0000",
		    "Wed Dec 31 23:59:59 1969", "31-Dec-1969 23:59:59 +0000" },
		{ 951782400, 0, "Tue, 29 Feb 2000 00:00:00 +0000",
		    "Tue Feb 29 00:00:00 2000", "29-Feb-2000 00:00:00 +0000" },
	};

	for (int i = 0; i < UNIT_COUNT(rows); i++) {
		struct buf b = BUF_EMPTY;

		date_print(&b, rows[i].time, rows[i].zone);
		ck_assert_str_eq(buf_str(&b), rows[i].mail);
		buf_clear(&b);
		date_print_mbox(&b, rows[i].time, rows[i].zone);
		ck_assert_str_eq(buf_str(&b), rows[i].mbox);
		buf_clear(&b);
		date_print_imap(&b, rows[i].time, rows[i].zone);
		ck_assert_str_eq(buf_str(&b), rows[i].imap);
		buf_free(&b);
	}
}
END_TEST

/* Times outside the calendar must print as something, not crash. */
START_TEST(print_far)
{
	struct buf b = BUF_EMPTY;

	date_print(&b, INT64_MAX / 2, 0);
	ck_assert(span_search(buf_span(&b), SPAN(" 9999 ")) < b.n);
	buf_clear(&b);
	date_print_imap(&b, INT64_MIN / 2, 0);
	ck_assert(span_starts(buf_span(&b), " 1-Jan-1900"));
	buf_free(&b);
}
END_TEST

/* Against the C library, both ways, over a few centuries. */
START_TEST(as_libc)
{
	for (int64_t t = -2208900000; t < 7258118400; t += 86400 * 17 + 12345) {
		struct buf b = BUF_EMPTY;
		struct date d;
		time_t libc = t;
		struct tm tm;
		char want[64];

		gmtime_r(&libc, &tm);
		strftime(
		    want, sizeof(want), "%a, %e %b %Y %H:%M:%S +0000", &tm);
		date_print(&b, t, 0);
		ck_assert(date_parse(buf_span(&b), &d) && d.time == t);
		ck_assert(date_parse(span_str(want), &d) && d.time == t);
		if (want[5] == ' ')
			memmove(want + 5, want + 6, strlen(want + 5));
		ck_assert_str_eq(buf_str(&b), want);
		buf_clear(&b);
		date_print_imap(&b, t, -210);
		ck_assert(date_parse_imap(buf_span(&b), &d) && d.time == t &&
		    d.zone == -210);
		buf_free(&b);
	}
}
END_TEST

START_TEST(imap)
{
	static const char *const refused[] = { "", "1-Jan-2026",
		" 1-Jan-2026 00:00:00", " 1-Jan-2026 00:00:00 +000",
		" 1-Jan-2026 00:00:00 +00000", " 1-Jan-26 00:00:00 +0000",
		"  1-Jan-2026 00:00:00 +0000", " 1-Jan-2026  0:00:00 +0000",
		" 1-Jan-2026 00:00:00 0000 ", " 0-Jan-2026 00:00:00 +0000",
		"31-Feb-2026 00:00:00 +0000", " 1-Jan-2026 24:00:00 +0000",
		" 1-Jan-2026 00:00:00 +2400", "1 Jan 2026 00:00:00 +0000",
		"\"1-Jan-2026 00:00:00 +0000\"" };
	struct date d;

	for (int i = 0; i < UNIT_COUNT(refused); i++)
		ck_assert_msg(!date_parse_imap(span_str(refused[i]), &d),
		    "\"%s\"", refused[i]);
	ck_assert(date_parse_imap(SPAN("1-jan-2026 00:00:00 -0000"), &d));
	ck_assert(d.zone_unknown && d.time == NEW_YEAR);
	ck_assert(date_parse_imap(SPAN("01-JAN-2026 00:00:00 +0000"), &d));
}
END_TEST

START_TEST(days)
{
	struct date d = { NEW_YEAR, -60, false };
	int64_t day, want = NEW_YEAR / 86400;

	ck_assert(date_parse_day(SPAN("1-Jan-2026"), &day) && day == want);
	ck_assert(date_parse_day(SPAN("01-Jan-2026"), &day) && day == want);
	ck_assert(!date_parse_day(SPAN(" 1-Jan-2026"), &day));
	ck_assert(!date_parse_day(SPAN("1-Jan-2026 "), &day));
	ck_assert(!date_parse_day(SPAN("1-Jan-0000"), &day));
	ck_assert_int_eq(date_day(&d), want - 1);
	d.zone = 0;
	ck_assert_int_eq(date_day(&d), want);
	d.time = -1;
	ck_assert_int_eq(date_day(&d), -1);
}
END_TEST

static const struct {
	const char *in;
	int64_t time; /* -1: refused */
} utc[] = {
	{ "2026-01-01T00:00:00Z", NEW_YEAR },
	{ "2026-01-01t00:00:00z", NEW_YEAR },
	{ "2026-01-01T00:00:00.000Z", NEW_YEAR },
	{ "2026-01-01T00:00:00.001Z", NEW_YEAR + 1 },
	{ "2024-02-29T23:59:60Z", 1709251200 },
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2026-01-01T00:00:00", -1 },
	{ "2026-01-01T00:00:00.Z", -1 },
	{ "2026-01-01T00:00:00.1", -1 },
	{ "2026-01-01T00:00:00Zx", -1 },
	{ "2026-01-01T00:00:00+00:00", -1 },
	{ "2026-01-01 00:00:00Z", -1 },
	{ "2026-1-01T00:00:00Z0", -1 },
	{ "2025-02-29T00:00:00Z", -1 },
	{ "2026-13-01T00:00:00Z", -1 },
	{ "2026-01-01T24:00:00Z", -1 },
	{ "-026-01-01T00:00:00Z", -1 },
	{ "", -1 },
};

START_TEST(internet)
{
	struct buf b = BUF_EMPTY;
	int64_t time = -1;

	ck_assert_msg(
	    date_parse_utc(span_str(utc[_i].in), &time) == (utc[_i].time != -1),
	    "%s", utc[_i].in);
	ck_assert_int_eq(time, utc[_i].time);
	date_print_utc(&b, NEW_YEAR);
	ck_assert_str_eq(buf_str(&b), "2026-01-01T00:00:00Z");
	buf_free(&b);
}
END_TEST

START_TEST(local)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0", 1);
	tzset();
	ck_assert_int_eq(date_local_zone(NEW_YEAR), 60);
	ck_assert_int_eq(date_local_zone(NEW_YEAR + 180 * 86400), 120);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse_good, 0, UNIT_COUNT(good));
	tcase_add_loop_test(t, parse_bad, 0, UNIT_COUNT(bad));
	tcase_add_test(t, print);
	tcase_add_test(t, print_far);
	tcase_add_test(t, as_libc);
	tcase_add_test(t, imap);
	tcase_add_test(t, days);
	tcase_add_loop_test(t, internet, 0, UNIT_COUNT(utc));
	tcase_add_test(t, local);
}

int
main(void)
{
	return unit_main("message/date", fill);
}
