/* fuzz_strict.c - a message's body looked at strictly, intake/strict.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "intake/strict.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* First byte: where the rest is cut. The header ends at the first LF. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_skip(span_of((const char *)p, n), 1);
	size_t end = span_find(in, '\n');
	struct span body = span_skip(in, end + 1);
	size_t at = n > 0 ? p[0] : 0;
	struct strict *whole = strict_new(7, 5), *cut = strict_new(7, 5);

	strict_field(whole, span_head(in, end));
	strict_field(cut, span_head(in, end));
	strict_header_end(whole);
	strict_header_end(cut);
	strict_feed(whole, body);
	strict_feed(cut, span_head(body, at));
	strict_feed(cut, span_skip(body, at));
	strict_end(whole);
	strict_end(cut);
	must(strict_fault(whole) == strict_fault(cut));
	strict_free(&whole);
	strict_free(&cut);
	return 0;
}
