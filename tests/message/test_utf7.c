/* test_utf7.c - message/utf7.h */

#include "message/utf7.h"

#include "base/buf.h"
#include "tests/unit.h"

/* Both ways. */
static const struct {
	const char *utf8, *utf7;
} pairs[] = {
	{ "", "" },
	{ "INBOX.Sent", "INBOX.Sent" },
	{ "a&b", "a&-b" },
	{ "&", "&-" },
	{ "&&", "&-&-" },
	{ "Entw\xc3\xbcrfe", "Entw&APw-rfe" },
	{ "\xc3\xa9l\xc3\xa8ve", "&AOk-l&AOg-ve" },
	{ "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/"
	  "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	    "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
	{ "\xf0\x9f\x98\x80", "&2D3eAA-" },
	{ "a\xc3\xbc&b", "a&APw-&-b" },
	{ "\xc3\xbc-", "&APw--" },
	{ "\xef\xbf\xbf", "&,,8-" },
};

static const char *const bad7[] = {
	"&APw", /* no end */
	"&",
	"a&b",
	"&APw-&APw-", /* two runs side by side */
	"&AGE-", /* 'a' */
	"&AAA-", /* NUL */
	"&AAo-", /* LF */
	"&AC8-", /* '/' hidden */
	"&2D0-", /* lone high surrogate */
	"&3gA-", /* lone low surrogate */
	"&2D0A6Q-", /* high and no low */
	"&APx-", /* padding bits not zero */
	"&APwA-", /* six stray bits */
	"&A-",
	"&AP-",
	"&AP/-", /* not the modified alphabet */
	"&AP=-",
	"Entw\xc3\xbcrfe",
	"a\tb",
	"\x7f",
};

static const char *const bad8[] = { "\xc3", "a\xffz", "a\nb", "\xc2\x80",
	"\xed\xa0\x80", "\x7f" };

START_TEST(both_ways)
{
	struct buf b = BUF_EMPTY;

	ck_assert(utf7_to_utf8(&b, span_str(pairs[_i].utf7)));
	ck_assert_str_eq(buf_str(&b), pairs[_i].utf8);
	buf_clear(&b);
	ck_assert(utf7_from_utf8(&b, span_str(pairs[_i].utf8)));
	ck_assert_str_eq(buf_str(&b), pairs[_i].utf7);
	buf_free(&b);
}
END_TEST

START_TEST(refused7)
{
	struct buf b = BUF_EMPTY;

	buf_add_str(&b, "kept");
	ck_assert_msg(!utf7_to_utf8(&b, span_str(bad7[_i])), "%s", bad7[_i]);
	ck_assert_str_eq(buf_str(&b), "kept");
	buf_free(&b);
}
END_TEST

START_TEST(refused8)
{
	struct buf b = BUF_EMPTY;

	buf_add_str(&b, "kept");
	ck_assert_msg(!utf7_from_utf8(&b, span_str(bad8[_i])), "row %d", _i);
	ck_assert_str_eq(buf_str(&b), "kept");
	buf_free(&b);
}
END_TEST

START_TEST(nul)
{
	struct buf b = BUF_EMPTY;

	ck_assert(!utf7_from_utf8(&b, SPAN("a\0b")));
	ck_assert(!utf7_to_utf8(&b, SPAN("a\0b")));
	buf_free(&b);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, both_ways, 0, UNIT_COUNT(pairs));
	tcase_add_loop_test(t, refused7, 0, UNIT_COUNT(bad7));
	tcase_add_loop_test(t, refused8, 0, UNIT_COUNT(bad8));
	tcase_add_test(t, nul);
}

int
main(void)
{
	return unit_main("message/utf7", fill);
}
