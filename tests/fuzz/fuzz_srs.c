/* fuzz_srs.c - return addresses of forwarded mail, route/srs.h: nothing that we
 * did not write leads anywhere, and what we write comes back */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "route/srs.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct srs *s = srs_new(SPAN("ours.test"), SPAN("a secret"));
	struct span in = span_of((const char *)p, n), local;
	struct buf there = BUF_EMPTY, back = BUF_EMPTY;
	bool tagged = span_istarts(in, "SRS");

	must(!srs_decode(s, in, 0, &back));
	if (srs_encode(s, in, 0, &there)) {
		local = span_head(
		    buf_span(&there), span_rfind(buf_span(&there), '@'));
		must(srs_is_ours(s, local, SPAN("ours.test")));
		must(srs_decode(s, local, 0, &back) || tagged ||
		    span_find(span_skip(in, span_rfind(in, '@')), '=') <
			n - span_rfind(in, '@'));
	}
	buf_free(&there);
	buf_free(&back);
	srs_free(&s);
	return 0;
}
