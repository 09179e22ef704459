/* test_managesieve_reply.c - wire/managesieve_reply.h */

#include "wire/managesieve_reply.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct row {
	struct span in;
	enum managesieve_reply_result result;
	size_t behind;
	enum managesieve_reply_status status;
	const char *name, *value, *code, *text;
} rows[] = {
	{ SPAN_INIT("\"SASL\" \"PLAIN LOGIN\"\r\n"), MANAGESIEVE_REPLY_DONE, 0,
	    MANAGESIEVE_REPLY_DATA, "SASL", "PLAIN LOGIN", "", "" },
	{ SPAN_INIT("\"STARTTLS\"\r\nx"), MANAGESIEVE_REPLY_DONE, 1,
	    MANAGESIEVE_REPLY_DATA, "STARTTLS", "", "", "" },
	{ SPAN_INIT("\"A\" {3}\r\nb\r\n \"c\"\n"), MANAGESIEVE_REPLY_DONE, 0,
	    MANAGESIEVE_REPLY_DATA, "A", "b\r\n", "", "" },
	{ SPAN_INIT("{4+}\r\nabc= \r\n"), MANAGESIEVE_REPLY_DONE, 0,
	    MANAGESIEVE_REPLY_DATA, "abc=", "", "", "" },
	{ SPAN_INIT("\"a\\\"b\"\r\n"), MANAGESIEVE_REPLY_DONE, 0,
	    MANAGESIEVE_REPLY_DATA, "a\\\"b", "", "", "" },
	{ SPAN_INIT("OK\r\nx"), MANAGESIEVE_REPLY_DONE, 1, MANAGESIEVE_REPLY_OK,
	    "", "", "", "" },
	{ SPAN_INIT("ok \"ready\"\n"), MANAGESIEVE_REPLY_DONE, 0,
	    MANAGESIEVE_REPLY_OK, "", "", "", "ready" },
	{ SPAN_INIT("NO (TRYLATER) {5}\r\nlater\r\n"), MANAGESIEVE_REPLY_DONE,
	    0, MANAGESIEVE_REPLY_NO, "", "", "TRYLATER", "later" },
	{ SPAN_INIT(
	      "BYE (REFERRAL \"sieve://a)\" (1 (x)) {2}\r\n))) \"x\"\r\n"),
	    MANAGESIEVE_REPLY_DONE, 0, MANAGESIEVE_REPLY_BYE, "", "",
	    "REFERRAL \"sieve://a)\" (1 (x)) {2}\r\n))", "x" },
	{ SPAN_INIT("OK (SASL \"cnN\")\r\n"), MANAGESIEVE_REPLY_DONE, 0,
	    MANAGESIEVE_REPLY_OK, "", "", "SASL \"cnN\"", "" },
	{ .in = SPAN_INIT(""), .result = MANAGESIEVE_REPLY_MORE },
	{ .in = SPAN_INIT("OK \"x\" "), .result = MANAGESIEVE_REPLY_MORE },
	{ .in = SPAN_INIT("OKAY\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("+OK ready\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("* OK IMAP\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("OK ready\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("OK \"x\" \"y\"\r\n"),
	    .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("\"a\rb\"\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("\"a\0b\"\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("{2}\r\n\0x\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("{99999}\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("{-1}\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("NO (A\r\n)\r\n"), .result = MANAGESIEVE_REPLY_BAD },
	{ .in = SPAN_INIT("\"a\" b\r\n"), .result = MANAGESIEVE_REPLY_BAD },
};

START_TEST(parse)
{
	const struct row *r = &rows[_i];
	struct managesieve_reply got;

	ck_assert_msg(
	    managesieve_reply_parse(r->in, &got) == r->result, "%s", r->in.p);
	if (r->result != MANAGESIEVE_REPLY_DONE)
		return;
	ck_assert_msg(got.used == r->in.n - r->behind &&
		got.status == r->status && span_is(got.name, r->name) &&
		span_is(got.value, r->value) && span_is(got.code, r->code) &&
		span_is(got.text, r->text),
	    "%s: %zu", r->in.p, got.used);
	for (size_t i = 0; i < got.used; i++)
		ck_assert_msg(managesieve_reply_parse(span_head(r->in, i),
				  &got) == MANAGESIEVE_REPLY_MORE,
		    "%s, %zu", r->in.p, i);
}
END_TEST

static const char *const endless[] = { "OK \"", "\"SASL\" \"", "NO (",
	"OK {8000}\r\n" };

START_TEST(too_long)
{
	struct buf b = BUF_EMPTY;
	struct managesieve_reply got;

	buf_add_str(&b, endless[_i]);
	while (b.n < MANAGESIEVE_REPLY_MAX)
		buf_add_byte(&b, 'x');
	if (_i < 3)
		ck_assert(
		    managesieve_reply_parse(span_head(buf_span(&b), b.n - 1),
			&got) == MANAGESIEVE_REPLY_MORE);
	ck_assert(managesieve_reply_parse(buf_span(&b), &got) ==
	    MANAGESIEVE_REPLY_BAD);
	buf_free(&b);
}
END_TEST

START_TEST(mechanisms)
{
	struct span out[MANAGESIEVE_MECHANISMS_MAX];
	struct buf many = BUF_EMPTY;

	ck_assert_uint_eq(
	    managesieve_mechanisms(SPAN(" PLAIN  LOGIN "), out), 2);
	ck_assert(span_is(out[0], "PLAIN") && span_is(out[1], "LOGIN"));
	ck_assert_uint_eq(managesieve_mechanisms(SPAN(""), out), 0);
	for (int i = 0; i < 50; i++)
		buf_add_str(&many, "X ");
	ck_assert_uint_eq(managesieve_mechanisms(buf_span(&many), out),
	    MANAGESIEVE_MECHANISMS_MAX);
	buf_free(&many);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, too_long, 0, UNIT_COUNT(endless));
	tcase_add_test(t, mechanisms);
}

int
main(void)
{
	return unit_main("wire/managesieve_reply", fill);
}
