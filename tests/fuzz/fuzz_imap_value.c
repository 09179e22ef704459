/* fuzz_imap_value.c - an IMAP server's answers to the webmail */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "webmail-cgi/imap_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n);
	struct arena *a = arena_new();
	struct imap_tokens t;
	size_t length;

	while ((length = imap_response_length(rest)) > 0) {
		must(length <= rest.n);
		if (imap_tokens_parse(a, span_head(rest, length), &t)) {
			const struct imap_token *end = t.list + t.count;

			must(end->kind == TOKEN_END);
			for (const struct imap_token *k = t.list; k < end;
			     k = imap_token_next(k)) {
				must(imap_token_next(k) <= end);
				(void)imap_token_text(k);
				(void)imap_token_find(k, "UID");
			}
		}
		rest = span_skip(rest, length);
	}
	arena_free(&a);
	return 0;
}
