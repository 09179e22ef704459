/* test_imap_command.c - login/imap_command.h */

#include "login/imap_command.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *input;
	enum imap_scan result;
	size_t n;
	unsigned prompts;
} scans[] = {
	{ "", IMAP_MORE, 0, 0 },
	{ "a1 NOOP\r", IMAP_MORE, 0, 0 },
	{ "a1 NOOP\r\n", IMAP_WHOLE, 9, 0 },
	{ "a1 NOOP\na2 NOOP\r\n", IMAP_WHOLE, 8, 0 },
	{ "a LOGIN {1}\r\n", IMAP_LITERAL, 0, 1 },
	{ "a LOGIN {1}\r\nx", IMAP_MORE, 0, 1 },
	{ "a LOGIN {1}\r\nx {2}\r\n", IMAP_LITERAL, 0, 2 },
	{ "a LOGIN {1}\r\nx {2}\r\nyz\r\n", IMAP_WHOLE, 24, 2 },
	{ "a LOGIN {1+}\r\n", IMAP_MORE, 0, 0 },
	{ "a LOGIN {3+}\r\n\r\n} {1+}\r\ny\r\n", IMAP_WHOLE, 27, 0 },
	{ "a LOGIN {1025}\r\n", IMAP_TOO_LONG, 0, 0 },
	{ "a LOGIN {99999999999999999999}\r\n", IMAP_TOO_LONG, 0, 0 },
	{ "a LOGIN {}\r\n", IMAP_WHOLE, 12, 0 },
	{ "a LOGIN {x}\r\n", IMAP_WHOLE, 13, 0 },
	{ "a LOGIN 1}\r\n", IMAP_WHOLE, 12, 0 },
};

START_TEST(scan)
{
	size_t n = 0;
	unsigned prompts;

	ck_assert_msg(imap_scan(span_str(scans[_i].input), &n, &prompts) ==
		scans[_i].result,
	    "\"%s\"", scans[_i].input);
	ck_assert_uint_eq(n, scans[_i].n);
	if (scans[_i].result != IMAP_TOO_LONG)
		ck_assert_msg(prompts == scans[_i].prompts, "\"%s\": %u",
		    scans[_i].input, prompts);
}
END_TEST

START_TEST(scan_endless)
{
	struct buf b = BUF_EMPTY;
	size_t n;
	unsigned prompts;

	memset(buf_room(&b, IMAP_COMMAND_MAX + 1), 'x', IMAP_COMMAND_MAX + 1);
	b.n = IMAP_COMMAND_MAX;
	ck_assert(imap_scan(buf_span(&b), &n, &prompts) == IMAP_MORE);
	b.n++;
	ck_assert(imap_scan(buf_span(&b), &n, &prompts) == IMAP_TOO_LONG);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *input, *value; /* NULL: refused */
	const char *rest;
} strings[] = {
	{ " abc def", "abc", " def" },
	{ " \"a b\" x", "a b", " x" },
	{ " \"a\\\"\\\\\"", "a\"\\", "" },
	{ " \"\"", "", "" },
	{ " {3}\r\na\r\n x", "a\r\n", " x" },
	{ " {2+}\r\nab", "ab", "" },
	{ "abc", NULL, NULL },
	{ " ", NULL, NULL },
	{ " \"a", NULL, NULL },
	{ " \"a\\n\"", NULL, NULL },
	{ " \"a\n\"", NULL, NULL },
	{ " {5}\r\nab", NULL, NULL },
	{ " (", NULL, NULL },
	{ " a]\xe9", "a]\xe9", "" },
};

START_TEST(astring)
{
	struct span rest = span_str(strings[_i].input);
	struct buf out = BUF_EMPTY;
	bool got = command_astring(&rest, &out);

	ck_assert_msg(
	    got == (strings[_i].value != NULL), "\"%s\"", strings[_i].input);
	if (got) {
		ck_assert_msg(span_is(buf_span(&out), strings[_i].value),
		    "\"%s\"", strings[_i].input);
		ck_assert(span_is(rest, strings[_i].rest));
	}
	buf_free(&out);
}
END_TEST

/* A password is never cut short at a NUL. */
START_TEST(nul)
{
	static const char *const inputs[] = { " \"a\0b\"", " {3}\r\na\0b",
		" {3+}\r\na\0b" };
	static const size_t lengths[] = { 6, 9, 10 };

	for (size_t i = 0; i < 3; i++) {
		struct span rest = span_of(inputs[i], lengths[i]);
		struct buf out = BUF_EMPTY;

		ck_assert_msg(!command_astring(&rest, &out), "%zu", i);
		buf_free(&out);
	}
}
END_TEST

START_TEST(words)
{
	struct span rest = SPAN("a.1] LOGIN\r\n"), tag, word;

	ck_assert(command_tag(&rest, &tag) && span_is(tag, "a.1]"));
	ck_assert(command_word(&rest, &word) && span_is(word, "LOGIN"));
	ck_assert(command_end(rest));
	rest = SPAN("+ x");
	ck_assert(!command_tag(&rest, &tag));
	rest = SPAN(" x");
	ck_assert(!command_tag(&rest, &tag));
}
END_TEST

static const struct {
	const char *args, *field, *value; /* NULL: not found */
} ids[] = {
	{ " (\"name\" \"x\" \"X-Proxy-TTL\" \"3\")\r\n", "x-proxy-ttl", "3" },
	{ " (\"a\" NIL \"b\" {1}\r\nc)\r\n", "b", "c" },
	{ " (\"a\" NIL)\r\n", "a", "" },
	{ " (\"a\" \"b\")\r\n", "c", NULL },
	{ " (\"a\" \"b\" \"c\")\r\n", "c", NULL },
	{ " (\"a\")\r\n", "a", NULL },
	{ " NIL\r\n", "a", NULL },
	{ " ()\r\n", "a", NULL },
	{ " (a b)\r\n", "a", NULL },
	{ "\r\n", "a", NULL },
};

START_TEST(id)
{
	struct buf value = BUF_EMPTY;
	bool found = command_id(span_str(ids[_i].args), ids[_i].field, &value);

	ck_assert_msg(found == (ids[_i].value != NULL), "%s", ids[_i].args);
	ck_assert_msg(span_is(buf_span(&value), found ? ids[_i].value : ""),
	    "%s", ids[_i].args);
	buf_free(&value);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, scan, 0, UNIT_COUNT(scans));
	tcase_add_test(t, scan_endless);
	tcase_add_loop_test(t, astring, 0, UNIT_COUNT(strings));
	tcase_add_test(t, nul);
	tcase_add_test(t, words);
	tcase_add_loop_test(t, id, 0, UNIT_COUNT(ids));
}

int
main(void)
{
	return unit_main("login/imap_command", fill);
}
