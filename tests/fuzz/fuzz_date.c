/* fuzz_date.c - dates of mail and of IMAP, message/date.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "message/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct buf b = BUF_EMPTY;
	struct date d, again;
	int64_t day;

	if (date_parse(in, &d)) {
		must(d.zone > -1440 && d.zone < 1440);
		date_print(&b, d.time, d.zone);
		must(date_parse(buf_span(&b), &again) && again.time == d.time);
		buf_clear(&b);
		date_print_mbox(&b, d.time, d.zone);
		must(date_parse(buf_span(&b), &again));
	}
	buf_clear(&b);
	if (date_parse_imap(in, &d)) {
		date_print_imap(&b, d.time, d.zone);
		must(date_parse_imap(buf_span(&b), &again));
		must(again.time == d.time && again.zone == d.zone);
	}
	date_parse_day(in, &day);
	buf_free(&b);
	return 0;
}
