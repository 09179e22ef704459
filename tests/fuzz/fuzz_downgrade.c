/* fuzz_downgrade.c - 8-bit parts made 7-bit, message/downgrade.h: however the
 * message is cut, the same comes out */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "message/downgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
run(struct span in, size_t cut, struct buf *out)
{
	struct downgrade *d =
	    downgrade_new(in.n % 2 == 0 ? DOWNGRADE_ALL : DOWNGRADE_GLOBAL);

	downgrade_feed(d, span_head(in, cut), out);
	downgrade_feed(d, span_skip(in, cut), out);
	downgrade_finish(d, out);
	downgrade_free(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf whole = BUF_EMPTY, parts = BUF_EMPTY;
	struct span in;

	if (n < 2)
		return 0;
	in = span_of((const char *)p + 1, n - 1);
	run(in, in.n, &whole);
	run(in, in.n * p[0] / 256, &parts);
	must(span_eq(buf_span(&whole), buf_span(&parts)));
	buf_free(&whole);
	buf_free(&parts);
	return 0;
}
