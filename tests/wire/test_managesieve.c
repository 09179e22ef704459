/* test_managesieve.c - wire/managesieve.h */

#include "wire/managesieve.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

/* What is read of the input: verb and arguments with '|' between, strings in
 * brackets; or "more", "bad", "large SKIP", "endless"; then what is left. */
static const struct {
	const char *input, *read, *left;
} cases[] = {
	{ "NOOP\r\n", "NOOP", "" },
	{ "noop \r\nX", "noop", "X" },
	{ "NOOP\n", "NOOP", "" },
	{ "NOOP", "more", "NOOP" },
	{ "NOOP\r", "more", "NOOP\r" },
	{ "NOOP \"a\\\"\\\\b\"\r\n", "NOOP|[a\"\\b]", "" },
	{ "NOOP \"a\\b\"\r\nX", "bad", "X" },
	{ "NOOP \"a\r\nb\"\r\nX", "bad", "b\"\r\nX" },
	{ "NOOP \"a\"x\r\nX", "bad", "X" },
	{ "NOOP\"a\"\r\nX", "bad", "X" },
	{ "NOOP (\r\nX", "bad", "X" },
	{ "NOOP (", "more", "NOOP (" },
	{ "PUT \"a\" {3+}\r\nx\ny\r\nX", "PUT|[a]|[x\ny]", "X" },
	{ "PUT \"a\" {3}\r\nxyz\r\n", "PUT|[a]|[xyz]", "" },
	{ "PUT \"a\" {3+}\r\nxy", "more", "PUT \"a\" {3+}\r\nxy" },
	{ "PUT {0+}\r\n \"\"\r\n", "PUT|[]|[]", "" },
	{ "PUT {9+}\r\n12345678", "large 9", "12345678" },
	{ "PUT {5+}\r\n12345 {4+}\r\n1234\r\n", "large 4", "1234\r\n" },
	{ "PUT {99999999999+}\r\nX", "bad", "X" },
	{ "PUT {-1+}\r\nX", "bad", "X" },
	{ "PUT {1+\r\nX", "bad", "X" },
	{ "HAVE \"a\" 99\r\n", "HAVE|[a]|99", "" },
	{ "HAVE \"a\" 4294967296\r\nX", "bad", "X" },
	{ "HAVE 1 2 3 4\r\nX", "bad", "X" },
	{ "\"YQ==\"\r\n", "|[YQ==]", "" },
	{ "{2+}\r\nab\r\n", "|[ab]", "" },
	{ "\r\nX", "bad", "X" },
	{ "*\r\nX", "bad", "X" },
	{ "", "more", "" },
};

static void
write_read(struct span in, struct buf *out, size_t *used)
{
	struct arena *a = arena_new();
	struct managesieve_command c;

	switch (managesieve_read(a, in, 8, &c)) {
	case MANAGESIEVE_WHOLE:
		buf_add_span(out, c.verb);
		for (size_t i = 0; i < c.count; i++) {
			buf_add_str(out, c.args[i].is_number ? "|" : "|[");
			if (c.args[i].is_number)
				buf_add_number(out, c.args[i].number);
			buf_add_span(out, c.args[i].text);
			buf_add_str(out, c.args[i].is_number ? "" : "]");
		}
		managesieve_wipe(&c);
		break;
	case MANAGESIEVE_MORE:
		buf_add_str(out, "more");
		break;
	case MANAGESIEVE_BAD:
		buf_add_str(out, "bad");
		break;
	case MANAGESIEVE_TOO_LARGE:
		buf_printf(out, "large %u", (unsigned)c.skip);
		break;
	case MANAGESIEVE_ENDLESS:
		buf_add_str(out, "endless");
		break;
	}
	*used = c.used;
	arena_free(&a);
}

START_TEST(reads)
{
	struct buf out = BUF_EMPTY;
	size_t used;

	write_read(span_str(cases[_i].input), &out, &used);
	ck_assert_msg(span_is(buf_span(&out), cases[_i].read), "%s: %s",
	    cases[_i].input, buf_str(&out));
	ck_assert_str_eq(cases[_i].input + used, cases[_i].left);
	buf_free(&out);
}
END_TEST

/* A whole command cut anywhere is one of which more has to come. */
START_TEST(cut)
{
	static const char whole[] = "PUT \"a\\\"b\" {3+}\r\nx\ny 12\r\n";
	struct buf out = BUF_EMPTY;
	size_t used;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		buf_clear(&out);
		write_read(span_of(whole, n), &out, &used);
		ck_assert_msg(span_is(buf_span(&out), "more"), "%zu: %s", n,
		    buf_str(&out));
	}
	buf_free(&out);
}
END_TEST

START_TEST(endless)
{
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	size_t used;

	for (int i = 0; i <= MANAGESIEVE_LINE_MAX; i++)
		buf_add_byte(&in, 'A');
	write_read(buf_span(&in), &out, &used);
	ck_assert_str_eq(buf_str(&out), "endless");
	buf_free(&in);
	buf_free(&out);
}
END_TEST

START_TEST(strings)
{
	struct buf b = BUF_EMPTY;

	managesieve_string(&b, SPAN("a\"\\b"));
	buf_add_byte(&b, ' ');
	managesieve_string(&b, SPAN("a\nb"));
	buf_add_byte(&b, ' ');
	managesieve_string(&b, SPAN(""));
	ck_assert_str_eq(buf_str(&b), "\"a\\\"\\\\b\" {3}\r\na\nb \"\"");
	buf_free(&b);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, reads, 0, UNIT_COUNT(cases));
	tcase_add_test(t, cut);
	tcase_add_test(t, endless);
	tcase_add_test(t, strings);
}

int
main(void)
{
	return unit_main("wire/managesieve", fill);
}
