/* test_match.c - imapd/match.h */

#include "imapd/match.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tests/unit.h"

static const struct row {
	const char *text, *want;
} rows[] = {
	{ "", "" },
	{ "a", "A" },
	{ " ", " " },
	{ "  a \t\r\n b  ", " A B " },
	{ "eight by eight bytes of text", "EIGHT BY EIGHT BYTES OF TEXT" },
	{ "sixteen  blanks  in  a  row", "SIXTEEN BLANKS IN A ROW" },
	{ "aaaaaaa bbbbbbb ccccccc ", "AAAAAAA BBBBBBB CCCCCCC " },
	{ "aaaaaaa  bbbbbb   cccccc", "AAAAAAA BBBBBB CCCCCC" },
	{ "@AZ[`az{\x7f\x1f!", "@AZ[`AZ{\x7f\x1f!" },
	{ "12345678\n9", "12345678 9" },
	{ "abcdefg\x80hijklmn", "ABCDEFG\x80HIJKLMN" },
	{ "stra\xc3\x9f"
	  "e und mehr",
	    "STRA\xc3\x9f"
	    "E UND MEHR" },
	{ "\xc3\xa4 \xc3\xb6  \xc3\xbcx", "A\xcc\x88 O\xcc\x88 U\xcc\x88X" },
};

START_TEST(folds)
{
	const struct row *row = &rows[_i];
	struct buf out = BUF_EMPTY;

	match_fold(&out, span_str(row->text));
	ck_assert_str_eq(buf_str(&out), row->want);
	buf_free(&out);
}
END_TEST

/* One byte after the other. */
static void
fold_slowly(struct buf *out, struct span text)
{
	bool blank = false;

	for (size_t i = 0; i < text.n; i++) {
		int c = span_at(text, i);

		if (!ascii_space(c)) {
			if (blank)
				buf_add_byte(out, ' ');
			buf_add_byte(out, (char)ascii_upper(c));
		}
		blank = ascii_space(c);
	}
	if (blank)
		buf_add_byte(out, ' ');
}

/* Any ASCII, of any length and at any place. */
START_TEST(folds_as_it_did)
{
	char text[64];

	srand((unsigned)_i);
	for (int round = 0; round < 200; round++) {
		struct buf out = BUF_EMPTY, want = BUF_EMPTY;
		size_t n = (size_t)rand() % sizeof(text);
		int kind = rand() % 3;

		for (size_t i = 0; i < n; i++)
			text[i] = (char)(kind == 0 ? rand() % 128
				: rand() % 5 == 0  ? ' '
				: rand() % 9 == 0
				? (rand() % 2 == 0 ? '\n' : '\t')
				: kind == 1 ? 'a' + rand() % 26
					    : '@' + rand() % 64);
		match_fold(&out, span_of(text, n));
		fold_slowly(&want, span_of(text, n));
		ck_assert_uint_eq(out.n, want.n);
		ck_assert(span_eq(buf_span(&out), buf_span(&want)));
		buf_free(&out);
		buf_free(&want);
	}
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, folds, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(c, folds_as_it_did, 0, 8);
}

int
main(void)
{
	return unit_main("imapd/match", fill);
}
