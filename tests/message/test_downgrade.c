/* test_downgrade.c - message/downgrade.h */

#include "message/downgrade.h"

#include <string.h>

#include "tests/unit.h"

#define CTE "Content-Transfer-Encoding: "

static const struct {
	const char *in, *out;
} messages[] = {
	{ "Subject: x\n\nplain\n", "Subject: x\n\nplain\n" },
	{ "Subject: x\n\nna\xc3\xafve\n", "Subject: x\n\nna\xc3\xafve\n" },
	{ CTE "8bit\n\nna\xc3\xafve = \n.\n",
	    CTE "quoted-printable\n\nna=C3=AFve =3D=20\n.\n" },
	{ "content-transfer-encoding:\n\t8BIT (as it is)\nX: y\n\na\tb\t\n",
	    "content-transfer-encoding: quoted-printable\nX: y\n\na\tb=09\n" },
	{ CTE "base64\n\nw6k=\n", CTE "base64\n\nw6k=\n" },
	{ CTE "binary\n\na\x01\n", CTE "quoted-printable\n\na=01\n" },
	{ "Content-Type: multipart/mixed; boundary=\"b b\"\n" CTE "8bit\n\n"
	  "pre\xe9\n--b b\n" CTE
	  "8bit\n\n\xe9\n--b b\n\n\xe9\n--b b--\nend\xe9\n",
	    "Content-Type: multipart/mixed; boundary=\"b b\"\n" CTE "7bit\n\n"
	    "pre\xe9\n--b b\n" CTE
	    "quoted-printable\n\n=E9\n--b b\n\n\xe9\n--b b--\nend\xe9\n" },
	/* the inner one is not closed */
	{ "Content-Type: multipart/mixed; boundary=o\n\n--o\n"
	  "Content-Type: multipart/alternative; boundary=oi\n\n--oi\n" CTE
	  "8bit\n\n\xe9\n--o\n" CTE "8bit\n\n\xe8\n--oi\n\xe7\n--o--\n",
	    "Content-Type: multipart/mixed; boundary=o\n\n--o\n"
	    "Content-Type: multipart/alternative; boundary=oi\n\n--oi\n" CTE
	    "quoted-printable\n\n=E9\n--o\n" CTE
	    "quoted-printable\n\n=E8\n--oi\n=E7\n--o--\n" },
	{ "Content-Type: message/rfc822\n" CTE "8bit\n\nSubject: in\n" CTE
	  "8bit\n\n\xe9\n",
	    "Content-Type: message/rfc822\n" CTE "7bit\n\nSubject: in\n" CTE
	    "quoted-printable\n\n=E9\n" },
	{ "Content-Type: multipart/mixed\n" CTE "8bit\n\n\xe9\n",
	    "Content-Type: multipart/mixed\n" CTE "7bit\n\n\xe9\n" },
	{ CTE "8bit\n", CTE "quoted-printable\n" },
	{ "", "" },
	{ "\n\xe9\n", "\n\xe9\n" },
};

static void
run(const char *in, size_t step, struct buf *out)
{
	struct downgrade *d = downgrade_new(DOWNGRADE_ALL);
	struct span rest = span_str(in);

	while (rest.n > 0) {
		downgrade_feed(d, span_head(rest, step), out);
		rest = span_skip(rest, step);
	}
	downgrade_finish(d, out);
	downgrade_free(&d);
}

START_TEST(message)
{
	size_t n = strlen(messages[_i].in);

	for (size_t step = 1; step <= n + 1; step++) {
		struct buf out = BUF_EMPTY;

		run(messages[_i].in, step, &out);
		ck_assert_str_eq(
		    out.n == 0 ? "" : buf_str(&out), messages[_i].out);
		buf_free(&out);
	}
}
END_TEST

/* Lines of any length come out short, and nothing waits for their end. */
START_TEST(long_lines)
{
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	struct span rest, line;

	buf_add_str(&in, CTE "8bit\n\n");
	for (int i = 0; i < 3000; i++)
		buf_add_str(&in, i % 7 == 0 ? "\xe9" : "a ");
	buf_add_byte(&in, '\n');
	run(buf_str(&in), 100, &out);
	rest = buf_span(&out);
	while (span_line(&rest, &line)) {
		ck_assert_uint_le(line.n, 76);
		for (size_t i = 0; i < line.n; i++)
			ck_assert_int_lt(span_at(line, i), 127);
	}
	buf_free(&in);
	buf_free(&out);
}
END_TEST

/* For servers that take 8 bits, but no UTF-8 in headers. */
static const struct {
	const char *in, *out; /* NULL: as it was */
	bool wide, past;
} globals[] = {
	{ "Subject: x\n" CTE "8bit\n\n\xc3\xa9\n", NULL, false, true },
	{ "Subject: \xc3\xa9\n\nx\n", NULL, true, true },
	{ "Subject: \xc3\xa9\n", NULL, true, true },
	{ "Content-Type: message/global\n" CTE
	  "8bit\n\nSubject: \xc3\xa9\n\nx\n",
	    "Content-Type: message/global\n" CTE
	    "quoted-printable\n\nSubject: =C3=A9\n\nx\n",
	    false, true },
	{ "Content-Type: message/rfc822\n\nSubject: \xc3\xa9\n\nx\n", NULL,
	    true, true },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	  "Content-Type: text/plain\n" CTE "8bit\n\n\xc3\xa9\n",
	    NULL, false, false },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: \xc3\xa9\n\n"
	  "x\n--b--\n",
	    NULL, true, true },
};

START_TEST(global)
{
	const char *out = globals[_i].out;
	struct downgrade *d = downgrade_new(DOWNGRADE_GLOBAL);
	struct buf b = BUF_EMPTY;

	ck_assert(!downgrade_is_past_headers(d));
	downgrade_feed(d, span_str(globals[_i].in), &b);
	downgrade_finish(d, &b);
	ck_assert_str_eq(buf_str(&b), out == NULL ? globals[_i].in : out);
	ck_assert_msg(downgrade_met_wide(d) == globals[_i].wide, "row %d", _i);
	ck_assert_msg(
	    downgrade_is_past_headers(d) == globals[_i].past, "row %d", _i);
	downgrade_free(&d);
	buf_free(&b);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, global, 0, UNIT_COUNT(globals));
	tcase_add_loop_test(t, message, 0, UNIT_COUNT(messages));
	tcase_add_test(t, long_lines);
}

int
main(void)
{
	return unit_main("message/downgrade", fill);
}
