/* fuzz_sasl.c - lines of a client to each mechanism of sasl/sasl_server.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "sasl/sasl_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool
bound(void *arg, struct span type, struct span data)
{
	(void)arg;
	return type.n + data.n > 20;
}

/* The server's nonce is "S", so that a corpus can know it. */
static enum sasl_outcome
told(struct sasl_server *s, struct buf *challenge)
{
	struct sasl_question q = sasl_server_question(s);
	struct buf text = BUF_EMPTY;

	must(q.user.n > 0 && q.nonce.n > 0 && !span_has_break(q.nonce));
	buf_add_str(&text, "r=");
	buf_add_span(&text, q.nonce);
	buf_add_str(&text, "S,s=AAAA,i=4096");
	must(sasl_server_told(s, buf_span(&text), SPAN("x"), challenge));
	buf_free(&text);
	return SASL_CONTINUE;
}

static void
checked(struct sasl_server *s, bool rejected, struct span rest)
{
	struct sasl_credentials c = sasl_server_credentials(s);
	unsigned flags = sasl_server_mechanism(s)->flags;
	bool token = (flags & SASL_TOKEN) != 0;
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome got;

	must(c.user.n > 0 || token || (flags & SASL_EXTERNAL) != 0);
	must(c.password.n > 0 || token || (flags & SASL_PLAINTEXT) == 0);
	must(c.proof.n == 32 || (flags & SASL_SCRAM) == 0);
	must(!span_has_break(c.user) && !span_has_break(c.authzid));
	if (rejected) {
		got = sasl_server_rejected(s, SPAN("{}"), &challenge);
		if (got == SASL_CONTINUE)
			got = sasl_server_line(s, rest, &challenge);
		must(got == SASL_DENIED);
	}
	buf_free(&challenge);
}

/* The first byte chooses the mechanism. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), line;
	size_t at = n > 0 ? p[0] % 7U : 0;
	struct sasl_server *s = sasl_server_new(sasl_mechanism_next(&at));
	struct buf challenge = BUF_EMPTY;
	enum sasl_outcome got = SASL_CONTINUE;

	rest = span_skip(rest, 1);
	sasl_server_binding(s, bound, NULL);
	while (got == SASL_CONTINUE && span_line(&rest, &line)) {
		got = sasl_server_line(s, line, &challenge);
		if (got == SASL_ASK)
			got = told(s, &challenge);
	}
	if (got == SASL_CHECK)
		checked(s, n % 2 == 1, rest);
	buf_free(&challenge);
	sasl_server_free(&s);
	return 0;
}
