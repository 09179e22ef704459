/* fuzz_imap_notify.c - wire/imap_notify.h and wire/imap_url.h */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/utf8.h"
#include "wire/imap_notify.h"
#include "wire/imap_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = span_of((const char *)p, n), rest = s;
	struct arena *a = arena_new();
	struct imap_sources sources;
	struct imap_notify notify;
	struct imap_url url;

	if (imap_sources(a, &rest, &sources))
		must(sources.count > 0 && sources.count <= FILTERS_MAX);
	if (imap_notify_parse(a, s, &notify))
		must(notify.none == (notify.count == 0));
	if (imap_url_parse(a, s, &url))
		must(url.uid > 0 && url.mailbox.n > 0 &&
		    utf8_valid(url.mailbox));
	arena_free(&a);
	return 0;
}
