/* test_imap_parse.c - wire/imap_parse.h */

#include "wire/imap_parse.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

static struct arena *a;

static void
setup(void)
{
	a = arena_new();
}

static void
teardown(void)
{
	arena_free(&a);
}

static const struct {
	const char *input;
	enum imap_scan_result want;
	size_t used;
	uint64_t literal;
	bool no_wait, binary;
} lines[] = {
	{ "", IMAP_SCAN_MORE, 0, 0, false, false },
	{ "a NOOP\r", IMAP_SCAN_MORE, 0, 0, false, false },
	{ "a NOOP\r\nb", IMAP_SCAN_LINE, 8, 0, false, false },
	{ "a NOOP\n", IMAP_SCAN_LINE, 7, 0, false, false },
	{ "a LOGIN {5}\r\nxx", IMAP_SCAN_LITERAL, 13, 5, false, false },
	{ "a {5+}\r\n", IMAP_SCAN_LITERAL, 8, 5, true, false },
	{ "a {5-}\r\n", IMAP_SCAN_LITERAL, 8, 5, true, false },
	{ "a ~{5+}\r\n", IMAP_SCAN_LITERAL, 9, 5, true, true },
	{ "a {0}\n", IMAP_SCAN_LITERAL, 6, 0, false, false },
	{ "a {}\r\n", IMAP_SCAN_LINE, 6, 0, false, false },
	{ "a {+}\r\n", IMAP_SCAN_LINE, 7, 0, false, false },
	{ "a {5} \r\n", IMAP_SCAN_LINE, 8, 0, false, false },
	{ "a {-5}\r\n", IMAP_SCAN_LINE, 8, 0, false, false },
	{ "a }\r\n", IMAP_SCAN_LINE, 5, 0, false, false },
	{ "{\r\n", IMAP_SCAN_LINE, 3, 0, false, false },
	{ "a {9223372036854775807}\r\n", IMAP_SCAN_LITERAL, 25, INT64_MAX,
	    false, false },
	{ "a {9223372036854775808}\r\n", IMAP_SCAN_LINE, 25, 0, false, false },
};

START_TEST(scan)
{
	struct imap_scan_out out = { 0, 0, false, false };

	ck_assert_msg(
	    imap_scan_line(span_str(lines[_i].input), &out) == lines[_i].want,
	    "\"%s\"", lines[_i].input);
	ck_assert_uint_eq(out.used, lines[_i].used);
	if (lines[_i].want != IMAP_SCAN_LITERAL)
		return;
	ck_assert_uint_eq(out.literal, lines[_i].literal);
	ck_assert_int_eq(out.no_wait, lines[_i].no_wait);
	ck_assert_int_eq(out.binary, lines[_i].binary);
}
END_TEST

