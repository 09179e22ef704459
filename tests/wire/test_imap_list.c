/* test_imap_list.c - wire/imap_list.h */

#include "wire/imap_list.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *pattern, *name;
	bool want;
} matches[] = {
	{ "INBOX", "INBOX", true },
	{ "INBOX", "INBOX.a", false },
	{ "*", "", true },
	{ "*", "a.b.c", true },
	{ "%", "a", true },
	{ "%", "a.b", false },
	{ "%.%", "a.b", true },
	{ "%.%", "a.b.c", false },
	{ "a*c", "a.b.c", true },
	{ "a%c", "a.b.c", false },
	{ "a%c", "abc", true },
	{ "*b*", "a.b.c", true },
	{ "*d*", "a.b.c", false },
	{ "a.%*", "a.b.c", true },
	{ "%%%", "abc", true },
	{ "", "", true },
	{ "", "a", false },
	{ "a", "", false },
	{ "a**", "a", true },
	{ "b", "a", false },
};

START_TEST(match)
{
	ck_assert_msg(imap_list_match(span_str(matches[_i].pattern),
			  span_str(matches[_i].name), '.') == matches[_i].want,
	    "%s, %s", matches[_i].pattern, matches[_i].name);
}
END_TEST

/* Many wildcards take no more than both lengths multiplied. */
START_TEST(hostile)
{
	struct buf pattern = BUF_EMPTY, name = BUF_EMPTY;

	for (int i = 0; i < 499; i++)
		buf_add_str(&pattern, "*a");
	for (int i = 0; i < 20000; i++)
		buf_add_byte(&name, 'a');
	buf_add_byte(&name, 'b');
	ck_assert(!imap_list_match(buf_span(&pattern), buf_span(&name), '.'));
	for (int i = 0; i < 10; i++)
		buf_add_byte(&pattern, '*');
	ck_assert(!imap_list_match(buf_span(&pattern), buf_span(&name), '.'));
	buf_free(&pattern);
	buf_free(&name);
}
END_TEST

static const struct {
	const char *args;
	bool ok, extended;
	size_t patterns;
} lists[] = {
	{ " \"\" *\r\n", true, false, 1 },
	{ " \"\" \"\"\r\n", true, false, 1 },
	{ " a (b c \"d%\")\r\n", true, true, 3 },
	{ " (SUBSCRIBED RECURSIVEMATCH) \"\" *\r\n", true, true, 1 },
	{ " () \"\" *\r\n", true, true, 1 },
	{ " (RECURSIVEMATCH) \"\" *\r\n", false, true, 1 },
	{ " \"\" * RETURN (CHILDREN STATUS (MESSAGES UIDNEXT))\r\n", true, true,
	    1 },
	{ " \"\" * RETURN ()\r\n", true, true, 1 },
	{ " \"\" * RETURN (STATUS ())\r\n", false, true, 1 },
	{ " \"\" * RETURN (NONSENSE)\r\n", false, true, 1 },
	{ " (NONSENSE) \"\" *\r\n", false, true, 1 },
	{ " \"\"\r\n", false, false, 0 },
	{ "\r\n", false, false, 0 },
	{ " \"\" () \r\n", false, false, 0 },
	{ " \"\" * x\r\n", false, false, 1 },
};

START_TEST(parse)
{
	struct arena *a = arena_new();
	struct imap_list out;

	ck_assert_msg(
	    imap_list_parse(a, span_str(lists[_i].args), &out) == lists[_i].ok,
	    "%s", lists[_i].args);
	if (lists[_i].ok) {
		ck_assert_int_eq(out.extended, lists[_i].extended);
		ck_assert_uint_eq(out.count, lists[_i].patterns);
	}
	arena_free(&a);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, match, 0, UNIT_COUNT(matches));
	tcase_add_test(c, hostile);
	tcase_add_loop_test(c, parse, 0, UNIT_COUNT(lists));
}

int
main(void)
{
	return unit_main("wire/imap_list", fill);
}
