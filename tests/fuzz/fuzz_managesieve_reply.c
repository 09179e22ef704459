/* fuzz_managesieve_reply.c - answers of other hosts, wire/managesieve_reply.h
 */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "wire/managesieve_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Is s one of in's, or nothing? */
static bool
is_inside(struct span s, struct span in)
{
	return s.n == 0 || (s.p >= in.p && s.p + s.n <= in.p + in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct span words[MANAGESIEVE_MECHANISMS_MAX];
	struct managesieve_reply r, part;

	while (managesieve_reply_parse(in, &r) == MANAGESIEVE_REPLY_DONE) {
		must(r.used > 0 && r.used <= in.n &&
		    r.used <= MANAGESIEVE_REPLY_MAX);
		for (size_t i = 0; i < r.used; i += 1 + i / 16)
			must(managesieve_reply_parse(span_head(in, i), &part) ==
			    MANAGESIEVE_REPLY_MORE);
		must(is_inside(r.name, in) && is_inside(r.value, in) &&
		    is_inside(r.code, in) && is_inside(r.text, in));
		must(managesieve_mechanisms(r.value, words) <=
		    MANAGESIEVE_MECHANISMS_MAX);
		in = span_skip(in, r.used);
	}
	return 0;
}
