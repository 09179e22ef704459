/* fuzz_pop3_reply.c - answers of other hosts, wire/pop3_reply.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "wire/pop3_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
read_all(struct span in, bool many)
{
	struct pop3_reply r, part;
	struct pop3_offers o;

	while (pop3_reply_parse(in, many, &r) == POP3_REPLY_DONE) {
		must(r.used > 0 && r.used <= in.n && r.used <= POP3_REPLY_MAX);
		for (size_t i = 0; i < r.used; i += 1 + i / 16)
			must(pop3_reply_parse(span_head(in, i), many, &part) ==
			    POP3_REPLY_MORE);
		pop3_offers_parse(r.lines, &o);
		must(o.mechanism_count <= POP3_MECHANISMS_MAX);
		in = span_skip(in, r.used);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	read_all(span_of((const char *)p, n), false);
	read_all(span_of((const char *)p, n), true);
	return 0;
}
