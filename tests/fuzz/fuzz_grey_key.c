/* fuzz_grey_key.c - names in the greylist, smtpd/grey_key.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "calls/auth_call.h"
#include "smtpd/grey_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* An address, the sender up to a line's end, the recipient. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), sender = { "", 0 };
	struct buf network = BUF_EMPTY, key = BUF_EMPTY;
	size_t width = n % 2 == 0 ? 4 : 16;

	if (n < width)
		return 0;
	grey_network(&network, span_head(rest, width), (unsigned)(n % 129));
	must(network.n > 0 && network.n < 64);
	rest = span_skip(rest, width);
	(void)span_line(&rest, &sender);
	grey_key(&key, buf_span(&network), sender, rest);
	must(key.n > 0 && key.n < GREYLIST_KEY_MAX);
	for (size_t i = 0; i < key.n; i++)
		must(key.p[i] >= ' ' && key.p[i] <= '~');
	buf_free(&network);
	buf_free(&key);
	return 0;
}
