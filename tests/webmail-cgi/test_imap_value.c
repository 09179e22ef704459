/* test_imap_value.c - webmail-cgi/imap_value.h */

#include "webmail-cgi/imap_value.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *bytes;
	size_t length; /* of the response at the front */
} responses[] = {
	{ "", 0 },
	{ "* OK", 0 },
	{ "* OK\r", 0 },
	{ "* OK\r\n", 6 },
	{ "* OK\r\n* NO\r\n", 6 },
	{ "* OK\nx", 5 },
	{ "* {3}\r\nabc\r\n", 12 },
	{ "* {3}\r\nabc)\r\nx", 13 },
	{ "* {0}\r\n\r\nx", 9 },
	{ "* {3}\r\nab", 0 },
	{ "* {3}\r\nabc", 0 },
	{ "* {3}\r\na\r\n {2}\r\nxy)\r\n", 21 },
	{ "* {99999999999999999999}\r\nx", 26 },
	{ "* {4294967296}\r\nx", 16 },
	{ "* {-1}\r\nx", 8 },
	{ "* {}\r\nx", 6 },
	{ "* x}\r\nx", 6 },
	{ "{2147483647}\r\nx", 0 },
};

START_TEST(length)
{
	struct span bytes = span_str(responses[_i].bytes);
	size_t want = responses[_i].length;

	ck_assert_msg(imap_response_length(bytes) == want, "%s: %zu",
	    responses[_i].bytes, imap_response_length(bytes));
	for (size_t n = 0; n < want; n++)
		ck_assert_msg(imap_response_length(span_head(bytes, n)) == 0,
		    "%s cut at %zu", responses[_i].bytes, n);
}
END_TEST

/* Tokens in short: atoms as they are, strings in <>, NIL as ~. */
static void
print(struct buf *out, const struct imap_tokens *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct span text = t->list[i].text;

		switch (t->list[i].kind) {
		case TOKEN_ATOM:
			buf_printf(out, "%.*s ", (int)text.n, text.p);
			break;
		case TOKEN_STRING:
			buf_printf(out, "<%.*s> ", (int)text.n, text.p);
			break;
		case TOKEN_NIL:
			buf_add_str(out, "~ ");
			break;
		case TOKEN_OPEN:
			buf_add_str(out, "( ");
			break;
		case TOKEN_CLOSE:
			buf_add_str(out, ") ");
			break;
		case TOKEN_END:
			buf_add_str(out, "END ");
			break;
		}
	}
}

static const struct {
	const char *line, *tokens; /* NULL: ill-formed */
} lines[] = {
	{ "", "" },
	{ "\r\n", "" },
	{ "3 EXISTS\r\n", "3 EXISTS " },
	{ "LIST (\\HasNoChildren) \".\" INBOX.a\r\n",
	    "LIST ( \\HasNoChildren ) <.> INBOX.a " },
	{ "LIST () NIL \"a \\\"b\\\\c\"\r\n", "LIST ( ) ~ <a \"b\\c> " },
	{ "x nil NiLs\r\n", "x ~ NiLs " },
	{ "1 FETCH (BODY[HEADER.FIELDS (A B)]<0> {2}\r\n)( UID 7)\r\n",
	    "1 FETCH ( BODY[HEADER.FIELDS (A B)]<0> <)(> UID 7 ) " },
	{ "{3}\r\na\rb\r\n", "<a\rb> " },
	{ "\"\"", "<> " },
	{ "{0}\r\n\r\n", "<> " },
	{ "{3}\r\na \n\r\n", "<a \n> " },
	{ "a \r\n", "a " },
	{ "((a)(b))", "( ( a ) ( b ) ) " },
	{ "(a", NULL },
	{ "a)", NULL },
	{ ")(", NULL },
	{ "\"a", NULL },
	{ "\"a\\", NULL },
	{ "\"a\r\n\"", NULL },
	{ "\"a\\\nb\"", NULL },
	{ "a\r\nb", NULL },
	{ "{3}\r\nab", NULL },
	{ "{3} abc", NULL },
	{ "{x}\r\nabc", NULL },
	{ "a {3", NULL },
	{ "a[b", "a[b " },
};

