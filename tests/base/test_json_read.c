/* test_json_read.c - base/json_read.h */

#include "base/json_read.h"

#include "base/buf.h"
#include "tests/unit.h"

/* Pieces as letters: { } [ ] n(ame) s # t f 0, '.' the end, '!' ill-formed. */
static const struct row {
	const char *in, *pieces;
} rows[] = {
	{ "{}", "{}." },
	{ " [ ] ", "[]." },
	{ "{\"a\":1,\"b\":[true,false,null],\"c\":{}}", "{n#n[tf0]n{}}." },
	{ "\"x\"", "s." },
	{ "-0.5e+10", "#." },
	{ "0", "#." },
	{ "", "!" },
	{ "{", "{!" },
	{ "{\"a\"}", "{!" },
	{ "{\"a\":}", "{n!" },
	{ "{\"a\":1,}", "{n#!" },
	{ "{,}", "{!" },
	{ "[1,]", "[#!" },
	{ "[1 2]", "[#!" },
	{ "[}", "[!" },
	{ "{]", "{!" },
	{ "1 1", "#!" },
	{ "01", "!" },
	{ "1.", "!" },
	{ ".5", "!" },
	{ "+1", "!" },
	{ "1e", "!" },
	{ "-", "!" },
	{ "nul", "!" },
	{ "True", "!" },
	{ "'x'", "!" },
	{ "\"x", "!" },
	{ "\"\\x\"", "!" },
	{ "\"\\u12\"", "!" },
	{ "\"\\ud800\"", "!" },
	{ "\"\\ud800\\u0041\"", "!" },
	{ "\"\\udc00\"", "!" },
	{ "\"\xff\"", "!" },
	{ "\"\n\"", "!" },
	{ "[] x", "[]!" },
};

static void
walk(struct span in, struct buf *out)
{
	static const char letters[] = "{}[]ns#tf0.!";
	struct json_reader r = { .rest = in };
	struct buf text = BUF_EMPTY;
	enum json_piece got;

	do {
		got = json_next(&r, &text);
		buf_add_byte(out, letters[got]);
	} while (got != JSON_BAD && got != JSON_END);
	ck_assert(json_next(&r, &text) == got);
	buf_free(&text);
}

START_TEST(pieces)
{
	struct buf out = BUF_EMPTY;
	struct span in = span_str(rows[_i].in);

	walk(in, &out);
	ck_assert_msg(span_is(buf_span(&out), rows[_i].pieces), "%s: %s",
	    rows[_i].in, buf_str(&out));
	/* cut anywhere it is another value or none, never more than was there
	 */
	for (size_t n = 0; n < in.n; n++) {
		buf_clear(&out);
		walk(span_head(in, n), &out);
	}
	buf_free(&out);
}
END_TEST

static const struct {
	const char *in;
	struct span out;
} strings[] = {
	{ "\"\"", SPAN_INIT("") },
	{ "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", SPAN_INIT("a\"\\/\b\f\n\r\t") },
	{ "\"\\u00e9\\u20AC\"", SPAN_INIT("\xc3\xa9\xe2\x82\xac") },
	{ "\"\\ud83d\\ude00\"", SPAN_INIT("\xf0\x9f\x98\x80") },
	{ "\"\\u0000\"", SPAN_INIT("\0") },
};

START_TEST(decoded)
{
	struct json_reader r = { .rest = span_str(strings[_i].in) };
	struct buf text = BUF_EMPTY;

	ck_assert(json_next(&r, &text) == JSON_STRING);
	ck_assert(span_eq(buf_span(&text), strings[_i].out));
	buf_free(&text);
}
END_TEST

START_TEST(depth)
{
	for (size_t n = JSON_DEPTH_MAX; n <= JSON_DEPTH_MAX + 1; n++) {
		struct buf in = BUF_EMPTY, out = BUF_EMPTY;

		memset(buf_room(&in, n), '[', n);
		in.n += n;
		memset(buf_room(&in, n), ']', n);
		in.n += n;
		walk(buf_span(&in), &out);
		ck_assert_int_eq(
		    out.p[out.n - 1], n > JSON_DEPTH_MAX ? '!' : '.');
		buf_free(&in);
		buf_free(&out);
	}
}
END_TEST

START_TEST(skip)
{
	struct json_reader r = {
		.rest = SPAN("{\"a\":[1,{\"x\":[]}],\"b\":2,\"c\":[3,4]}")
	};
	struct buf text = BUF_EMPTY;

	ck_assert(json_next(&r, &text) == JSON_OBJECT);
	ck_assert(json_next(&r, &text) == JSON_NAME);
	ck_assert(json_skip(&r, &text));
	ck_assert(json_next(&r, &text) == JSON_NAME);
	ck_assert(span_is(buf_span(&text), "b"));
	ck_assert(json_skip(&r, &text));
	ck_assert(json_next(&r, &text) == JSON_NAME);
	ck_assert(json_next(&r, &text) == JSON_ARRAY);
	ck_assert(json_skip(&r, &text));
	ck_assert(json_next(&r, &text) == JSON_OBJECT_END);
	ck_assert(json_next(&r, &text) == JSON_END);
	buf_free(&text);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, pieces, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, decoded, 0, UNIT_COUNT(strings));
	tcase_add_test(t, depth);
	tcase_add_test(t, skip);
}

int
main(void)
{
	return unit_main("base/json_read", fill);
}
