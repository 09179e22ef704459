/* fuzz_path.c - paths of envelopes, message/address.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "message/address.h"
#include "message/sender_pattern.h"
#include "message/verp.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The first byte is the flags. What is good stays good when it is normalised,
 * and is the same then however often that is done. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	unsigned flags = n > 0 ? p[0] % 16U : 0;
	struct span in = span_skip(span_of((const char *)p, n), 1);
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
	struct address_path path;
	enum address_result r;
	struct span local, domain, user, extension;
	static const struct sender_style style = { "+", "<>" };

	if (address_parse_path(in, flags, &path) == ADDRESS_OK) {
		struct span mailbox = in;

		must(!span_has_break(in));
		if (path.route.n > 0)
			mailbox = span_skip(in, path.route.n + 1);
		address_normalise(&once, mailbox, true);
		/* quotes may make a loose one too long */
		r = address_parse_path(
		    buf_span(&once), flags | ADDRESS_LONG_LOCAL, &path);
		must(r == ADDRESS_OK || r == ADDRESS_TOO_LONG);
		address_normalise(&twice, buf_span(&once), true);
		must(span_eq(buf_span(&once), buf_span(&twice)));
		/* a sender made of it is an address too */
		buf_clear(&once);
		if (verp_sender(&once, mailbox, SPAN("+="), mailbox)) {
			r = address_parse_path(
			    buf_span(&once), flags | ADDRESS_LONG_LOCAL, &path);
			must(r == ADDRESS_OK || r == ADDRESS_TOO_LONG);
		}
	}
	address_split(in, &local, &domain);
	must(local.n + domain.n <= in.n);
	address_extension(local, "+-", &user, &extension);
	/* the null sender is given by those words alone */
	must(!sender_pattern_has(in, SPAN(""), &style) ||
	    span_search(in, SPAN("<>")) < in.n || span_find(in, '*') < in.n);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
