/* fuzz_utf7.c - mailbox names, message/utf7.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "base/utf8.h"
#include "message/utf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What is taken one way comes back the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct buf there = BUF_EMPTY, back = BUF_EMPTY;

	if (utf7_to_utf8(&there, in)) {
		must(utf8_valid(buf_span(&there)));
		must(utf7_from_utf8(&back, buf_span(&there)));
		must(span_eq(buf_span(&back), in));
	}
	buf_clear(&there);
	buf_clear(&back);
	if (utf7_from_utf8(&there, in)) {
		must(utf7_to_utf8(&back, buf_span(&there)));
		must(span_eq(buf_span(&back), in));
	}
	buf_free(&there);
	buf_free(&back);
	return 0;
}
