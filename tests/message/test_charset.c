/* test_charset.c - message/charset.h */

#include "message/charset.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "tests/unit.h"

#define B(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}
#define R "\xef\xbf\xbd"

static const struct {
	const char *name;
	struct span in;
	const char *out;
	bool exact;
} rows[] = {
	{ "utf-8", B("h\xc3\xa9"), "h\xc3\xa9", true },
	{ "UTF8", B("a\xff\xc3z\xc3"), "a" R R "z" R, false },
	{ "utf-8", B("\xed\xa0\x80"), R R R, false },
	{ "utf-8", B("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80", true },
	{ "us-ascii", B("abc"), "abc", true },
	{ "us-ascii", B("\xc3\xa9"), "\xc3\xa9", true },
	{ "us-ascii", B("\xe9"), "\xc3\xa9", false },
	{ "ISO-8859-1", B("\xe9\x80"), "\xc3\xa9\xe2\x82\xac", true },
	{ "windows-1252", B("\x93\x81\x94"), "\xe2\x80\x9c" R "\xe2\x80\x9d",
	    false },
	{ "iso-8859-15", B("\xa4"), "\xe2\x82\xac", true },
	{ "iso-8859-2", B("\xb1"), "\xc4\x85", true },
	{ "koi8-r", B("\xf4\xe5\xf3\xf4"), "\xd0\xa2\xd0\x95\xd0\xa1\xd0\xa2",
	    true },
	{ "windows-1251", B("\xd2\xe5"), "\xd0\xa2\xd0\xb5", true },
	{ "iso-2022-jp", B("\x1b$B$\"\x1b(B."), "\xe3\x81\x82.", true },
	{ "Shift_JIS", B("\x82\xa0"), "\xe3\x81\x82", true },
	{ "euc-jp", B("\xa4\xa2"), "\xe3\x81\x82", true },
	{ "GB2312", B("\xc4\xe3"), "\xe4\xbd\xa0", true },
	{ "big5", B("\xa7\x41"), "\xe4\xbd\xa0", true },
	{ "euc-kr", B("\xb0\xa1"), "\xea\xb0\x80", true },
	{ "utf-16be", B("\0a\x20\xac"), "a\xe2\x82\xac", true },
	{ "utf-16le", B("\xac\x20"), "\xe2\x82\xac", true },
	{ "utf-7", B("a+IKw-b"),
	    "a\xe2\x82\xac"
	    "b",
	    true },
	{ "\"iso-8859-1\"", B("\xe9"), "\xc3\xa9", true },
	{ "", B("a\xc3\xa9\xe9"), "a\xc3\xa9\xc3\xa9", false },
	{ "x-unknown", B("\xe9t\xe9"), "\xc3\xa9t\xc3\xa9", false },
	{ "x-unknown", B("abc"), "abc", false },
	{ "big5", B("\xa7"), R, false },
	{ "iso-2022-jp",
	    B("a\xff"
	      "b"),
	    "a" R "b", false },
	{ "utf-16be", B("\xd8\x00\0a"), R "a", false },
};

START_TEST(decode_cut)
{
	for (size_t cut = 0; cut <= rows[_i].in.n; cut++) {
		struct charset *c = charset_decoder(span_str(rows[_i].name));
		struct buf out = BUF_EMPTY;

		charset_feed(c, span_head(rows[_i].in, cut), &out);
		charset_feed(c, span_skip(rows[_i].in, cut), &out);
		charset_finish(c, &out);
		ck_assert(utf8_valid(buf_span(&out)));
		/* how many marks stand for a broken UTF-16 pair is free */
		if (span_is(span_str(rows[_i].name), "utf-16be") &&
		    !rows[_i].exact)
			ck_assert(charset_lossy(c));
		else
			ck_assert_msg(span_is(buf_span(&out), rows[_i].out),
			    "row %d cut at %zu: %s", _i, cut, buf_str(&out));
		charset_free(&c);
		buf_free(&out);
	}
}
END_TEST

START_TEST(exact)
{
	struct buf out = BUF_EMPTY;

	ck_assert_msg(charset_to_utf8(&out, rows[_i].in,
			  span_str(rows[_i].name)) == rows[_i].exact,
	    "row %d", _i);
	buf_free(&out);
}
END_TEST

/* Every name in the tables must open here, both ways. */
static const char *const opens[] = { "iso-8859-2", "iso-8859-3", "iso-8859-4",
	"iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9",
	"iso-8859-10", "iso-8859-11", "iso-8859-13", "iso-8859-14",
	"iso-8859-15", "iso-8859-16", "windows-1250", "windows-1253",
	"windows-1254", "windows-1255", "windows-1256", "windows-1257",
	"windows-1258", "cp437", "cp737", "cp775", "cp850", "cp852", "cp855",
	"cp856", "cp857", "cp858", "cp860", "cp861", "cp862", "cp863", "cp864",
	"cp865", "cp866", "cp869", "cp874", "ibm437", "ibm850", "ibm037",
	"ibm500", "ibm1047", "koi8-u", "koi8-t", "macintosh", "x-mac-cyrillic",
	"windows-874", "tis-620", "viscii", "tcvn", "pt154", "armscii-8",
	"georgian-ps", "gb18030", "big5-hkscs", "euc-tw", "cp950",
	"iso-2022-jp-2", "iso-2022-kr", "johab", "ks_c_5601-1987", "latin9",
	"ISO_8859-2", "iso-8859-8-i", "utf-32", "utf-16" };

START_TEST(opens_here)
{
	struct charset *c;

	ck_assert_msg(charset_known(span_str(opens[_i])), "%s", opens[_i]);
	c = charset_encoder(span_str(opens[_i]));
	ck_assert_msg(c != NULL, "%s", opens[_i]);
	charset_free(&c);
}
END_TEST

static const char *const refused[] = { "", "utf-8//IGNORE", "INTERNAL",
	"WCHAR_T", "ISO-2022-CN-EXT", "../../etc", "iso-8859-12", "iso-8859-",
	"windows-1252,", "cp", "cp99999999999999999999999999999999999999999999",
	"a b", "iso-8859-2,3" };

START_TEST(refused_here)
{
	ck_assert_msg(!charset_known(span_str(refused[_i])), "%s", refused[_i]);
	ck_assert_ptr_null(charset_encoder(span_str(refused[_i])));
}
END_TEST

START_TEST(back)
{
	struct buf out = BUF_EMPTY;

	ck_assert(
	    charset_from_utf8(&out, SPAN("\xe2\x82\xac"), SPAN("iso-8859-15")));
	ck_assert_str_eq(buf_str(&out), "\xa4");
	ck_assert(!charset_from_utf8(
	    &out, SPAN("a\xe3\x81\x82"), SPAN("iso-8859-15")));
	ck_assert(!charset_from_utf8(&out, SPAN("\xe9"), SPAN("us-ascii")));
	ck_assert(!charset_from_utf8(&out, SPAN("a"), SPAN("x-none")));
	ck_assert_str_eq(buf_str(&out), "\xa4");
	buf_clear(&out);
	ck_assert(
	    charset_from_utf8(&out, SPAN("\xe3\x81\x82"), SPAN("iso-2022-jp")));
	ck_assert_str_eq(buf_str(&out), "\x1b$B$\"\x1b(B");
	buf_free(&out);
}
END_TEST

START_TEST(encoder_replaces)
{
	struct charset *c = charset_encoder(SPAN("iso-8859-1"));
	struct buf out = BUF_EMPTY;
	struct span s = SPAN("a\xe3\x81\x82\xc3\xa9\xff");

	for (size_t i = 0; i < s.n; i++)
		charset_feed(c, span_of(s.p + i, 1), &out);
	charset_finish(c, &out);
	ck_assert_str_eq(buf_str(&out), "a?\xe9?");
	ck_assert(charset_lossy(c));
	charset_free(&c);
	buf_free(&out);
}
END_TEST

/* Whatever the bytes and the charset: UTF-8 comes out, within the bound. */
START_TEST(any_bytes)
{
	struct buf in = BUF_EMPTY;
	uint32_t seed = 1;

	for (int i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		buf_add_byte(&in, (char)(seed >> 16));
	}
	for (int i = 0; i < UNIT_COUNT(opens); i++) {
		struct buf out = BUF_EMPTY;

		charset_to_utf8(&out, buf_span(&in), span_str(opens[i]));
		ck_assert_msg(utf8_valid(buf_span(&out)), "%s", opens[i]);
		ck_assert_msg(out.n <= 8 * (in.n + 16), "%s", opens[i]);
		buf_free(&out);
	}
	buf_free(&in);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, decode_cut, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, exact, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, opens_here, 0, UNIT_COUNT(opens));
	tcase_add_loop_test(t, refused_here, 0, UNIT_COUNT(refused));
	tcase_add_test(t, back);
	tcase_add_test(t, encoder_replaces);
	tcase_add_test(t, any_bytes);
}

int
main(void)
{
	return unit_main("message/charset", fill);
}
