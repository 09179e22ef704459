/* fuzz_qfile.c - queue/qfile.h: the envelope of a queue file */

#include <stdint.h>

#include "base/arena.h"
#include "queue/qfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = span_of((const char *)p, n);
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing c;

	(void)qfile_tail(s, &c);
	(void)qfile_get(s, 0, a, &e, &c);
	arena_free(&a);
	return 0;
}
