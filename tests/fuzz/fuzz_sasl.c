/* fuzz_sasl.c - lines of a client to each mechanism of sasl/sasl_server.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "sasl/sasl_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The first byte chooses the mechanism. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), line;
	size_t at = n > 0 ? p[0] % 2U : 0;
	struct sasl_server *s = sasl_server_new(sasl_mechanism_next(&at));
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome got = SASL_CONTINUE;

	rest = span_skip(rest, 1);
	while (got == SASL_CONTINUE && span_line(&rest, &line))
		got = sasl_server_line(s, line, &challenge);
	if (got == SASL_CHECK) {
		struct sasl_credentials c = sasl_server_credentials(s);

		must(c.user.n > 0 && c.password.n > 0);
		must(!span_has_break(c.user) && !span_has_break(c.authzid));
	}
	buf_free(&challenge);
	sasl_server_free(&s);
	return 0;
}
