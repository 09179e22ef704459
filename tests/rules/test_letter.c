/* test_letter.c - rules/letter.h; the bytes are those that procmail writes */

#include "rules/letter.h"

#include "tests/unit.h"

#define FROM "From a@b  Mon Mar  2 09:10:11 2020\n"

static const struct {
	const char *text;
	size_t head;
	const char *searched;
} splits[] = {
	{ "", 0, "" },
	{ "A: b\n\nx\n", 6, "A: b\n\nx\n" },
	{ "A: b\n c\n\td\n\nx\n y\n", 12, "A: b  c \td\n\nx\n y\n" },
	{ "A: b\n", 5, "A: b\n" },
	{ "A: b", 4, "A: b" },
	{ "\n\nA: b\n\nx", 8, "\n\nA: b\n\nx" },
	{ "\n", 1, "\n" },
	{ FROM "\n", 36, FROM "\n" },
	{ "A: b\r\n\r\nx\n\ny\n", 11, "A: b\r\n\r\nx\n\ny\n" },
};

START_TEST(split)
{
	struct letter *l = letter_new(span_str(splits[_i].text), true);

	ck_assert_uint_eq(letter_head(l).n, splits[_i].head);
	ck_assert_uint_eq(
	    letter_head(l).n + letter_body(l).n, strlen(splits[_i].text));
	ck_assert(span_is(letter_searched(l, true, true), splits[_i].searched));
	ck_assert_uint_eq(letter_searched(l, true, false).n, splits[_i].head);
	letter_free(&l);
}
END_TEST

static const struct {
	const char *text;
	struct letter_how how;
	const char *want;
} renders[] = {
	{ "A: b\n\nx", { .end_line = true }, "A: b\n\nx\n" },
	{ "A: b\n\nx\n", { .end_line = true }, "A: b\n\nx\n\n" },
	{ "A: b\n\nx\n\n", { .end_line = true }, "A: b\n\nx\n\n" },
	{ "", { .end_line = true }, "\n" },
	{ "A: b\n\n\n", { .body = true, .end_line = true }, "\n\n" },
	{ "A: b\n\n", { .body = true, .end_line = true }, "\n" },
	{ "A: b\n", { .head = true, .end_line = true }, "A: b\n\n" },
	{ FROM ">From c\n>From d\nA: b\n>From e\n\nx", { .no_from = true },
	    "A: b\n>From e\n\nx" },
	{ FROM "A: b\nFrom c\n\nFrom d\n>From e\nFromx\n From y\n",
	    { .quote = true },
	    FROM "A: b\n>From c\n\n>From d\n>From e\nFromx\n From y\n" },
	{ "A: b\n\nFrom a\nFrom b\n", { .body = true, .quote = true },
	    "From a\n>From b\n" },
	{ FROM "Content-Length: 99\n\nFrom a\nFrom b\n", { .quote = true },
	    FROM "Content-Length: 14\n\nFrom a\nFrom b\n" },
	{ FROM "content-length:9\n\nFrom a\nFrom b\n", { .quote = true },
	    FROM "content-length:9\n\nFrom a\nFrom b\n" },
	{ FROM "Content-Length: 5\n\nA\n\n", { .quote = true },
	    FROM "Content-Length: 2\n\nA\n\n" },
	{ FROM "Content-Length:5\n\nFrom a\nFrom b\n", { .quote = true },
	    FROM "Content-Length:9\n\nFrom a\nFrom b\n" },
	{ FROM "Content-Length:\n\nFrom a\nFrom b\n", { .quote = true },
	    FROM "Content-Length:\n\nFrom a\n>From b\n" },
};

START_TEST(rendered)
{
	struct letter *l = letter_new(span_str(renders[_i].text), true);
	struct pieces p = { .count = 0 };
	struct buf got = BUF_EMPTY;

	letter_render(l, &renders[_i].how, &p);
	for (size_t i = 0; i < p.count; i++)
		buf_add_span(&got, p.at[i]);
	ck_assert_uint_eq(got.n, p.bytes);
	ck_assert_msg(span_is(buf_span(&got), renders[_i].want),
	    "got \"%s\", not \"%s\"", buf_str(&got), renders[_i].want);
	buf_free(&got);
	pieces_free(&p);
	letter_free(&l);
}
END_TEST

START_TEST(replaced)
{
	struct letter *l = letter_new(
	    SPAN(FROM "Content-Length: 3\nA: b\n\nx: y\n\nz\n"), true);

	letter_replace(l, false, true, SPAN("longer\n"));
	ck_assert(span_is(
	    letter_text(l), FROM "Content-Length: 7\nA: b\n\nlonger\n"));
	/* a header without its empty line reaches into the body */
	letter_replace(l, true, false, SPAN("B: c\n"));
	ck_assert(span_is(letter_head(l), "B: c\nlonger\n"));
	/* and one that has none stays what it is */
	letter_replace(l, false, true, SPAN(""));
	letter_replace(l, false, true, SPAN("\nz\n"));
	ck_assert(span_is(letter_head(l), "B: c\nlonger\n"));
	ck_assert(span_is(letter_body(l), "\nz\n"));
	letter_replace(l, false, false, SPAN("C: d\n\ne"));
	ck_assert(span_is(letter_body(l), "e"));
	letter_free(&l);
}
END_TEST

START_TEST(envelope)
{
	struct letter *l = letter_new(SPAN(FROM ">From c\nA: b\n"), true);

	ck_assert(
	    span_is(letter_from(l), "From a@b  Mon Mar  2 09:10:11 2020"));
	letter_set_from(l, SPAN("From x  now"), false);
	ck_assert(span_is(letter_text(l), "From x  now\n>From c\nA: b\n"));
	letter_set_from(l, SPAN(""), true);
	ck_assert(span_is(letter_text(l), "A: b\n"));
	ck_assert_uint_eq(letter_from(l).n, 0);
	letter_set_from(l, SPAN("From y"), true);
	ck_assert(span_is(letter_text(l), "From y\nA: b\n"));
	letter_free(&l);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, split, 0, UNIT_COUNT(splits));
	tcase_add_loop_test(t, rendered, 0, UNIT_COUNT(renders));
	tcase_add_test(t, replaced);
	tcase_add_test(t, envelope);
}

int
main(void)
{
	return unit_main("rules/letter", fill);
}
