/* fuzz_visit_parse.c - imapd/visit_copy.h, visit_notify.h: what another's imapd
 * says */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "imapd/visit_copy.h"
#include "imapd/visit_notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span line = span_of((const char *)p, n);
	struct arena *a = arena_new();
	struct visit_fetched got;
	struct visit_told told;
	uint32_t validity;
	struct span set;

	if (visit_fetched(a, line, &got))
		must(got.uid != 0);
	if (visit_appended(a, line, 3, &validity, &set))
		must(validity != 0 && set.n > 0);
	if (visit_told(a, line, &told))
		must(n > 0 && span_at(line, n - 1) == '\n');
	arena_free(&a);
	return 0;
}
