/* test_dot.c - wire/dot.h */

#include "wire/dot.h"

#include <string.h>

#include "base/buf.h"
#include "tests/unit.h"

#define B(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}

/* rest: bytes behind the end of the content. */
static const struct row {
	enum dot_mode mode;
	struct span in;
	enum dot_result result;
	struct span out;
	size_t rest;
} rows[] = {
	{ DOT_STRICT, B(".\r\n"), DOT_END, B(""), 0 },
	{ DOT_STRICT, B("a\r\n.\r\nQUIT\r\n"), DOT_END, B("a\n"), 6 },
	{ DOT_STRICT, B("..a\r\n.b\r\n...\r\n.\r\n"), DOT_END, B(".a\nb\n..\n"),
	    0 },
	{ DOT_STRICT, B("a.\r\n.\r\n"), DOT_END, B("a.\n"), 0 },
	{ DOT_STRICT, B("\r\n\r\n.\r\n"), DOT_END, B("\n\n"), 0 },
	{ DOT_STRICT, B("a\r\n."), DOT_MORE, B("a\n"), 0 },
	{ DOT_STRICT, B("a\0b\r\n.\r\n"), DOT_END, B("a\0b\n"), 0 },
	{ DOT_STRICT, B("a\n.\r\n"), DOT_BAD, B("a"), 3 },
	{ DOT_STRICT, B("a\r\n.\n"), DOT_BAD, B("a\n"), 0 },
	{ DOT_STRICT, B("a\rb"), DOT_BAD, B("a"), 0 },
	{ DOT_STRICT, B("a\r\r\n.\r\n"), DOT_BAD, B("a"), 4 },
	{ DOT_STRICT, B("a\r\n.\r.\r\n"), DOT_BAD, B("a\n"), 2 },
	{ DOT_STRICT, B("\n"), DOT_BAD, B(""), 0 },
	{ DOT_NORMALISE, B("a\n.\nb\r\n.\r\n"), DOT_END, B("a\n.\nb\n"), 0 },
	{ DOT_NORMALISE, B("a\n.\r\nb\r\n.\r\n"), DOT_END, B("a\n.\nb\n"), 0 },
	{ DOT_NORMALISE, B("a\r\n.\nb\r\n.\r\n"), DOT_END, B("a\n.\nb\n"), 0 },
	{ DOT_NORMALISE, B("a\r.\r\n.\r\n"), DOT_END, B("a .\n"), 0 },
	{ DOT_NORMALISE, B("a\r\r\n.\r\n"), DOT_END, B("a \n"), 0 },
	{ DOT_NORMALISE, B("a\n..\r\n.\r\n"), DOT_END, B("a\n.\n"), 0 },
	{ DOT_NORMALISE, B("a\r\n.\r\r\n.\r\n"), DOT_END, B("a\n \n"), 0 },
	{ DOT_NORMALISE, B("a\n.\rb\r\n.\r\n"), DOT_END, B("a\n b\n"), 0 },
	{ DOT_NORMALISE, B("a\n.\n.\r\n.\r\n"), DOT_END, B("a\n.\n.\n"), 0 },
	{ DOT_ANY, B("a\n.\nX"), DOT_END, B("a\n"), 1 },
	{ DOT_ANY, B("a\r\n.\nX"), DOT_END, B("a\n"), 1 },
	{ DOT_ANY, B("a\n.\r\nX"), DOT_END, B("a\n"), 1 },
	{ DOT_ANY, B(".\n"), DOT_END, B(""), 0 },
	{ DOT_ANY, B("a\r.\r\n.\r\n"), DOT_END, B("a .\n"), 0 },
};

