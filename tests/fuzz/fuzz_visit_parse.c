/* fuzz_visit_parse.c - imapd/visit_copy.h: what another's imapd answers */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "imapd/visit_copy.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span line = span_of((const char *)p, n);
	struct arena *a = arena_new();
	struct visit_fetched got;
	uint32_t validity;
	struct span set;

	if (visit_fetched(a, line, &got))
		must(got.uid != 0);
	if (visit_appended(a, line, 3, &validity, &set))
		must(validity != 0 && set.n > 0);
	arena_free(&a);
	return 0;
}
