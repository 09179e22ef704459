/* test_report.c - bounce/report.h */

#include "bounce/report.h"

#include <stdio.h>

#include "base/arena.h"
#include "bounce/conf.h"
#include "bounce/status.h"
#include "bounce/words.h"
#include "calls/bounce_call.h"
#include "calls/queue_call.h"
#include "config/param.h"
#include "message/header.h"
#include "message/mime.h"
#include "tests/unit.h"

static const struct bounce_conf conf = { .myhostname = "mx.example",
	.myorigin = "example",
	.bounce_language = "en, fr",
	.bounce_template_file = "",
	.mail_name = "Facteur",
	.bounce_size_limit = 50000 };

static const struct bounce_rcpt rcpts[] = {
	{ .address = SPAN_INIT("u@x.example"),
	    .orig = SPAN_INIT("list@mx.example"),
	    .orcpt = SPAN_INIT("rfc822;list@mx.example"),
	    .status = SPAN_INIT("5.1.1"),
	    .action = BOUNCE_GIVEN_UP,
	    .tried = 1795000000,
	    .reason =
		SPAN_INIT("host x[192.0.2.1] said: 550 no\r\nInjected: 1") },
};

static enum report_role role;
static struct span header;

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
	struct main_cf *m =
	    main_cf_parse(SPAN("myhostname = mx.example\n"), "main.cf", NULL);
	struct all_words *all = words_load(&conf, m);
	struct report_terms terms = { .role = role,
		.to = sender,
		.words = words_choose(all, TEMPLATE_FAILURE, header),
		.now = 1795000001 };

	report_compose(&made, &conf, &r, &original, &terms);
	words_free(&all);
	main_cf_free(&m);
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
	has(&b, "\nRemote-MTA: dns; x\n");
	has(&b, "\nDiagnostic-Code: smtp; 550 no??Injected: 1\n");
	has(&b, "\nLast-Attempt-Date: ");
	has(&b, "\nFrom: Mail Delivery System <MAILER-DAEMON@example>\n");
	has(&b, "\nThis is the mail system at host mx.example.\n");
	has(&b,
	    "\n<u@x.example> (expanded from <list@mx.example>): host "
	    "x[192.0.2.1] said: 550\n    no??");
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

/* For the postmaster: the header alone, and no words. */
START_TEST(copy)
{
	struct buf b = BUF_EMPTY;

	role = REPORT_COPY;
	compose(&b, SPAN("postmaster@y.example"), true);
	has(&b, "\nSubject: Postmaster Copy: Undelivered Mail\n");
	has(&b, "text/rfc822-headers");
	ck_assert_uint_eq(
	    span_search(buf_span(&b), SPAN("This is the mail system")), b.n);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *header, *subject;
} tongues[] = {
	{ "", "Undelivered Mail" },
	{ "Content-Language: fr\n\n", "Message non remis" },
	{ "content-language: de, FR-ca;q=0.2\n\n", "Message non remis" },
	{ "Accept-Language: fr\n\n", "Message non remis" },
	{ "Content-Language: xx\nAccept-Language: fr\n\n",
	    "Message non remis" },
	{ "Content-Language: en\nAccept-Language: fr\n\n", "Undelivered Mail" },
	{ "Content-Language: ,;,-\n\n", "Undelivered Mail" },
	{ "Content-Language: frx\n\n", "Undelivered Mail" },
};

START_TEST(language)
{
	struct buf b = BUF_EMPTY;

	header = span_str(tongues[_i].header);
	compose(&b, SPAN("s@y.example"), true);
	has(&b, tongues[_i].subject);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *reason, *host, *reply;
} reasons[] = {
	{ "host x[192.0.2.1] said: 550 no (in reply to RCPT TO command)", "x",
	    "550 no" },
	{ "host x[::1] said: 550 (in reply to me) no", "x",
	    "550 (in reply to me) no" },
	{ "host x[192.0.2.1] said: ", NULL, NULL },
	{ "host x said: 550 no", NULL, NULL },
	{ "host [x] said: 550 no", NULL, NULL },
	{ "host a b[x] said: 550 no", NULL, NULL },
	{ "connect to x[192.0.2.1]:25: Connection refused", NULL, NULL },
	{ "", NULL, NULL },
};

START_TEST(reply)
{
	struct span host, text;
	bool got = status_reply(span_str(reasons[_i].reason), &host, &text);

	ck_assert_msg(
	    got == (reasons[_i].host != NULL), "%s", reasons[_i].reason);
	if (!got)
		return;
	ck_assert(span_is(host, reasons[_i].host));
	ck_assert(span_is(text, reasons[_i].reply));
}
END_TEST

/* RFC 6533: an address that is not ASCII */
START_TEST(utf8_address)
{
	struct bounce_rcpt one = { .address = SPAN_INIT("h\xc3\xa9\\@x.fr"),
		.action = BOUNCE_WAITS };
	struct bounce_request r = { .kind = BOUNCE_DELAYED,
		.qid = SPAN("ABCDEF"),
		.sender = SPAN("s@y.example"),
		.arrival_us = 1795000000000000,
		.expires = 1795400000,
		.rcpt_count = 1,
		.rcpts = &one };
	struct buf b = BUF_EMPTY;

	status_put(&b, &conf, &r);
	has(&b, "\nFinal-Recipient: utf-8; h\\x{E9}\\x{5C}@x.fr\n");
	has(&b, "\nAction: delayed\nStatus: 4.0.0\nWill-Retry-Until: ");
	buf_free(&b);
}
END_TEST

