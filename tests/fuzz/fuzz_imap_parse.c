/* fuzz_imap_parse.c - wire/imap_*.h: commands of IMAP */

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "message/date.h"
#include "wire/imap_fetch.h"
#include "wire/imap_list.h"
#include "wire/imap_parse.h"
#include "wire/imap_search.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool
leaf(void *arg, const struct imap_search_step *step)
{
	unsigned *n = arg;

	return (++*n + step->text.n) % 3 == 0;
}

static void
try_search(struct arena *a, struct span rest)
{
	struct imap_search s, copy;
	unsigned n = 0, m = 0;

	if (imap_search_parse(a, &rest, date_parse_day, &s) != IMAP_SEARCH_OK)
		return;
	must(imap_search_front(&s) <= s.count);
	imap_search_copy(a, &s, &copy);
	must(imap_search_run(&s, leaf, &n) == imap_search_run(&copy, leaf, &m));
}

static void
try_fetch(struct arena *a, struct span rest)
{
	struct buf out = BUF_EMPTY;
	struct imap_fetch read, f;

	if (!imap_fetch_items(a, &rest, &read))
		return;
	imap_fetch_copy(a, &read, &f);
	for (size_t i = 0; i < f.count; i++)
		imap_fetch_name(&out, &f.items[i]);
	buf_free(&out);
}

static void
try_small(struct arena *a, struct span s)
{
	struct span rest = s, out;
	struct buf buf = BUF_EMPTY;
	struct imap_flags flags;
	struct imap_list list;
	struct imap_set set;
	struct imap_partial page;
	size_t begin, end;
	unsigned items;

	if (imap_astring(a, &rest, &out))
		imap_put_astring(&buf, out);
	rest = s;
	if (imap_sequence_set(a, &rest, &set))
		imap_set_resolve(&set, 1000);
	rest = s;
	if (imap_partial(&rest, &page)) {
		imap_partial_of(&page, 1000, &begin, &end);
		must(begin <= end && end <= 1000);
	}
	rest = s;
	(void)imap_flag_list(a, &rest, true, &flags);
	rest = s;
	(void)imap_status_items(&rest, &items);
	if (imap_list_parse(a, s, &list) && list.count > 0)
		(void)imap_list_match(list.patterns[0], list.reference, '.');
	buf_free(&buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = span_of((const char *)p, n), tag;
	struct arena *a = arena_new();
	struct imap_scan_out scan;

	(void)imap_scan_line(s, &scan);
	try_small(a, s);
	try_fetch(a, s);
	try_search(a, s);
	if (imap_tag(&s, &tag) && imap_space(&s))
		try_small(a, s);
	arena_free(&a);
	return 0;
}
