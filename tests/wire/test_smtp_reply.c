/* test_smtp_reply.c - wire/smtp_reply.h */

#include "wire/smtp_reply.h"

#include "tests/unit.h"

/* told: "code status lines text", or "bad", or "more". rest: bytes behind. */
static const struct row {
	const char *in, *told;
	size_t rest;
} rows[] = {
	{ "250 Ok\r\n", "250  1 Ok", 0 },
	{ "250 2.1.0 Ok\r\n", "250 2.1.0 1 Ok", 0 },
	{ "250\r\n", "250  1 ", 0 },
	{ "250 \r\n", "250  1 ", 0 },
	{ "250-a\r\n250-b\r\n250 c\r\n", "250  3 a\nb\nc", 0 },
	{ "250-\r\n250 c\r\n", "250  2 \nc", 0 },
	{ "550-5.1.1 no\r\n550 5.1.1 such user\r\n354 x\r\n",
	    "550 5.1.1 2 no\nsuch user", 7 },
	{ "550 5.1.1\r\n", "550 5.1.1 1 ", 0 },
	{ "550 4.1.1 other class\r\n", "550  1 4.1.1 other class", 0 },
	{ "550 5.1.1000 x\r\n", "550  1 5.1.1000 x", 0 },
	{ "550 5.1 x\r\n", "550  1 5.1 x", 0 },
	{ "550 5.1.1x\r\n", "550  1 5.1.1x", 0 },
	{ "550 5.123.456 x\r\n", "550 5.123.456 1 x", 0 },
	{ "354 3.0.0 go\r\n", "354  1 3.0.0 go", 0 },
	{ "220 a\n", "220  1 a", 0 },
	{ "250-2.0.0 a\r\n451 b\r\n", "451  2 a\nb", 0 },
	{ "250 a\x1b[2J\r\n", "250  1 a?[2J", 0 },
	{ "250 a", "more", 0 },
	{ "250-a\r\n", "more", 0 },
	{ "", "more", 0 },
	{ "25 x\r\n", "bad", 0 },
	{ "\r\n", "bad", 0 },
	{ "HTTP/1.1 400\r\n", "bad", 0 },
	{ "199 x\r\n", "bad", 0 },
	{ "600 x\r\n", "bad", 0 },
	{ "250x\r\n", "bad", 0 },
	{ "250-a\r\nnothing\r\n", "bad", 0 },
	{ "+50 a\r\n", "bad", 0 },
};

static void
tell(struct buf *told, struct smtp_reply_reader *r, enum smtp_reply_result got)
{
	const struct smtp_reply *reply = smtp_reply(r);

	if (got == SMTP_REPLY_BAD) {
		ck_assert(*smtp_reply_error(r) != '\0');
		buf_add_str(told, "bad");
	} else if (got == SMTP_REPLY_MORE) {
		buf_add_str(told, "more");
	} else {
		buf_printf(told, "%d %s %u ", reply->code, reply->status,
		    reply->lines);
		buf_add_span(told, buf_span(&reply->text));
	}
}

START_TEST(read_cut)
{
	struct span in = span_str(rows[_i].in);

	for (size_t cut = 0; cut <= in.n; cut++) {
		struct smtp_reply_reader *r = smtp_reply_new();
		struct buf told = BUF_EMPTY;
		size_t used, more = 0;
		enum smtp_reply_result got;

		got = smtp_reply_feed(r, in.p, cut, &used);
		if (got == SMTP_REPLY_MORE) {
			ck_assert_uint_eq(used, cut);
			got = smtp_reply_feed(r, in.p + cut, in.n - cut, &more);
		}
		tell(&told, r, got);
		ck_assert_msg(span_is(buf_span(&told), rows[_i].told),
		    "\"%s\" cut at %zu: told %s", rows[_i].in, cut,
		    buf_str(&told));
		if (got == SMTP_REPLY_DONE)
			ck_assert_uint_eq(in.n - used - more, rows[_i].rest);
		buf_free(&told);
		smtp_reply_free(&r);
	}
}
END_TEST

