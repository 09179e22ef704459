/* test_smtp_dsn.c - wire/smtp_dsn.h and wire/smtp_xforward.h */

#include "wire/smtp_dsn.h"

#include "base/buf.h"
#include "base/mem.h"
#include "tests/unit.h"
#include "wire/smtp_xforward.h"

static const struct {
	unsigned notify;
	const char *orcpt;
	bool utf8;
	const char *want;
} rows[] = {
	{ 0, "", false, "" },
	{ 1, "", false, " NOTIFY=NEVER" },
	{ 14, "rfc822;a+b@c", false,
	    " NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb@c" },
	{ 0, "no type", false, "" },
	{ 8, "utf-8;\xc3\xa9@c", true, " NOTIFY=DELAY ORCPT=utf-8;\xc3\xa9@c" },
	{ 8, "UTF-8;\xc3\xa9@c", false, " NOTIFY=DELAY ORCPT=UTF-8;\\x{E9}@c" },
};

START_TEST(params)
{
	struct buf out = BUF_EMPTY;

	smtp_notify_put(&out, rows[_i].notify);
	smtp_orcpt_put(&out, span_str(rows[_i].orcpt), rows[_i].utf8);
	ck_assert_str_eq(buf_str(&out), rows[_i].want);
	buf_free(&out);
}
END_TEST

/* No line is longer than 512 octets; all that was wanted is said in the end. */
START_TEST(xforward)
{
	char *name = mem_new(2000), *helo = mem_new(2000);
	struct smtp_xforward_values v = { .name = span_of(name, 1999),
		.addr = SPAN("2001:db8::1"),
		.helo = span_of(helo, 1999) };
	unsigned left = SMTP_XFORWARD_NAME | SMTP_XFORWARD_ADDR |
	    SMTP_XFORWARD_HELO | SMTP_XFORWARD_PROTO;
	struct buf line = BUF_EMPTY;
	int lines = 0;

	memset(name, '+', 1999);
	memset(helo, '=', 1999);
	while (left != 0) {
		buf_clear(&line);
		smtp_xforward_line(&line, &left, &v);
		ck_assert_uint_le(line.n, 512);
		ck_assert(span_ends(buf_span(&line), "\r\n"));
		ck_assert_int_lt(lines++, 4);
	}
	ck_assert_int_eq(lines, 2);
	left = SMTP_XFORWARD_ADDR | SMTP_XFORWARD_PROTO | SMTP_XFORWARD_SOURCE;
	v.source = SPAN("REMOTE");
	buf_clear(&line);
	smtp_xforward_line(&line, &left, &v);
	ck_assert_str_eq(buf_str(&line),
	    "XFORWARD ADDR=IPv6:2001:db8::1 PROTO=[UNAVAILABLE] "
	    "SOURCE=REMOTE\r\n");
	buf_free(&line);
	free(name);
	free(helo);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, params, 0, UNIT_COUNT(rows));
	tcase_add_test(t, xforward);
}

int
main(void)
{
	return unit_main("wire/smtp_dsn", fill);
}
