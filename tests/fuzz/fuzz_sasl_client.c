/* fuzz_sasl_client.c - challenges of a server to each mechanism of
 * sasl/sasl_client.h
 */

#include <stddef.h>
#include <stdint.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/must.h"
#include "sasl/sasl_client.h"
#include "sasl/scram_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool
any(void *arg, const char *name, bool named)
{
	(void)arg;
	(void)name;
	(void)named;
	return true;
}

/* With a nonce that a corpus can know; what takes long is left out. */
static void
scram(struct span text)
{
	struct scram_client_setup setup = {
		.digest = DIGEST_SHA256, .user = SPAN("u"), .nonce = SPAN("n")
	};
	struct scram_client *c = scram_client_new(&setup);
	struct span first;
	struct buf out = BUF_EMPTY;
	size_t at = span_search(text, SPAN(",i="));

	if (span_cut(&text, '\n', &first) && first.n < at + 7 &&
	    scram_client_final(c, first, SPAN("p"), &out)) {
		must(span_starts(buf_span(&out), "c=biws,r=n"));
		must(!span_has_break(buf_span(&out)));
		must(!scram_client_verify(c, text));
	}
	buf_free(&out);
	scram_client_free(&c);
}

/* The first byte chooses the mechanism. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const names[] = { "EXTERNAL", "SCRAM-SHA-256-PLUS",
		"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1",
		"OAUTHBEARER", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN" };
	struct span rest = span_of((const char *)p, n), line;
	struct span name = span_str(names[n > 0 ? p[0] % 10U : 0]);
	struct sasl_client_setup setup = { .offered = &name,
		.count = 1,
		.secured = true,
		.certificate = true,
		.binding = SPAN("b"),
		.allowed = any,
		.user = SPAN("u,="),
		.password = SPAN("p") };
	struct sasl_client *c = sasl_client_new(&setup);
	struct buf out = BUF_EMPTY, bytes = BUF_EMPTY;

	must(c != NULL);
	rest = span_skip(rest, 1);
	scram(rest);
	(void)sasl_client_first(c, &out);
	while (span_line(&rest, &line) && sasl_client_answer(c, line, &out))
		must(base64_decode(&bytes, buf_span(&out)));
	buf_wipe(&out);
	buf_wipe(&bytes);
	sasl_client_free(&c);
	return 0;
}
