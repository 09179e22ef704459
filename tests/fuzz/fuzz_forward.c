/* fuzz_forward.c - a ~/.forward file */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "calls/delivery_call.h"
#include "deliver/forward.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct forward_list list;
	bool fits;

	if (n <= FORWARD_BYTES_MAX) {
		fits = forward_parse(a, span_of((const char *)p, n),
		    SPAN("user"), SPAN("user+x@example.com"), &list);
		must(list.count <= DELIVERY_NEW_MAX);
		must(fits || list.count == DELIVERY_NEW_MAX);
		for (size_t i = 0; i < list.count; i++)
			must(list.members[i].text.n <= n);
	}
	arena_free(&a);
	return 0;
}
