/* fuzz_metadata.c - mailbox/metadata.h and wire/imap_metadata.h */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "mailbox/metadata.h"
#include "wire/imap_metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = span_of((const char *)p, n);
	struct arena *a = arena_new();
	struct imap_getmetadata get;
	struct imap_setmetadata set;
	struct metadata md;
	bool whole;

	metadata_parse(a, s, &md, &whole);
	for (size_t i = 0; i < md.count; i++)
		must(metadata_find(&md, md.list[i].name) != NULL);
	if (imap_getmetadata_parse(a, s, &get))
		must(get.count > 0 &&
		    imap_metadata_below(get.names[0], get.names[0], get.depth));
	if (imap_setmetadata_parse(a, s, &set))
		must(set.count > 0);
	arena_free(&a);
	return 0;
}
