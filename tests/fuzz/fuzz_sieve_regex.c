/* fuzz_sieve_regex.c - a regular expression, a newline, and a text */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "sieve/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span all = span_of((const char *)p, n);
	size_t at = span_find(all, '\n');
	struct span text = span_skip(all, at + 1), group;
	struct sieve_regex_work work = { 0, 1000000 };
	struct sieve_regex_hit hit;
	struct arena *a = arena_new();
	const char *error;
	struct sieve_regex *re =
	    sieve_regex_new(a, span_head(all, at), n % 2 == 0, &error);

	must(re != NULL || error != NULL);
	if (re != NULL && sieve_regex_find(re, text, &work, &hit)) {
		must(hit.count > 0 && hit.groups[0].p != NULL);
		for (size_t i = 0; i < hit.count; i++) {
			group = hit.groups[i];
			must(group.p == NULL ||
			    (group.p >= hit.groups[0].p &&
				group.p + group.n <=
				    hit.groups[0].p + hit.groups[0].n));
		}
	}
	arena_free(&a);
	return 0;
}