static const struct {
	const char *input;
	const char *value; /* NULL: refused */
	const char *rest;
} strings[] = {
	{ "abc def", "abc", " def" },
	{ "a]b", "a]b", "" },
	{ "\"\"x", "", "x" },
	{ "\"a b\"", "a b", "" },
	{ "\"a\\\"\\\\b\"", "a\"\\b", "" },
	{ "\"a\\x\"", NULL, "\"a\\x\"" },
	{ "\"abc", NULL, "\"abc" },
	{ "\"a\nb\"", NULL, "\"a\nb\"" },
	{ "\"abc\\", NULL, "\"abc\\" },
	{ "{3}\r\na\"b rest", "a\"b", " rest" },
	{ "{3+}\r\n(a)", "(a)", "" },
	{ "{2}\nab", "ab", "" },
	{ "{4}\r\nabc", NULL, "{4}\r\nabc" },
	{ "{x}\r\nabc", NULL, "{x}\r\nabc" },
	{ "{3", NULL, "{3" },
	{ "{0}\r\n", "", "" },
	{ "", NULL, "" },
	{ "(a)", NULL, "(a)" },
	{ "a*", "a", "*" },
	{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9", "" },
};

START_TEST(astring)
{
	struct span rest = span_str(strings[_i].input), out;
	bool ok = imap_astring(a, &rest, &out);

	ck_assert_msg(
	    ok == (strings[_i].value != NULL), "\"%s\"", strings[_i].input);
	ck_assert(!ok || span_is(out, strings[_i].value));
	ck_assert(span_is(rest, strings[_i].rest));
}
END_TEST

START_TEST(nul_in_literal)
{
	struct span rest = SPAN("{3}\r\na\0b"), out;

	ck_assert(!imap_astring(a, &rest, &out));
}
END_TEST

static const struct {
	const char *input;
	bool bare;
	bool ok;
	unsigned system;
	size_t keywords;
} flags[] = {
	{ "()", false, true, 0, 0 },
	{ "(\\Seen \\deleted)", false, true, IMAP_SEEN | IMAP_DELETED, 0 },
	{ "($Junk a A b)", false, true, 0, 3 },
	{ "\\Seen work", true, true, IMAP_SEEN, 1 },
	{ "\\Seen", false, false, 0, 0 },
	{ "(\\Seen", false, false, 0, 0 },
	{ "(\\Nope)", false, false, 0, 0 },
	{ "(a  b)", false, false, 0, 0 },
	{ "(\\)", false, false, 0, 0 },
	{ "", true, false, 0, 0 },
};

START_TEST(flag_list)
{
	struct span rest = span_str(flags[_i].input);
	struct imap_flags out;

	ck_assert_msg(
	    imap_flag_list(a, &rest, flags[_i].bare, &out) == flags[_i].ok,
	    "\"%s\"", flags[_i].input);
	if (!flags[_i].ok)
		return;
	ck_assert_uint_eq(out.system, flags[_i].system);
	ck_assert_uint_eq(out.count, flags[_i].keywords);
	ck_assert_uint_eq(rest.n, 0);
}
END_TEST

static const struct {
	const char *input;
	uint32_t last;
	const char *want; /* NULL: refused */
} sets[] = {
	{ "1", 9, "1-1" },
	{ "*", 9, "9-9" },
	{ "5:2", 9, "2-5" },
	{ "*:3", 9, "3-9" },
	{ "20:*", 9, "9-20" },
	{ "1,2,3", 9, "1-3" },
	{ "3,1:4,9,7:8", 9, "1-4 7-9" },
	{ "1:2,2:3,10", 9, "1-3 10-10" },
	{ "4294967295", 9, "4294967294-4294967294" },
	{ "4294967296", 9, NULL },
	{ "0", 9, NULL },
	{ "1,", 9, NULL },
	{ ",1", 9, NULL },
	{ "1:", 9, NULL },
	{ "1:2:3", 9, "1-2" }, /* and ":3" is left */
	{ "", 9, NULL },
	{ "a", 9, NULL },
};

START_TEST(sequence_set)
{
	struct span rest = span_str(sets[_i].input);
	struct buf text = BUF_EMPTY;
	struct imap_set set;
	bool ok = imap_sequence_set(a, &rest, &set);

	ck_assert_msg(ok == (sets[_i].want != NULL), "\"%s\"", sets[_i].input);
	if (!ok) {
		ck_assert(span_is(rest, sets[_i].input));
		return;
	}
	imap_set_resolve(&set, sets[_i].last);
	for (size_t i = 0; i < set.count; i++)
		buf_printf(&text, "%s%u-%u", i == 0 ? "" : " ",
		    set.list[i].first, set.list[i].last);
	ck_assert_str_eq(buf_str(&text), sets[_i].want);
	buf_free(&text);
}
END_TEST

static const struct {
	const char *value;
	const char *astring, *nstring;
} answers[] = {
	{ "abc", "abc", "\"abc\"" },
	{ "", "\"\"", "\"\"" },
	{ "a b", "\"a b\"", "\"a b\"" },
	{ "a\"\\", "\"a\\\"\\\\\"", "\"a\\\"\\\\\"" },
	{ "nil", "\"nil\"", "\"nil\"" },
	{ "a\nb", "{3}\r\na\nb", "{3}\r\na\nb" },
	{ "\xc3\xa9", "{2}\r\n\xc3\xa9", "{2}\r\n\xc3\xa9" },
	{ NULL, NULL, "NIL" },
};

START_TEST(put)
{
	struct buf out = BUF_EMPTY;

	if (answers[_i].astring != NULL) {
		imap_put_astring(&out, span_str(answers[_i].value));
		ck_assert_str_eq(buf_str(&out), answers[_i].astring);
	}
	buf_clear(&out);
	imap_put_nstring(&out, span_str(answers[_i].value));
	ck_assert_str_eq(buf_str(&out), answers[_i].nstring);
	buf_free(&out);
}
END_TEST

START_TEST(put_sets)
{
	static const uint32_t numbers[] = { 1, 2, 3, 7, 9, 10 };
	struct imap_set_writer w = { .any = false };
	struct buf out = BUF_EMPTY;

	imap_put_set_end(&out, &w);
	ck_assert_str_eq(buf_str(&out), "");
	for (int i = 0; i < UNIT_COUNT(numbers); i++)
		imap_put_set(&out, &w, numbers[i]);
	imap_put_set_end(&out, &w);
	ck_assert_str_eq(buf_str(&out), "1:3,7,9:10");
	buf_free(&out);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, scan, 0, UNIT_COUNT(lines));
	tcase_add_loop_test(c, astring, 0, UNIT_COUNT(strings));
	tcase_add_test(c, nul_in_literal);
	tcase_add_loop_test(c, flag_list, 0, UNIT_COUNT(flags));
	tcase_add_loop_test(c, sequence_set, 0, UNIT_COUNT(sets));
	tcase_add_loop_test(c, put, 0, UNIT_COUNT(answers));
	tcase_add_test(c, put_sets);
}

int
main(void)
{
	return unit_main("wire/imap_parse", fill);
}
