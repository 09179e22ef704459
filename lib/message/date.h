/* date.h - dates of messages (RFC 5322, 3.3 and 4.3) and of IMAP (RFC 9051) */

#ifndef MESSAGE_DATE_H
#define MESSAGE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

/* Seconds since 1970 and the zone it was written in. Years 1900 to 9999. */
struct date {
	int64_t time;
	int zone; /* minutes east of UTC, within a day */
	bool zone_unknown; /* "-0000", a military letter or no zone */
};

/* Read a date-time, obsolete zones, two-digit years, comments and absent
 * weekdays, seconds or zone included. A wrong weekday is no error; a day that
 * the month does not have is. False leaves *out as it was. */
bool date_parse(struct span s, struct date *out);
/* Append "Thu, 1 Jan 2026 00:00:00 +0100". */
void date_print(struct buf *out, int64_t time, int zone);
/* Append "Thu Jan  1 00:00:00 2026": the From line of a mailbox file, in the
 * given zone. */
void date_print_mbox(struct buf *out, int64_t time, int zone);
/* An Internet timestamp in UTC (RFC 3339), "2026-01-01T00:00:00Z"; a fraction
 * of a second is rounded up. Strict; other zones are refused. */
bool date_parse_utc(struct span s, int64_t *time);
void date_print_utc(struct buf *out, int64_t time);
/* The zone of this machine at that time, in minutes. */
int date_local_zone(int64_t time);

/* IMAP's date-time without its quotes: " 1-Jan-2026 00:00:00 +0000". Strict,
 * but for one digit without the blank. */
bool date_parse_imap(struct span s, struct date *out);
void date_print_imap(struct buf *out, int64_t time, int zone);
/* IMAP's date of SEARCH, "1-Jan-2026" or "01-Jan-2026", as days since 1970. */
bool date_parse_day(struct span s, int64_t *day);
/* The day on which d falls in its own zone, as days since 1970: what SENTON
 * compares. */
int64_t date_day(const struct date *d);

#endif