/* Of a message that was SMTPUTF8, and was to be released later. */
START_TEST(global)
{
	struct bounce_rcpt one = { .address = SPAN_INIT("h\xc3\xa9@x.fr"),
		.orcpt = SPAN_INIT("utf-8;\xc3\xbc@x.fr"),
		.reason = SPAN_INIT("no \xc3\xa9\n\xff\xe2\x80\xae"),
		.action = BOUNCE_GIVEN_UP };
	struct bounce_request r = { .kind = BOUNCE_FAILED,
		.flags = QUEUE_SMTPUTF8,
		.qid = SPAN("ABCDEF"),
		.sender = SPAN("s@y.example"),
		.hold = SPAN("for;60"),
		.rcpt_count = 1,
		.rcpts = &one };
	struct buf b = BUF_EMPTY;

	status_put(&b, &conf, &r);
	has(&b, "\nFinal-Recipient: utf-8; h\xc3\xa9@x.fr\n");
	has(&b, "\nOriginal-Recipient: utf-8; \xc3\xbc@x.fr\n");
	has(&b, "Diagnostic-Code: X-Facteur; no \xc3\xa9???\n");
	has(&b, "\nFuture-Release-Request: for;60\n");
	buf_clear(&b);
	r.flags = 0;
	status_put(&b, &conf, &r);
	has(&b, "\nOriginal-Recipient: utf-8; \\x{FC}@x.fr\n");
	buf_free(&b);
}
END_TEST

static const struct {
	unsigned flags;
	const char *original;
	bool whole;
	const char *status_type, *back_type;
} types[] = {
	{ QUEUE_SMTPUTF8, "Subject: \xc3\xa9\n\nx\n", true,
	    "message/global-delivery-status", "message/global" },
	{ QUEUE_SMTPUTF8, "Subject: \xc3\xa9\n\nx\n", false,
	    "message/global-delivery-status", "message/global-headers" },
	{ QUEUE_SMTPUTF8, "Subject: \xe9\n\nx\n", true,
	    "message/global-delivery-status", "message/rfc822" },
	{ QUEUE_SMTPUTF8, "Subject: x\n\n\xc3\xa9\n", false,
	    "message/global-delivery-status", "text/rfc822-headers" },
	{ 0, "Subject: \xc3\xa9\n\nx\n", true, "message/delivery-status",
	    "message/rfc822" },
};

START_TEST(global_types)
{
	struct bounce_rcpt one = { .address = SPAN_INIT("h\xc3\xa9@x.fr") };
	struct bounce_request r = { .kind = BOUNCE_FAILED,
		.flags = types[_i].flags,
		.qid = SPAN("ABCDEF"),
		.sender = SPAN("s@y.example"),
		.rcpt_count = 1,
		.rcpts = &one };
	struct report_original original = { span_str(types[_i].original),
		types[_i].whole };
	struct words words = { .text = BUF_EMPTY };
	struct report_terms terms = { .role = REPORT_SENDER,
		.to = SPAN("s@y.example"),
		.words = &words,
		.now = 1795000001 };
	struct report made = { .content = BUF_EMPTY };
	char line[80];

	report_compose(&made, &conf, &r, &original, &terms);
	snprintf(
	    line, sizeof(line), "\nContent-Type: %s\n", types[_i].status_type);
	has(&made.content, line);
	snprintf(
	    line, sizeof(line), "\nContent-Type: %s\n", types[_i].back_type);
	has(&made.content, line);
	buf_free(&made.content);
	buf_free(&made.message_id);
}
END_TEST

/* enable_threaded_bounces */
START_TEST(threaded)
{
	struct bounce_conf threads = conf;
	struct bounce_request r = {
		.kind = BOUNCE_FAILED, .rcpt_count = 1, .rcpts = rcpts
	};
	struct report_original original = { _i == 2
		    ? SPAN("Message-ID: <\xc3\xa9@f>\n\nbody\n")
		    : SPAN("References: <a@b>\n <c@d>\nMessage-ID: <e@f>\n\n"
			   "body\n"),
		false };
	struct report made = { .content = BUF_EMPTY };
	struct main_cf *m =
	    main_cf_parse(SPAN("myhostname = mx.example\n"), "main.cf", NULL);
	struct all_words *all = words_load(&conf, m);
	struct report_terms terms = { .to = SPAN("a@client.example"),
		.words = words_choose(all, TEMPLATE_FAILURE, header),
		.now = 1795000001 };

	threads.enable_threaded_bounces = _i >= 1;
	report_compose(&made, &threads, &r, &original, &terms);
	if (_i == 1) {
		has(&made.content, "\nIn-Reply-To: <e@f>\n");
		has(&made.content, "\nReferences: <a@b> <c@d> <e@f>\n");
	} else {
		ck_assert(span_search(buf_span(&made.content),
			      SPAN("In-Reply-To")) == made.content.n);
	}
	words_free(&all);
	main_cf_free(&m);
	buf_free(&made.content);
	buf_free(&made.message_id);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, threaded, 0, 3);
	tcase_add_test(t, fields);
	tcase_add_test(t, header_only);
	tcase_add_test(t, hostile_sender);
	tcase_add_test(t, copy);
	tcase_add_loop_test(t, language, 0, UNIT_COUNT(tongues));
	tcase_add_loop_test(t, reply, 0, UNIT_COUNT(reasons));
	tcase_add_test(t, utf8_address);
	tcase_add_test(t, global);
	tcase_add_loop_test(t, global_types, 0, UNIT_COUNT(types));
}

int
main(void)
{
	return unit_main("bounce/report", fill);
}
