/* fuzz_claims.c - JSON, and what auth/claims.h makes of it */

#include <stddef.h>
#include <stdint.h>

#include "auth/claims.h"
#include "base/json_read.h"
#include "base/must.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct claims_rules rules = { "username", "mail", "", 1000 };
	struct span body = span_of((const char *)p, n);
	struct json_reader r = { .rest = body };
	struct buf text = BUF_EMPTY;
	struct claims c;
	enum json_piece got;
	size_t pieces = 0;

	do {
		got = json_next(&r, &text);
		must(utf8_valid(buf_span(&text)) && text.n <= n);
		must(pieces++ <= n + 1);
	} while (got != JSON_BAD && got != JSON_END);
	if (claims_read(body, &rules, &c) == CLAIMS_GOOD)
		must(got == JSON_END && c.user.n > 0 &&
		    !span_has_break(buf_span(&c.user)));
	claims_done(&c);
	buf_free(&text);
	return 0;
}
