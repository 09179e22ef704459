/* test_pop3_reply.c - wire/pop3_reply.h */

#include "wire/pop3_reply.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct row {
	const char *in;
	bool many;
	enum pop3_reply_result result;
	size_t behind;
	enum pop3_reply_status status;
	const char *code, *text, *lines;
} rows[] = {
	{ "+OK ready\r\n", false, POP3_REPLY_DONE, 0, POP3_REPLY_OK, "",
	    "ready", "" },
	{ "+OK\nx", false, POP3_REPLY_DONE, 1, POP3_REPLY_OK, "", "", "" },
	{ "-ERR [SYS/TEMP] later\r\n", true, POP3_REPLY_DONE, 0, POP3_REPLY_ERR,
	    "SYS/TEMP", "later", "" },
	{ "-err [AUTH\r\n", false, POP3_REPLY_DONE, 0, POP3_REPLY_ERR, "",
	    "[AUTH", "" },
	{ "+ abc=\r\n", false, POP3_REPLY_DONE, 0, POP3_REPLY_GO_ON, "",
	    "abc=", "" },
	{ "+OK\r\nSTLS\r\nSASL PLAIN\r\n.\r\nx", true, POP3_REPLY_DONE, 1,
	    POP3_REPLY_OK, "", "", "STLS\r\nSASL PLAIN\r\n" },
	{ "+OK\r\n.\r\n", true, POP3_REPLY_DONE, 0, POP3_REPLY_OK, "", "", "" },
	{ .in = "+OK\r\nSTLS\r\n", .many = true, .result = POP3_REPLY_MORE },
	{ .in = "+OK", .many = false, .result = POP3_REPLY_MORE },
	{ .in = "", .many = false, .result = POP3_REPLY_MORE },
	{ .in = "+OKAY\r\n", .many = false, .result = POP3_REPLY_BAD },
	{ .in = "* OK IMAP\r\n", .many = false, .result = POP3_REPLY_BAD },
	{ .in = "\r\n", .many = false, .result = POP3_REPLY_BAD },
};

START_TEST(parse)
{
	const struct row *r = &rows[_i];
	struct span in = span_str(r->in);
	struct pop3_reply got;

	ck_assert_msg(
	    pop3_reply_parse(in, r->many, &got) == r->result, "%s", r->in);
	if (r->result != POP3_REPLY_DONE)
		return;
	ck_assert_msg(got.used == in.n - r->behind && got.status == r->status &&
		span_is(got.code, r->code) && span_is(got.text, r->text) &&
		span_is(got.lines, r->lines),
	    "%s: %zu \"%.*s\"", r->in, got.used, (int)got.lines.n, got.lines.p);
	for (size_t i = 0; i < got.used; i++)
		ck_assert_msg(pop3_reply_parse(span_head(in, i), r->many,
				  &got) == POP3_REPLY_MORE,
		    "%s, %zu", r->in, i);
}
END_TEST

START_TEST(too_long)
{
	struct buf b = BUF_EMPTY;
	struct pop3_reply got;

	buf_add_str(&b, _i == 0 ? "+OK " : "+OK\r\n");
	while (b.n < POP3_REPLY_MAX)
		buf_add_byte(&b, _i == 0 || b.n % 50 != 0 ? 'x' : '\n');
	ck_assert(pop3_reply_parse(span_head(buf_span(&b), b.n - 1), _i == 1,
		      &got) == POP3_REPLY_MORE);
	ck_assert(
	    pop3_reply_parse(buf_span(&b), _i == 1, &got) == POP3_REPLY_BAD);
	buf_free(&b);
	ck_assert(pop3_reply_parse(span_of("+OK \0\r\n", 7), false, &got) ==
	    POP3_REPLY_BAD);
}
END_TEST

START_TEST(offers)
{
	struct pop3_offers o;

	pop3_offers_parse(SPAN("TOP\r\nsasl PLAIN LOGIN\r\nSTLS\r\n \r\nUSER "
			       "x\r\nXCLIENT\r\n"),
	    &o);
	ck_assert_uint_eq(
	    o.has, POP3_OFFERS_STLS | POP3_OFFERS_USER | POP3_OFFERS_XCLIENT);
	ck_assert_uint_eq(o.mechanism_count, 2);
	ck_assert(span_is(o.mechanisms[1], "LOGIN"));
	pop3_offers_parse(SPAN("SASL 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 "
			       "18\r\n"),
	    &o);
	ck_assert_uint_eq(o.mechanism_count, POP3_MECHANISMS_MAX);
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
	return unit_main("wire/pop3_reply", fill);
}
