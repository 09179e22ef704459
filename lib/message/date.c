/*
 * date.c - dates of messages (RFC 5322, 3.3 and 4.3) and of IMAP (RFC 9051)
 *
 * Reading is by tokens: words of letters, numbers, and the marks between them;
 * comments are passed over. The calendar is computed here, since timegm(3) and
 * strptime(3) look at the locale and at the zone files.
 */

#include "message/date.h"

#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/number.h"

enum {
	DAY = 24 * 60 * 60,
	YEAR_MIN = 1900,
	YEAR_MAX = 9999,
	DATE_BYTES_MAX = 1000,
};

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
/* as 1970 began */
static const char weekdays[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue",
	"Wed" };

struct civil {
	int year, month, day, hour, minute, second;
};

/* Days since 1970 of a date of the Gregorian calendar, months from 1: years
 * begin in March, so that the leap day comes last. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    1 - 719468;
}

static int
month_length(int year, int month)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return length[month - 1] + (month == 2 && leap);
}

/* Rounded down, for times before 1970. */
static int64_t
day_of(int64_t time)
{
	return time >= 0 ? time / DAY : -((-time + DAY - 1) / DAY);
}

/* The other way; what lies outside the years we know is moved to their ends. */
static struct civil
civil_of(int64_t time)
{
	struct civil c;
	int64_t first = days_of(YEAR_MIN, 1, 1),
		last = days_of(YEAR_MAX, 12, 31);
	int64_t day = day_of(time), rest = time - day * DAY, left;

	if (day < first || day > last) {
		day = day < first ? first : last;
		rest = 0;
	}
	c.year = (int)(1970 + day / 366);
	while (c.year > YEAR_MIN && days_of(c.year, 1, 1) > day)
		c.year--;
	while (days_of(c.year + 1, 1, 1) <= day)
		c.year++;
	left = day - days_of(c.year, 1, 1);
	for (c.month = 1; left >= month_length(c.year, c.month); c.month++)
		left -= month_length(c.year, c.month);
	c.day = (int)left + 1;
	c.hour = (int)(rest / 3600);
	c.minute = (int)(rest / 60 % 60);
	c.second = (int)(rest % 60);
	return c;
}

static bool
civil_valid(const struct civil *c)
{
	return c->year >= YEAR_MIN && c->year <= YEAR_MAX && c->month >= 1 &&
	    c->month <= 12 && c->day >= 1 &&
	    c->day <= month_length(c->year, c->month) && c->hour < 24 &&
	    c->minute < 60 && c->second <= 60;
}

static void
set(struct date *out, const struct civil *c, int zone, bool zone_unknown)
{
	int64_t minutes = (int64_t)c->hour * 60 + c->minute - zone;

	out->time =
	    days_of(c->year, c->month, c->day) * DAY + minutes * 60 + c->second;
	out->zone = zone;
	out->zone_unknown = zone_unknown;
}

/* 1..12, or 0. The whole name is taken too. */
static int
month_of(struct span word)
{
	for (int i = 0; i < 12 && word.n >= 3; i++)
		if (span_ieq(span_head(word, 3), span_str(months[i])))
			return i + 1;
	return 0;
}

/* A reader over the value. */
struct reader {
	struct span s;
};

static void
skip_comment(struct reader *r)
{
	size_t depth = 0, i = 0;

	for (; i < r->s.n; i++) {
		if (r->s.p[i] == '\\')
			i++;
		else if (r->s.p[i] == '(')
			depth++;
		else if (r->s.p[i] == ')' && --depth == 0)
			break;
	}
	r->s = span_skip(r->s, i + 1);
}

static void
skip_blanks(struct reader *r)
{
	for (;;) {
		r->s = span_trim_left(r->s);
		if (span_at(r->s, 0) != '(')
			return;
		skip_comment(r);
	}
}

/* Take a run of letters. */
static struct span
take_letters(struct reader *r)
{
	struct span word;
	size_t n = 0;

	skip_blanks(r);
	while (ascii_alpha(span_at(r->s, n)))
		n++;
	word = span_head(r->s, n);
	r->s = span_skip(r->s, n);
	return word;
}

/* Take a run of min to max digits; how many there were, or 0. */
static size_t
take_number(struct reader *r, size_t min, size_t max, int *value)
{
	size_t n = 0;

	skip_blanks(r);
	while (ascii_digit(span_at(r->s, n)))
		n++;
	if (n < min || n > max)
		return 0;
	must(number_parse_int(span_head(r->s, n), 0, 99999, value));
	r->s = span_skip(r->s, n);
	return n;
}

static bool
take_mark(struct reader *r, char mark)
{
	skip_blanks(r);
	if (span_at(r->s, 0) != mark)
		return false;
	r->s = span_skip(r->s, 1);
	return true;
}

