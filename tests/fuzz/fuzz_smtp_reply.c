/* fuzz_smtp_reply.c - replies of servers, wire/smtp_reply.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "wire/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* All replies of in, each read told in pieces of step bytes. */
static void
read_all(struct span in, size_t step, struct buf *told)
{
	struct smtp_reply_reader *r = smtp_reply_new();
	enum smtp_reply_result got = SMTP_REPLY_MORE;
	struct smtp_capabilities c;

	while (in.n > 0 && got != SMTP_REPLY_BAD) {
		struct span piece = span_head(in, step);
		size_t used;

		got = smtp_reply_feed(r, piece.p, piece.n, &used);
		in = span_skip(in, used);
		if (got != SMTP_REPLY_DONE)
			continue;
		must(smtp_reply(r)->code >= 200 && smtp_reply(r)->code <= 599);
		must(smtp_reply(r)->text.n <= SMTP_REPLY_BYTES_MAX);
		buf_printf(
		    told, "%d %s ", smtp_reply(r)->code, smtp_reply(r)->status);
		buf_add_span(told, buf_span(&smtp_reply(r)->text));
		smtp_capabilities_parse(smtp_reply(r), SPAN("DSN,auth"), &c);
		must((c.has & (SMTP_CAP_DSN | SMTP_CAP_AUTH)) == 0);
		smtp_capabilities_parse(smtp_reply(r), SPAN(""), &c);
		must(c.mechanism_count <= SMTP_MECHANISMS_MAX);
	}
	buf_printf(told, "%d", (int)got);
	smtp_reply_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct buf whole = BUF_EMPTY, bytes = BUF_EMPTY;

	read_all(in, n, &whole);
	read_all(in, 1, &bytes);
	must(span_eq(buf_span(&whole), buf_span(&bytes)));
	buf_free(&whole);
	buf_free(&bytes);
	return 0;
}
