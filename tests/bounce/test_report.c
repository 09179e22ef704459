/* test_report.c - bounce/report.h */

#include "bounce/report.h"

#include "base/arena.h"
#include "bounce/conf.h"
#include "calls/bounce_call.h"
#include "calls/queue_call.h"
#include "message/header.h"
#include "message/mime.h"
#include "tests/unit.h"

static const struct bounce_conf conf = { .myhostname = "mx.example",
	.mail_name = "Facteur",
	.bounce_size_limit = 50000 };

static const struct bounce_rcpt rcpts[] = {
	{ .address = SPAN_INIT("u@x.example"),
	    .orig = SPAN_INIT("list@mx.example"),
	    .orcpt = SPAN_INIT("rfc822;list@mx.example"),
	    .status = SPAN_INIT("5.1.1"),
	    .reason =
		SPAN_INIT("host x[192.0.2.1] said: 550 no\r\nInjected: 1") },
};

static void
compose(struct buf *out, struct span sender, bool whole)
{
	struct bounce_request r = { .kind = BOUNCE_FAILED,
		.qid = SPAN("ABCDEF"),
		.sender = sender,
		.envid = SPAN("e1"),
		.arrival_us = 1795000000000000,
		.rcpt_count = 1,
		.rcpts = rcpts };
	struct report_original original = {
		SPAN("Subject: x\nBcc: secret\n\nbody\n"), whole
	};
	struct report made = { .content = BUF_EMPTY };

	report_compose(&made, &conf, &r, &original, 1795000001);
	ck_assert(span_starts(buf_span(&made.message_id), "<"));
	buf_free(&made.message_id);
	*out = made.content;
}

static void
has(const struct buf *b, const char *text)
{
	ck_assert_msg(
	    span_search(buf_span(b), span_str(text)) < b->n, "no \"%s\"", text);
}

START_TEST(fields)
{
	struct buf b = BUF_EMPTY;
	struct header_field f;

	compose(&b, SPAN("s@y.example"), true);
	ck_assert(header_find(buf_span(&b), "Auto-Submitted", &f));
	has(&b, "\nTo: s@y.example\n");
	has(&b, "multipart/report");
	has(&b, "\nReporting-MTA: dns; mx.example\n");
	has(&b, "\nOriginal-Envelope-Id: e1\n");
	has(&b, "\nOriginal-Recipient: rfc822;list@mx.example\n");
	has(&b, "\nFinal-Recipient: rfc822; u@x.example\n");
	has(&b, "\nAction: failed\n");
	has(&b, "\nStatus: 5.1.1\n");
	has(&b, "\nDiagnostic-Code: smtp; host x[192.0.2.1] said: 550 no??");
	has(&b, "message/rfc822");
	has(&b, "\nbody\n");
	/* what the remote said makes no field of its own */
	ck_assert_uint_eq(span_search(buf_span(&b), SPAN("\nInjected:")), b.n);
	buf_free(&b);
}
END_TEST

START_TEST(header_only)
{
	struct buf b = BUF_EMPTY;

	compose(&b, SPAN("s@y.example"), false);
	has(&b, "text/rfc822-headers");
	buf_free(&b);
}
END_TEST

/* A sender that is hostile to a header. */
START_TEST(hostile_sender)
{
	struct buf b = BUF_EMPTY;

	compose(&b, SPAN("a\r\nX-Evil: 1@y.example"), true);
	ck_assert_uint_eq(span_search(buf_span(&b), SPAN("\nX-Evil:")), b.n);
	buf_free(&b);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, fields);
	tcase_add_test(t, header_only);
	tcase_add_test(t, hostile_sender);
}

int
main(void)
{
	return unit_main("bounce/report", fill);
}