/* RFC 5322, 4.3: two digits from 50 are of the last century, three digits
 * count from 1900. */
static bool
take_year(struct reader *r, int *year)
{
	size_t n = take_number(r, 2, 5, year);

	if (n == 2)
		*year += *year < 50 ? 2000 : 1900;
	else if (n == 3)
		*year += 1900;
	return n > 0 && n != 5;
}

/* "hh:mm[:ss]"; some write dots. */
static bool
take_time(struct reader *r, struct civil *c)
{
	char mark = ':';

	if (take_number(r, 1, 2, &c->hour) == 0)
		return false;
	if (!take_mark(r, mark)) {
		mark = '.';
		if (!take_mark(r, mark))
			return false;
	}
	if (take_number(r, 1, 2, &c->minute) == 0)
		return false;
	c->second = 0;
	return !take_mark(r, mark) || take_number(r, 1, 2, &c->second) > 0;
}

static const struct {
	const char *name;
	int hours;
} zones[] = { { "UT", 0 }, { "GMT", 0 }, { "UTC", 0 }, { "Z", 0 },
	{ "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
	{ "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 },
	/* not of the RFC, but seen */
	{ "CET", 1 }, { "CEST", 2 }, { "MET", 1 }, { "MEST", 2 }, { "WET", 0 },
	{ "WEST", 1 }, { "BST", 1 }, { "EET", 2 }, { "EEST", 3 } };

/* False when the name tells nothing (RFC 5322, 4.3: military letters). */
static bool
zone_named(struct span word, int *minutes)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (span_iis(word, zones[i].name)) {
			*minutes = zones[i].hours * 60;
			return true;
		}
	return false;
}

/* "+hhmm" without its sign. */
static bool
zone_digits(int digits, bool west, int *minutes)
{
	int all = digits / 100 * 60 + digits % 100;

	if (digits % 100 >= 60 || all >= 24 * 60)
		return false;
	*minutes = west ? -all : all;
	return true;
}

/* Never fails: a zone that cannot be read is an unknown one. */
static void
take_zone(struct reader *r, int *zone, bool *unknown)
{
	bool west = take_mark(r, '-');
	int digits;

	*zone = 0;
	*unknown = true;
	if (west || take_mark(r, '+')) {
		if (take_number(r, 4, 4, &digits) == 4 &&
		    zone_digits(digits, west, zone))
			*unknown = west && digits == 0;
		return;
	}
	*unknown = !zone_named(take_letters(r), zone);
}

/* "1 Jan 2026" or, as in a From line or asctime(3), "Jan 1 ... 2026". */
static bool
take_day(struct reader *r, struct civil *c, bool *year_last)
{
	c->month = month_of(take_letters(r));
	*year_last = c->month != 0;
	if (take_number(r, 1, 2, &c->day) == 0)
		return false;
	if (*year_last)
		return true;
	take_mark(r, '-');
	c->month = month_of(take_letters(r));
	take_mark(r, '.');
	take_mark(r, '-');
	return take_year(r, &c->year);
}

bool
date_parse(struct span s, struct date *out)
{
	struct reader r = { span_head(s, DATE_BYTES_MAX) }, before;
	struct civil c = { 0 };
	bool year_last, unknown;
	int zone;

	before = r;
	if (month_of(take_letters(&r)) != 0)
		r = before; /* no weekday, a month stands first */
	take_mark(&r, '.');
	take_mark(&r, ',');
	if (!take_day(&r, &c, &year_last) || !take_time(&r, &c))
		return false;
	if (year_last && !take_year(&r, &c.year)) {
		/* "Thu Jan 1 00:00:00 CET 2026", from date(1) */
		take_zone(&r, &zone, &unknown);
		if (!take_year(&r, &c.year))
			return false;
	} else {
		take_zone(&r, &zone, &unknown);
	}
	if (!civil_valid(&c))
		return false;
	set(out, &c, zone, unknown);
	return true;
}

static const char *
weekday_of(int64_t time)
{
	int64_t n = (day_of(time) % 7 + 7) % 7;

	return weekdays[n];
}

static void
add_zone(struct buf *out, int zone)
{
	int all = abs(zone);

	buf_printf(
	    out, "%c%02d%02d", zone < 0 ? '-' : '+', all / 60 % 24, all % 60);
}

void
date_print(struct buf *out, int64_t time, int zone)
{
	int64_t local = time + (int64_t)zone * 60;
	struct civil c = civil_of(local);

	buf_printf(out, "%s, %d %s %d %02d:%02d:%02d ", weekday_of(local),
	    c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second);
	add_zone(out, zone);
}

void
date_print_mbox(struct buf *out, int64_t time, int zone)
{
	int64_t local = time + (int64_t)zone * 60;
	struct civil c = civil_of(local);

	buf_printf(out, "%s %s %2d %02d:%02d:%02d %d", weekday_of(local),
	    months[c.month - 1], c.day, c.hour, c.minute, c.second, c.year);
}

int
date_local_zone(int64_t time)
{
	time_t t = time;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	return (int)(tm.tm_gmtoff / 60);
}

/* "d-Mon-yyyy" off the front of r. */
static bool
take_imap_day(struct reader *r, struct civil *c)
{
	size_t day = span_find(r->s, '-');
	struct span month = span_head(span_skip(r->s, day + 1), 3);
	struct span year = span_head(span_skip(r->s, day + 5), 4);

	if (day < 1 || day > 2 || span_at(r->s, day + 4) != '-')
		return false;
	c->month = month_of(month);
	if (c->month == 0 || year.n != 4 ||
	    !number_parse_int(span_head(r->s, day), 1, 31, &c->day) ||
	    !number_parse_int(year, 0, YEAR_MAX, &c->year))
		return false;
	r->s = span_skip(r->s, day + 9);
	return true;
}

/* Two digits at offset at. */
static bool
two_digits(struct span s, size_t at, int *value)
{
	struct span two = span_head(span_skip(s, at), 2);

	return two.n == 2 && number_parse_int(two, 0, 99, value);
}

/* " hh:mm:ss +zzzz" and nothing more. */
static bool
imap_time(struct span s, struct civil *c, int *zone)
{
	int digits, sign = span_at(s, 10);

	if (s.n != 15 || s.p[0] != ' ' || s.p[3] != ':' || s.p[6] != ':' ||
	    s.p[9] != ' ' || (sign != '+' && sign != '-'))
		return false;
	return two_digits(s, 1, &c->hour) && two_digits(s, 4, &c->minute) &&
	    two_digits(s, 7, &c->second) &&
	    number_parse_int(span_skip(s, 11), 0, 9999, &digits) &&
	    zone_digits(digits, sign == '-', zone);
}

bool
date_parse_imap(struct span s, struct date *out)
{
	struct reader r = { s };
	struct civil c = { 0 };
	int zone;

	if (span_at(s, 0) == ' ' && span_at(s, 2) == '-')
		r.s = span_skip(s, 1);
	if (!take_imap_day(&r, &c) || !imap_time(r.s, &c, &zone) ||
	    !civil_valid(&c))
		return false;
	set(out, &c, zone, span_ends(s, "-0000"));
	return true;
}

void
date_print_imap(struct buf *out, int64_t time, int zone)
{
	struct civil c = civil_of(time + (int64_t)zone * 60);

	buf_printf(out, "%2d-%s-%04d %02d:%02d:%02d ", c.day,
	    months[c.month - 1], c.year, c.hour, c.minute, c.second);
	add_zone(out, zone);
}

bool
date_parse_day(struct span s, int64_t *day)
{
	struct reader r = { s };
	struct civil c = { 0 };

	if (!take_imap_day(&r, &c) || r.s.n > 0 || !civil_valid(&c))
		return false;
	*day = days_of(c.year, c.month, c.day);
	return true;
}

int64_t
date_day(const struct date *d)
{
	return day_of(d->time + (int64_t)d->zone * 60);
}

/* "2026-01-01T00:00:00", then perhaps a fraction, then Z. */
bool
date_parse_utc(struct span s, int64_t *time)
{
	struct civil c = { 0 };
	struct date d;
	size_t at = 19;
	bool more = false;

	if (s.n < 20 || s.p[4] != '-' || s.p[7] != '-' ||
	    ascii_upper(span_at(s, 10)) != 'T' || s.p[13] != ':' ||
	    s.p[16] != ':' ||
	    !number_parse_int(span_head(s, 4), YEAR_MIN, YEAR_MAX, &c.year) ||
	    !two_digits(s, 5, &c.month) || !two_digits(s, 8, &c.day) ||
	    !two_digits(s, 11, &c.hour) || !two_digits(s, 14, &c.minute) ||
	    !two_digits(s, 17, &c.second) || !civil_valid(&c))
		return false;
	if (s.p[at] == '.')
		while (ascii_digit(span_at(s, ++at)))
			more = more || s.p[at] != '0';
	if (at == 20 || ascii_upper(span_at(s, at)) != 'Z' || at + 1 != s.n)
		return false;
	set(&d, &c, 0, false);
	*time = d.time + more;
	return true;
}

void
date_print_utc(struct buf *out, int64_t time)
{
	struct civil c = civil_of(time);

	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month,
	    c.day, c.hour, c.minute, c.second);
}
