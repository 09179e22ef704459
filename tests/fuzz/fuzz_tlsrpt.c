/* fuzz_tlsrpt.c - wire/tlsrpt.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "wire/tlsrpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What was read and written once is written the same again. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n), rua;
	struct tlsrpt_uri uri;
	struct tlsrpt *t = tlsrpt_new(100);
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;

	tlsrpt_load(t, in);
	tlsrpt_print(t, &once);
	tlsrpt_free(&t);
	t = tlsrpt_new(100);
	tlsrpt_load(t, buf_span(&once));
	tlsrpt_print(t, &twice);
	must(span_eq(buf_span(&once), buf_span(&twice)));
	tlsrpt_free(&t);
	buf_free(&once);
	buf_free(&twice);
	if (tlsrpt_record_parse(in, &rua))
		while (tlsrpt_uri_next(&rua, &uri)) {
			must(uri.https ? uri.host.n > 0 : uri.address.n > 0);
			must(!span_has_break(uri.address));
			must(!uri.https || uri.target.p[0] == '/');
			must(!span_has_break(uri.target));
		}
	return 0;
}
