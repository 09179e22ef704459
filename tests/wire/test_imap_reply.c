/* test_imap_reply.c - wire/imap_reply.h */

#include "wire/imap_reply.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct row {
	const char *in;
	enum imap_reply_result result;
	size_t behind; /* octets that belong to the next */
	const char *tag;
	enum imap_reply_status status;
	const char *word, *code, *arguments, *text;
} rows[] = {
	{ "* OK [CAPABILITY IMAP4rev1 ID] hi\r\n", IMAP_REPLY_DONE, 0, "",
	    IMAP_REPLY_OK, "", "CAPABILITY", "IMAP4rev1 ID", "hi" },
	{ "* ok hi\nx", IMAP_REPLY_DONE, 1, "", IMAP_REPLY_OK, "", "", "",
	    "hi" },
	{ "* OK\r\n", IMAP_REPLY_DONE, 0, "", IMAP_REPLY_OK, "", "", "", "" },
	{ "* OK [X\r\n", IMAP_REPLY_DONE, 0, "", IMAP_REPLY_OK, "", "", "",
	    "[X" },
	{ "* OK text {3}\r\nabc", IMAP_REPLY_DONE, 3, "", IMAP_REPLY_OK, "", "",
	    "", "text {3}" },
	{ "P3 NO [AUTHENTICATIONFAILED] no\r\n", IMAP_REPLY_DONE, 0, "P3",
	    IMAP_REPLY_NO, "", "AUTHENTICATIONFAILED", "", "no" },
	{ "P3 BAD no\r\n", IMAP_REPLY_DONE, 0, "P3", IMAP_REPLY_REFUSED, "", "",
	    "", "no" },
	{ "* PREAUTH x\r\n", IMAP_REPLY_DONE, 0, "", IMAP_REPLY_PREAUTH, "", "",
	    "", "x" },
	{ "* BYE x\r\n", IMAP_REPLY_DONE, 0, "", IMAP_REPLY_BYE, "", "", "",
	    "x" },
	{ "+ abc=\r\n", IMAP_REPLY_DONE, 0, "", IMAP_REPLY_GO_ON, "", "", "",
	    "abc=" },
	{ "+\r\n", IMAP_REPLY_DONE, 0, "", IMAP_REPLY_GO_ON, "", "", "", "" },
	{ "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", IMAP_REPLY_DONE, 0, "",
	    IMAP_REPLY_DATA, "CAPABILITY", "", "", "IMAP4rev1 AUTH=PLAIN" },
	{ "* ID (\"name\" {3}\r\nx\ny)\r\nP1", IMAP_REPLY_DONE, 2, "",
	    IMAP_REPLY_DATA, "ID", "", "", "(\"name\" {3}" },
	{ "* ID ({1}\r\nx {2}\r\nyz)\r\n", IMAP_REPLY_DONE, 0, "",
	    IMAP_REPLY_DATA, "ID", "", "", "({1}" },
	{ .in = "* ID ({1}\r\nx", .result = IMAP_REPLY_MORE },
	{ .in = "* OK", .result = IMAP_REPLY_MORE },
	{ .in = "", .result = IMAP_REPLY_MORE },
	{ .in = "* ID {9000}\r\n", .result = IMAP_REPLY_BAD },
	{ .in = "* ID {8193}\r\n", .result = IMAP_REPLY_BAD },
	{ .in = "\r\n", .result = IMAP_REPLY_BAD },
	{ .in = "*\r\n", .result = IMAP_REPLY_BAD },
	{ .in = " OK\r\n", .result = IMAP_REPLY_BAD },
	{ .in = "+OK POP3 ready\r\n", .result = IMAP_REPLY_BAD },
	{ .in = "220 smtp.test ESMTP\r\n", .result = IMAP_REPLY_BAD },
};

START_TEST(parse)
{
	const struct row *r = &rows[_i];
	struct span in = span_str(r->in);
	struct imap_reply got;

	ck_assert_msg(imap_reply_parse(in, &got) == r->result, "%s", r->in);
	if (r->result != IMAP_REPLY_DONE)
		return;
	ck_assert_msg(got.used == in.n - r->behind &&
		span_is(got.tag, r->tag) && got.status == r->status &&
		span_is(got.word, r->word) && span_is(got.code, r->code) &&
		span_is(got.arguments, r->arguments) &&
		span_is(got.text, r->text),
	    "%s: \"%.*s\"", r->in, (int)got.text.n, got.text.p);
	for (size_t i = 0; i < got.used; i++)
		ck_assert_msg(
		    imap_reply_parse(span_head(in, i), &got) == IMAP_REPLY_MORE,
		    "%s, %zu", r->in, i);
}
END_TEST

START_TEST(too_long)
{
	static const char *const begins[] = { "* OK ", "* ID ({3}\r\nabc" };
	struct buf b = BUF_EMPTY;
	struct imap_reply got;

	buf_add_str(&b, begins[_i]);
	while (b.n < IMAP_REPLY_MAX) {
		ck_assert(
		    imap_reply_parse(buf_span(&b), &got) == IMAP_REPLY_MORE);
		buf_add_byte(&b, 'x');
	}
	buf_add_byte(&b, 'x');
	ck_assert(imap_reply_parse(buf_span(&b), &got) == IMAP_REPLY_BAD);
	buf_free(&b);
	ck_assert(
	    imap_reply_parse(span_of("* OK \0", 6), &got) == IMAP_REPLY_BAD);
}
END_TEST

START_TEST(offers)
{
	struct imap_offers o;
	struct buf many = BUF_EMPTY;

	imap_offers_parse(
	    SPAN("IMAP4rev1 starttls AUTH=PLAIN auth=LOGIN SASL-IR ID IDLE"),
	    &o);
	ck_assert_uint_eq(
	    o.has, IMAP_OFFERS_STARTTLS | IMAP_OFFERS_SASL_IR | IMAP_OFFERS_ID);
	ck_assert_uint_eq(o.mechanism_count, 2);
	ck_assert(span_is(o.mechanisms[1], "LOGIN"));
	imap_offers_parse(SPAN("LOGINDISABLED IDLE X"), &o);
	ck_assert_uint_eq(o.has, IMAP_OFFERS_NO_LOGIN);
	for (int i = 0; i < 50; i++)
		buf_add_str(&many, "AUTH=X ");
	imap_offers_parse(buf_span(&many), &o);
	ck_assert_uint_eq(o.mechanism_count, IMAP_MECHANISMS_MAX);
	buf_free(&many);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, too_long, 0, 2);
	tcase_add_test(t, offers);
}

int
main(void)
{
	return unit_main("wire/imap_reply", fill);
}