START_TEST(tokens)
{
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;
	struct imap_tokens t;
	bool good = imap_tokens_parse(a, span_str(lines[_i].line), &t);

	ck_assert_msg(good == (lines[_i].tokens != NULL), "%s", lines[_i].line);
	if (good) {
		print(&text, &t);
		ck_assert_str_eq(buf_str(&text), lines[_i].tokens);
		ck_assert(t.list[t.count].kind == TOKEN_END);
	}
	buf_free(&text);
	arena_free(&a);
}
END_TEST

/* Whatever a line is cut to, its tokens end, and stay inside it. */
START_TEST(tokens_cut)
{
	struct span line = span_str(lines[_i].line);
	struct arena *a = arena_new();
	struct imap_tokens t;

	for (size_t n = 0; n <= line.n; n++) {
		char *copy = arena_alloc(a, n + 1);

		if (n > 0)
			memcpy(copy, line.p, n);
		if (imap_tokens_parse(a, span_of(copy, n), &t))
			ck_assert_msg(t.list[t.count].kind == TOKEN_END,
			    "%s cut at %zu", lines[_i].line, n);
	}
	arena_free(&a);
}
END_TEST

START_TEST(find)
{
	struct arena *a = arena_new();
	const struct imap_token *v;
	struct imap_tokens t;

	ck_assert(imap_tokens_parse(
	    a, SPAN("(FLAGS (UID x) uid 7 ENVELOPE (NIL (\"a\" NIL))) z"), &t));
	v = imap_token_find(t.list, "UID");
	ck_assert(v != NULL && span_is(imap_token_text(v), "7"));
	v = imap_token_find(t.list, "ENVELOPE");
	ck_assert(v != NULL && v->kind == TOKEN_OPEN);
	ck_assert(imap_token_next(v)->kind == TOKEN_CLOSE);
	ck_assert_ptr_null(imap_token_find(t.list, "BODY[]"));
	ck_assert_ptr_null(imap_token_find(t.list + 1, "UID"));
	v = imap_token_next(t.list);
	ck_assert(span_is(imap_token_text(v), "z"));
	v = imap_token_next(v);
	ck_assert(v->kind == TOKEN_END && imap_token_next(v) == v);
	ck_assert_uint_eq(imap_token_text(v).n, 0);
	arena_free(&a);
}
END_TEST

/* A name without a value, at the end of its list. */
START_TEST(find_odd)
{
	struct arena *a = arena_new();
	struct imap_tokens t;

	ck_assert(imap_tokens_parse(a, SPAN("(a b UID) c"), &t));
	ck_assert_ptr_null(imap_token_find(t.list, "x"));
	ck_assert_ptr_null(imap_token_find(t.list, "UID"));
	ck_assert(imap_tokens_parse(a, SPAN("(UID)"), &t));
	ck_assert_ptr_null(imap_token_find(t.list, "UID"));
	arena_free(&a);
}
END_TEST

START_TEST(many)
{
	struct arena *a = arena_new();
	struct buf b = BUF_EMPTY;
	struct imap_tokens t;

	for (int i = 0; i < IMAP_TOKENS_MAX - 1; i++)
		buf_add_str(&b, "x ");
	ck_assert(imap_tokens_parse(a, buf_span(&b), &t));
	ck_assert_uint_eq(t.count, IMAP_TOKENS_MAX - 1);
	buf_add_str(&b, "x ");
	ck_assert(!imap_tokens_parse(a, buf_span(&b), &t));
	buf_free(&b);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, length, 0, UNIT_COUNT(responses));
	tcase_add_loop_test(t, tokens, 0, UNIT_COUNT(lines));
	tcase_add_loop_test(t, tokens_cut, 0, UNIT_COUNT(lines));
	tcase_add_test(t, find);
	tcase_add_test(t, find_odd);
	tcase_add_test(t, many);
}

int
main(void)
{
	return unit_main("webmail-cgi/imap_value", fill);
}
