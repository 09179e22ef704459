/* fuzz_imap_reply.c - answers of other hosts, wire/imap_reply.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "wire/imap_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct imap_reply r, part;
	struct imap_offers o;

	while (imap_reply_parse(in, &r) == IMAP_REPLY_DONE) {
		must(r.used > 0 && r.used <= in.n && r.used <= IMAP_REPLY_MAX);
		for (size_t i = 0; i < r.used; i += 1 + i / 16)
			must(imap_reply_parse(span_head(in, i), &part) ==
			    IMAP_REPLY_MORE);
		imap_offers_parse(r.arguments.n > 0 ? r.arguments : r.text, &o);
		must(o.mechanism_count <= IMAP_MECHANISMS_MAX);
		in = span_skip(in, r.used);
	}
	return 0;
}
