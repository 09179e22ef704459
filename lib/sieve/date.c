/*
 * date.c - the tests date and currentdate (RFC 5260, 4)
 */

#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "message/date.h"
#include "sieve/running.h"
#include "sieve/words.h"

enum { MJD_1970 = 40587 }; /* the modified Julian day of 1 January 1970 */

/* "+0130" as minutes. */
static int
zone_minutes(struct span z)
{
	int n = 0;

	if (z.n != 5 || !number_parse_int(span_skip(z, 1), 0, 2359, &n))
		return 0;
	n = n / 100 * 60 + n % 100;
	return *z.p == '-' ? -n : n;
}

static int
zone_of(struct sieve_run *r, const struct sieve_node *n, const struct date *d)
{
	const struct sieve_arg *a = sieve_tag(n, "zone");

	if (a != NULL)
		return zone_minutes(sieve_expand(r, a->strings[0]));
	if (sieve_tag(n, "originalzone") != NULL && !d->zone_unknown)
		return d->zone;
	return date_local_zone(d->time);
}

static void
add_zone(struct buf *out, int zone, const char *between)
{
	int n = zone < 0 ? -zone : zone;

	buf_printf(
	    out, "%c%02d%s%02d", zone < 0 ? '-' : '+', n / 60, between, n % 60);
}

static bool
add_number_part(struct buf *out, struct span part, const struct tm *t)
{
	const struct {
		const char *name;
		int width, value;
	} parts[] = { { "year", 4, t->tm_year + 1900 },
		{ "month", 2, t->tm_mon + 1 }, { "day", 2, t->tm_mday },
		{ "hour", 2, t->tm_hour }, { "minute", 2, t->tm_min },
		{ "second", 2, t->tm_sec }, { "weekday", 1, t->tm_wday } };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (span_iis(part, parts[i].name)) {
			buf_printf(out, "%0*d", parts[i].width, parts[i].value);
			return true;
		}
	return false;
}

/* The part of a date, as text. */
static void
add_part(struct buf *out, struct span part, const struct date *d, int zone)
{
	time_t local = (time_t)(d->time + zone * 60);
	struct date there = { .time = d->time, .zone = zone };
	struct tm t;

	if (gmtime_r(&local, &t) == NULL || add_number_part(out, part, &t))
		return;
	if (span_iis(part, "date") || span_iis(part, "iso8601"))
		buf_printf(out, "%04d-%02d-%02d", t.tm_year + 1900,
		    t.tm_mon + 1, t.tm_mday);
	if (span_iis(part, "iso8601"))
		buf_add_byte(out, 'T');
	if (span_iis(part, "time") || span_iis(part, "iso8601"))
		buf_printf(
		    out, "%02d:%02d:%02d", t.tm_hour, t.tm_min, t.tm_sec);
	if (span_iis(part, "iso8601"))
		add_zone(out, zone, ":");
	else if (span_iis(part, "zone"))
		add_zone(out, zone, "");
	else if (span_iis(part, "julian"))
		buf_printf(out, "%lld", (long long)date_day(&there) + MJD_1970);
	else if (span_iis(part, "std11"))
		date_print(out, d->time, zone);
}

static void
look_date(struct sieve_look *l, const struct date *d, struct span part)
{
	struct buf out = BUF_EMPTY;

	part = sieve_expand(l->run, part);
	add_part(&out, part, d, zone_of(l->run, l->node, d));
	if (out.n > 0)
		sieve_look(l, buf_span(&out));
	buf_free(&out);
}

/* A field with a date: all of it, or behind its last semicolon (Received). */
static void
look_field(struct sieve_look *l, struct span value)
{
	struct span text = header_unfold_arena(l->run->arena, value);
	size_t at = span_rfind(text, ';');
	struct date d;

	if (at < text.n)
		text = span_skip(text, at + 1);
	if (date_parse(text, &d))
		look_date(l, &d, l->node->at[1]->strings[0]);
}

bool
sieve_test_date(struct sieve_run *r, const struct sieve_node *n)
{
	struct date now = { .time = r->message->now, .zone_unknown = true };
	struct sieve_look l;

	if (n->word->id == TEST_CURRENTDATE) {
		sieve_look_begin(&l, r, n, n->at[1]);
		look_date(&l, &now, n->at[0]->strings[0]);
	} else {
		sieve_look_begin(&l, r, n, n->at[2]);
		sieve_fields(r, n, n->at[0]->strings[0], look_field, &l);
	}
	return sieve_look_end(&l);
}