START_TEST(many_in_one_read)
{
	struct span in = SPAN("250 a\r\n250-b\r\n250 c\r\n354 d\r\n");
	static const char *const texts[] = { "a", "b\nc", "d" };
	struct smtp_reply_reader *r = smtp_reply_new();
	size_t used;

	ck_assert(smtp_reply_idle(r));
	for (int i = 0; i < UNIT_COUNT(texts); i++) {
		ck_assert_int_eq(
		    smtp_reply_feed(r, in.p, in.n, &used), SMTP_REPLY_DONE);
		ck_assert(span_is(buf_span(&smtp_reply(r)->text), texts[i]));
		in = span_skip(in, used);
		ck_assert(smtp_reply_idle(r));
	}
	ck_assert_uint_eq(in.n, 0);
	smtp_reply_feed(r, "2", 1, &used);
	ck_assert(!smtp_reply_idle(r));
	smtp_reply_reset(r);
	ck_assert(smtp_reply_idle(r));
	smtp_reply_free(&r);
}
END_TEST

START_TEST(raw_keeps_status)
{
	struct smtp_reply_reader *r = smtp_reply_new();
	struct span in = SPAN("250-2.1.0 a\r\n250 2.1.0 b\r\n");
	size_t used;

	smtp_reply_feed(r, in.p, in.n, &used);
	ck_assert(span_is(buf_span(&smtp_reply(r)->raw), "2.1.0 a\n2.1.0 b"));
	smtp_reply_free(&r);
}
END_TEST

/* 128 lines and 64 KiB are taken, one more is not; memory stays bounded. */
START_TEST(limits)
{
	struct smtp_reply_reader *r = smtp_reply_new();
	struct buf in = BUF_EMPTY;
	size_t used;

	for (int i = 1; i < SMTP_REPLY_LINES_MAX; i++)
		buf_add_str(&in, "250-x\r\n");
	ck_assert_int_eq(
	    smtp_reply_feed(r, in.p, in.n, &used), SMTP_REPLY_MORE);
	ck_assert_int_eq(
	    smtp_reply_feed(r, "250 x\r\n", 7, &used), SMTP_REPLY_DONE);
	ck_assert_int_eq(
	    smtp_reply_feed(r, in.p, in.n, &used), SMTP_REPLY_MORE);
	ck_assert_int_eq(
	    smtp_reply_feed(r, "250-x\r\n", 7, &used), SMTP_REPLY_MORE);
	ck_assert_int_eq(
	    smtp_reply_feed(r, "250 x\r\n", 7, &used), SMTP_REPLY_BAD);
	ck_assert_int_eq(
	    smtp_reply_feed(r, "250 x\r\n", 7, &used), SMTP_REPLY_BAD);
	smtp_reply_reset(r);
	buf_clear(&in);
	buf_add_str(&in, "250 ");
	while (in.n < SMTP_REPLY_BYTES_MAX - 2)
		buf_add_byte(&in, 'a');
	ck_assert_int_eq(
	    smtp_reply_feed(r, in.p, in.n, &used), SMTP_REPLY_MORE);
	ck_assert_int_eq(smtp_reply_feed(r, "\r\n", 2, &used), SMTP_REPLY_DONE);
	buf_add_byte(&in, 'a');
	ck_assert_int_eq(
	    smtp_reply_feed(r, in.p, in.n, &used), SMTP_REPLY_MORE);
	ck_assert_int_eq(smtp_reply_feed(r, "\r\n", 2, &used), SMTP_REPLY_BAD);
	buf_free(&in);
	smtp_reply_free(&r);
}
END_TEST