static void
check_row(const struct row *r, size_t cut, int i)
{
	struct dot_reader *d = dot_new(r->mode);
	struct buf out = BUF_EMPTY;
	size_t used = 0, more = 0;
	enum dot_result got;

	got = dot_feed(d, r->in.p, cut, &used, &out);
	if (got == DOT_MORE) {
		ck_assert_uint_eq(used, cut);
		got = dot_feed(d, r->in.p + cut, r->in.n - cut, &more, &out);
	}
	ck_assert_msg(got == r->result && span_eq(buf_span(&out), r->out) &&
		r->in.n - used - more == r->rest,
	    "row %d cut at %zu: result %d, \"%s\"", i, cut, (int)got,
	    buf_str(&out));
	buf_free(&out);
	dot_free(&d);
	ck_assert_ptr_null(d);
}

START_TEST(read_cut)
{
	for (size_t cut = 0; cut <= rows[_i].in.n; cut++)
		check_row(&rows[_i], cut, _i);
}
END_TEST

/* All texts of n bytes of this alphabet. */
static const char alphabet[] = { '\r', '\n', '.', 'a', '\0' };

static size_t
nth_text(size_t number, size_t n, char *text)
{
	for (size_t i = 0; i < n; i++) {
		text[i] = alphabet[number % sizeof(alphabet)];
		number /= sizeof(alphabet);
	}
	return number;
}

/* What was read and is written again must be read by the strictest reader as
 * the very same content, with nothing behind it: nothing can be smuggled. */
static void
check_hop(enum dot_mode mode, const char *text, size_t n)
{
	struct dot_reader *d = dot_new(mode), *next = dot_new(DOT_STRICT);
	struct buf content = BUF_EMPTY, wire = BUF_EMPTY, again = BUF_EMPTY;
	struct dot_writer w;
	size_t used;

	if (dot_feed(d, text, n, &used, &content) != DOT_BAD) {
		ck_assert(content.n <= n + 3);
		dot_writer_init(&w, true);
		dot_write(&w, buf_span(&content), &wire);
		dot_write_finish(&w, &wire);
		ck_assert_int_eq(
		    dot_feed(next, wire.p, wire.n, &used, &again), DOT_END);
		ck_assert_uint_eq(used, wire.n);
		if (content.n > 0 && content.p[content.n - 1] != '\n')
			buf_add_byte(&content, '\n');
		ck_assert(span_eq(buf_span(&again), buf_span(&content)));
	}
	buf_free(&content);
	buf_free(&wire);
	buf_free(&again);
	dot_free(&d);
	dot_free(&next);
}

START_TEST(two_hops)
{
	char text[7];

	for (size_t n = 1; n <= sizeof(text); n++)
		for (size_t i = 0; nth_text(i, n, text) == 0; i++) {
			check_hop(DOT_STRICT, text, n);
			check_hop(DOT_NORMALISE, text, n);
			check_hop(DOT_ANY, text, n);
		}
}
END_TEST

/* As a whole, or a byte at a time: the same, to the last octet read. */
static void
check_pieces(enum dot_mode mode, struct span text)
{
	struct dot_reader *all = dot_new(mode), *each = dot_new(mode);
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;
	size_t used, one, at = 0;
	enum dot_result got = dot_feed(all, text.p, text.n, &used, &a), last;

	do
		last = dot_feed(each, text.p + at, 1, &one, &b);
	while (last == DOT_MORE && ++at < text.n);
	ck_assert_int_eq(got, last);
	ck_assert(span_eq(buf_span(&a), buf_span(&b)));
	ck_assert_uint_eq(used, at + (last == DOT_MORE ? 0 : one));
	ck_assert_int_eq(dot_seen_bare(all), dot_seen_bare(each));
	buf_free(&a);
	buf_free(&b);
	dot_free(&all);
	dot_free(&each);
}

