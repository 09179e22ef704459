/* fuzz_proxy_header.c - the PROXY protocol, wire/proxy_header.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "wire/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* A header that is whole is whole without what stands behind it, and not
 * before its last octet. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct proxy_header h, again;
	size_t used, used_again;

	if (proxy_header_parse(in, &used, &h) != PROXY_OK)
		return 0;
	must(used > 0 && used <= n && used <= PROXY_HEADER_MAX);
	must(proxy_header_parse(span_head(in, used), &used_again, &again) ==
	    PROXY_OK);
	must(used_again == used && again.known == h.known);
	must(proxy_header_parse(span_head(in, used - 1), &used_again, &again) ==
	    PROXY_MORE);
	return 0;
}