static const struct {
	const char *in, *ignore;
	unsigned has;
	uint64_t size;
	const char *mechanisms;
} hellos[] = {
	{ "250 mx.example\r\n", "", 0, 0, "" },
	{ "250-mx.example greets\r\n250-PIPELINING\r\n250-size 1000\r\n"
	  "250-8BITMIME\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n",
	    "",
	    SMTP_CAP_PIPELINING | SMTP_CAP_SIZE | SMTP_CAP_8BITMIME |
		SMTP_CAP_SMTPUTF8 | SMTP_CAP_CHUNKING,
	    1000, "" },
	{ "250-mx.example\r\n250-AUTH PLAIN LOGIN\r\n250 AUTH=PLAIN\r\n", "",
	    SMTP_CAP_AUTH, 0, "PLAIN LOGIN PLAIN " },
	{ "250-mx.example\r\n250-SIZE\r\n250 SIZE x\r\n", "", SMTP_CAP_SIZE, 0,
	    "" },
	{ "250-mx.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 DSN\r\n",
	    "chunking, Dsn", SMTP_CAP_PIPELINING, 0, "" },
	{ "250-mx.example\r\n250-PIPELININGS\r\n250 STARTTLS now\r\n", "",
	    SMTP_CAP_STARTTLS, 0, "" },
	{ "250-PIPELINING\r\n250 DSN\r\n", "", SMTP_CAP_DSN, 0, "" },
};

START_TEST(hello)
{
	struct smtp_reply_reader *r = smtp_reply_new();
	struct buf mechanisms = BUF_EMPTY;
	struct smtp_capabilities c;
	size_t used;

	ck_assert_int_eq(
	    smtp_reply_feed(r, hellos[_i].in, span_str(hellos[_i].in).n, &used),
	    SMTP_REPLY_DONE);
	smtp_capabilities_parse(smtp_reply(r), span_str(hellos[_i].ignore), &c);
	ck_assert_uint_eq(c.has, hellos[_i].has);
	ck_assert_uint_eq(c.size, hellos[_i].size);
	for (size_t i = 0; i < c.mechanism_count; i++) {
		buf_add_span(&mechanisms, c.mechanisms[i]);
		buf_add_byte(&mechanisms, ' ');
	}
	ck_assert_str_eq(buf_str(&mechanisms), hellos[_i].mechanisms);
	ck_assert(smtp_capabilities_offer(&c, "login") == (_i == 2));
	if (_i == 1)
		ck_assert(span_is(c.name, "mx.example"));
	buf_free(&mechanisms);
	smtp_reply_free(&r);
}
END_TEST

START_TEST(hello_limits)
{
	struct smtp_reply_reader *r = smtp_reply_new();
	struct smtp_capabilities c;
	struct span in = SPAN("250-x\r\n250 LIMITS RCPTMAX=20 MAILMAX=0 "
			      "MAILMAX=1000000 X=1 MAILMAX=5\r\n");
	struct buf many = BUF_EMPTY;
	size_t used;

	smtp_reply_feed(r, in.p, in.n, &used);
	smtp_capabilities_parse(smtp_reply(r), SPAN(""), &c);
	ck_assert_uint_eq(c.rcpt_max, 20);
	ck_assert_uint_eq(c.mail_max, 5);
	buf_add_str(&many, "250-x\r\n250 AUTH");
	for (int i = 0; i < 2 * SMTP_MECHANISMS_MAX; i++)
		buf_printf(&many, " M%d", i);
	buf_add_str(&many, "\r\n");
	smtp_reply_feed(r, many.p, many.n, &used);
	smtp_capabilities_parse(smtp_reply(r), SPAN(""), &c);
	ck_assert_uint_eq(c.mechanism_count, SMTP_MECHANISMS_MAX);
	buf_free(&many);
	smtp_reply_free(&r);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, read_cut, 0, UNIT_COUNT(rows));
	tcase_add_test(t, many_in_one_read);
	tcase_add_test(t, raw_keeps_status);
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, hello, 0, UNIT_COUNT(hellos));
	tcase_add_test(t, hello_limits);
}

int
main(void)
{
	return unit_main("wire/smtp_reply", fill);
}
