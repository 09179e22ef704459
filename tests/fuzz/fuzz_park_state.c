/* fuzz_park_state.c - imapd/park_state.h: what login hands back */

#include <stdint.h>

#include "base/arena.h"
#include "imapd/park_state.h"
#include "wire/imap_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct park_state got;

	if (park_state_get(span_of((const char *)p, n), a, &got)) {
		struct imap_set set;

		(void)imap_sequence_set(a, &got.recent, &set);
		(void)imap_sequence_set(a, &got.saved, &set);
	}
	arena_free(&a);
	return 0;
}
