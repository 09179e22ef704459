/* test_strict.c - intake/strict.h: content cut anywhere says the same */

#include "intake/strict.h"

#include "base/buf.h"
#include "tests/unit.h"

enum { ALL = STRICT_8BIT_HEADER | STRICT_8BIT_BODY | STRICT_DOMAIN };

#define MIXED "Content-Type: multipart/mixed; boundary=b\n"
#define CTE   "Content-Transfer-Encoding: "

static const struct {
	const char *header, *rest; /* fields, one a line; what is behind them */
	unsigned wanted;
	enum strict_fault fault;
} rows[] = {
	{ "Subject: x\n", "plain\n", ALL, STRICT_FINE },
	{ "Subject: \xe4\n", "", ALL, STRICT_8BIT_HEADER },
	{ "Subject: \xe4\n", "", STRICT_8BIT_BODY, STRICT_FINE },
	{ "Subject: x\n", "\xe4", ALL, STRICT_8BIT_BODY },
	{ "Subject: x\n", "\xe4", STRICT_8BIT_HEADER, STRICT_FINE },
	{ CTE "8BIT\n", "\xe4\n", ALL, STRICT_FINE },
	{ CTE "binary\n", "\xe4\n", ALL, STRICT_FINE },
	{ CTE "quoted-printable\n", "\xe4\n", ALL, STRICT_8BIT_BODY },
	/* the first that is wrong */
	{ MIXED, "--b\nX: \xe4\n\n\xe4\n--b--\n", ALL, STRICT_8BIT_HEADER },
	{ MIXED, "--b\nX: a\n \xe4\n\n--b--\n", ALL, STRICT_8BIT_HEADER },
	{ MIXED, "--b\n" CTE "8bit\n\n\xe4\n--b--\n", ALL, STRICT_FINE },
	{ MIXED, "--b\nContent-Transfer-\n\n\xe4\n", ALL, STRICT_8BIT_BODY },
	{ MIXED, "--b\n" CTE "\n\t8bit\n\n\xe4\n--b--\n", ALL, STRICT_FINE },
	{ MIXED, "--b\n" CTE "8bit\n\n\xe4\n--b\n\n\xe4\n", ALL,
	    STRICT_8BIT_BODY },
	/* before the first part and behind the last it is the multipart's */
	{ MIXED, "--b\n" CTE "8bit\n\n\xe4\n--b--\n\xe4\n", ALL,
	    STRICT_8BIT_BODY },
	{ MIXED CTE "8bit\n", "\xe4\n--b\n\n--b--\n\xe4\n", ALL, STRICT_FINE },
	{ MIXED CTE "base64\n", "", ALL, STRICT_DOMAIN },
	{ MIXED CTE "base64\n", "", STRICT_8BIT_BODY, STRICT_FINE },
	{ MIXED,
	    "--b\nContent-Type: message/rfc822\n" CTE "base64\n\n"
	    "x\n--b--\n",
	    ALL, STRICT_DOMAIN },
	{ MIXED,
	    "--b\nContent-Type: message/rfc822\n\nSubject: \xe4\n\n"
	    "x\n--b--\n",
	    ALL, STRICT_8BIT_HEADER },
};

static struct strict *
begun(const char *header, unsigned wanted)
{
	struct strict *s = strict_new(wanted, 10);
	struct span rest = span_str(header), line;

	while (rest.n > 0 && span_cut(&rest, '\n', &line))
		strict_field(s, line);
	strict_header_end(s);
	return s;
}

START_TEST(row)
{
	struct span rest = span_str(rows[_i].rest);

	for (size_t at = 0; at <= rest.n; at++) {
		struct strict *s = begun(rows[_i].header, rows[_i].wanted);

		strict_feed(s, span_head(rest, at));
		strict_feed(s, span_skip(rest, at));
		strict_end(s);
		ck_assert_msg(strict_fault(s) == rows[_i].fault,
		    "cut at %zu: %d \"%s\"", at, strict_fault(s),
		    strict_text(strict_fault(s)));
		strict_free(&s);
	}
}
END_TEST

/* Neither a line nor a field without end is kept. */
START_TEST(endless)
{
	struct strict *s = begun(MIXED, ALL);
	struct buf much = BUF_EMPTY;

	for (int i = 0; i < 100000; i++)
		buf_add_byte(&much, 'x');
	strict_feed(s, SPAN("--b\nX-Long: "));
	for (int i = 0; i < 100; i++) {
		strict_feed(s, buf_span(&much));
		strict_feed(s, SPAN("\n "));
	}
	strict_feed(s, SPAN("\n\nbody"));
	strict_feed(s, buf_span(&much));
	ck_assert_int_eq(strict_fault(s), STRICT_FINE);
	strict_feed(s, SPAN("\xe4"));
	strict_end(s);
	ck_assert_int_eq(strict_fault(s), STRICT_8BIT_BODY);
	strict_free(&s);
	buf_free(&much);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
	tcase_add_test(t, endless);
}

int
main(void)
{
	return unit_main("intake/strict", fill);
}
