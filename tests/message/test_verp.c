/* test_verp.c - message/verp.h */

#include "message/verp.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *sender, *delimiters, *rcpt, *made; /* NULL: none */
} rows[] = {
	{ "owner-list@origin.test", "+=", "user@domain.test",
	    "owner-list+user=domain.test@origin.test" },
	{ "l@o", "-=", "u-v+w@d", "l-u-v+w=d@o" },
	{ "l@o", "==", "u", "l=u@o" },
	{ "l@o", "+=", "u@[192.0.2.1]", "\"l+u=[192.0.2.1]\"@o" },
	/* one pair of quotes, where it needs them */
	{ "\"l l\"@o", "+=", "u@d", "\"l l+u=d\"@o" },
	{ "\"l\"@o", "+=", "\"u\"@d", "l+u=d@o" },
	{ "l@o", "+=", "\"u@x\"@d", "\"l+u@x=d\"@o" },
	{ "l@o", "+=", "\"a\\\"b\"@d", "\"l+a\\\"b=d\"@o" },
	{ "l@o", "+=", "\xc3\xa9@\xc3\xa9.test", "l+\xc3\xa9=\xc3\xa9.test@o" },
	{ "", "+=", "u@d", NULL },
	{ "list", "+=", "u@d", NULL },
	{ "l@o", "", "u@d", NULL },
	{ "l@o", "+", "u@d", NULL },
	{ "l@o", "+=-", "u@d", NULL },
};

START_TEST(sender)
{
	struct buf out = BUF_EMPTY;
	bool made;

	buf_add_str(&out, "x");
	made = verp_sender(&out, span_str(rows[_i].sender),
	    span_str(rows[_i].delimiters), span_str(rows[_i].rcpt));
	ck_assert_msg(made == (rows[_i].made != NULL), "%s", buf_str(&out));
	ck_assert_str_eq(buf_str(&out) + 1, made ? rows[_i].made : "");
	buf_free(&out);
}
END_TEST

/* What no path could hold is not made. */
START_TEST(lengths)
{
	struct buf rcpt = BUF_EMPTY, out = BUF_EMPTY;

	for (size_t n = 0; n < VERP_SENDER_MAX + 2; n++) {
		bool made =
		    verp_sender(&out, SPAN("l@o"), SPAN("+="), buf_span(&rcpt));

		ck_assert_int_eq(made, rcpt.n + 4 <= VERP_SENDER_MAX);
		ck_assert_uint_eq(out.n, made ? rcpt.n + 4 : 0);
		buf_clear(&out);
		buf_add_byte(&rcpt, 'u');
	}
	buf_free(&rcpt);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *delimiters;
	bool good;
} pairs[] = { { "+=", true }, { "-+", true }, { "==", true }, { "+", false },
	{ "", false }, { "+=-", false }, { "%=", false }, { "+a", false } };

START_TEST(delimiters)
{
	ck_assert_int_eq(
	    verp_delimiters_good(span_str(pairs[_i].delimiters), SPAN("-=+")),
	    pairs[_i].good);
	/* whatever the administrator lets in */
	ck_assert(!verp_delimiters_good(SPAN("\n="), SPAN("\n=")));
	ck_assert(!verp_delimiters_good(SPAN(" ="), SPAN(" =")));
	ck_assert(!verp_delimiters_good(SPAN("\xe9="), SPAN("\xe9=")));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, sender, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, delimiters, 0, UNIT_COUNT(pairs));
	tcase_add_test(t, lengths);
}

int
main(void)
{
	return unit_main("message/verp", fill);
}