/* Line ends of all kinds between lines as long as what is looked at at once. */
START_TEST(lines_as_bytes)
{
	static const size_t lengths[] = { 0, 1, 509, 510, 511, 512, 1500 };
	struct buf text = BUF_EMPTY;
	char end[5];

	for (size_t i = 0; nth_text(i, sizeof(end), end) == 0; i++) {
		buf_clear(&text);
		for (size_t k = 0; k < 2; k++) {
			size_t n = lengths[(i + k) % UNIT_COUNT(lengths)];

			memset(buf_room(&text, n), 'x', n);
			text.n += n;
			buf_add(&text, end, sizeof(end));
		}
		buf_add_str(&text, "\r\ny\r\n.z\r\n.\r\nQUIT\r\n");
		check_pieces(DOT_STRICT, buf_span(&text));
		check_pieces(DOT_NORMALISE, buf_span(&text));
		check_pieces(DOT_ANY, buf_span(&text));
	}
	buf_free(&text);
}
END_TEST

/* In NORMALISE only the exact bytes end the content. */
START_TEST(only_crlf_dot_crlf)
{
	char text[7];

	for (size_t i = 0; nth_text(i, sizeof(text), text) == 0; i++) {
		struct dot_reader *d = dot_new(DOT_NORMALISE);
		struct buf out = BUF_EMPTY;
		struct span s = span_of(text, sizeof(text));
		size_t used, at = span_search(s, SPAN("\r\n.\r\n"));
		bool ends = span_starts(s, ".\r\n");

		if (dot_feed(d, text, sizeof(text), &used, &out) == DOT_END)
			ck_assert_uint_eq(used, ends ? 3 : at + 5);
		else
			ck_assert(!ends && at == s.n);
		buf_free(&out);
		dot_free(&d);
	}
}
END_TEST

static const struct {
	bool stuff;
	struct span in, out;
} writes[] = {
	{ true, B(""), B(".\r\n") },
	{ true, B("a"), B("a\r\n.\r\n") },
	{ true, B(".\n..\nx.\n"), B("..\r\n...\r\nx.\r\n.\r\n") },
	{ true, B("a\r\nb\n"), B("a\r\nb\r\n.\r\n") },
	{ true, B("a\rb\r"), B("a b\r\n.\r\n") },
	{ true, B("\r.\n"), B(" .\r\n.\r\n") },
	{ true, B("\r\r\n"), B(" \r\n.\r\n") },
	{ false, B(".\na"), B(".\r\na\r\n") },
	{ false, B(""), B("") },
};

START_TEST(write_cut)
{
	for (size_t cut = 0; cut <= writes[_i].in.n; cut++) {
		struct buf out = BUF_EMPTY;
		struct dot_writer w;

		dot_writer_init(&w, writes[_i].stuff);
		dot_write(&w, span_head(writes[_i].in, cut), &out);
		dot_write(&w, span_skip(writes[_i].in, cut), &out);
		dot_write_finish(&w, &out);
		ck_assert_msg(span_eq(buf_span(&out), writes[_i].out),
		    "row %d cut at %zu", _i, cut);
		buf_free(&out);
	}
}
END_TEST

START_TEST(bare_is_noted)
{
	struct dot_reader *d = dot_new(DOT_ANY);
	struct buf out = BUF_EMPTY;
	size_t used;

	dot_feed(d, "a\r\n.\r\n", 6, &used, &out);
	ck_assert(!dot_seen_bare(d));
	dot_reset(d);
	dot_feed(d, "a\nb", 3, &used, &out);
	ck_assert(dot_seen_bare(d));
	dot_reset(d);
	ck_assert(!dot_seen_bare(d));
	buf_free(&out);
	dot_free(&d);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, read_cut, 0, UNIT_COUNT(rows));
	tcase_add_test(t, two_hops);
	tcase_add_test(t, lines_as_bytes);
	tcase_add_test(t, only_crlf_dot_crlf);
	tcase_add_loop_test(t, write_cut, 0, UNIT_COUNT(writes));
	tcase_add_test(t, bare_is_noted);
}

int
main(void)
{
	return unit_main("wire/dot", fill);
}
