/* test_formail.c - the parsers of formail: fields, senders, where mail begins
 */

#include "base/arena.h"
#include "tests/unit.h"
#include "tools/formail/formail.h"

#define FROM "From a@b Mon Mar  2 09:10:11 2020\n"

static const struct {
	const char *text;
	size_t name, gap;
} names[] = {
	{ "A: b", 2, 0 },
	{ "A:", 2, 0 },
	{ "A \t: b", 4, 2 },
	{ "From a", 5, 0 },
	{ "From : a", 6, 1 },
	{ "From: a", 5, 0 },
	{ "A b: c", 0, 0 },
	{ ": a", 0, 0 },
	{ " A: b", 0, 0 },
	{ "", 0, 0 },
	{ "A\x7f: b", 0, 0 },
	{ "A", 0, 0 },
};

START_TEST(name)
{
	size_t gap;

	ck_assert_uint_eq(
	    mail_name(span_str(names[_i].text), &gap), names[_i].name);
	ck_assert_uint_eq(gap, names[_i].gap);
}
END_TEST

static const struct {
	const char *head, *want, *want_header;
} senders[] = {
	{ "From: a@b.c\n", "a@b.c", NULL },
	{ "From: Ann <a@b.c>\n", "a@b.c", NULL },
	{ "From: \"A, <x> \\\" B\" <a@b.c> (and more)\n", "a@b.c", NULL },
	{ "From: a@b.c (Ann (the other) Lee)\n", "a@b.c", NULL },
	{ "From: (Ann \\) Lee) a@b.c, d@e.f\n", "a@b.c", NULL },
	{ "From: a @ b.c\n", "a@b.c", NULL },
	{ "From: a@b.c d@e.f\n", "a@b.c", NULL },
	{ "From: <>\n", "", NULL },
	{ "From:\n", "", NULL },
	{ "From: (never closed\n", "", NULL },
	{ "From: \"never closed\n", "\"never closed", NULL },
	{ "From: x\\\n", "x\\", NULL },
	{ FROM "From: c@d\n", "a@b", "c@d" },
	{ FROM "From: c@d.e\n", "c@d.e", NULL },
	{ "From a@b.c x\n>From d@e.f y\nFrom: g@h\n", "d@e.f", "d@e.f" },
	{ "From a!b Mon remote from c\n", "c!a!b", NULL },
	{ "From \n", "", NULL },
	{ "Return-Path: <>\nFrom: a@b.c\n", "<>", NULL },
	{ "Reply-To: r@s.t\nFrom: a@b.c\nReturn-Path: <p@q.r>\n", "p@q.r",
	    "r@s.t" },
};

START_TEST(sender)
{
	struct formail f = { .lengths = true, .reply = true };
	struct mail m = { .memory = arena_new() };
	struct span got;

	mail_parse(&m, span_str(senders[_i].head));
	got = reply_sender(&f, &m);
	ck_assert_msg(span_is(got, senders[_i].want), "%s: %.*s, not %s",
	    senders[_i].head, (int)got.n, got.p, senders[_i].want);
	f.by_header = true;
	got = reply_sender(&f, &m);
	ck_assert_msg(
	    span_is(got,
		senders[_i].want_header == NULL ? senders[_i].want
						: senders[_i].want_header),
	    "%s: by the header %.*s", senders[_i].head, (int)got.n, got.p);
	arena_free(&m.memory);
}
END_TEST

/* Messages with a bar between them. */
static const struct {
	const char *text, *want;
	bool digest, every;
	size_t min;
} boxes[] = {
	{ "", "", false, false, 2 },
	{ "\n\n\n", "", false, false, 2 },
	{ "text", "text", false, false, 2 },
	{ FROM "To: x\n\na\n\n" FROM "To: y\n\nb\n",
	    FROM "To: x\n\na\n\n|" FROM "To: y\n\nb\n", false, false, 2 },
	{ FROM "To: x\n\na\n" FROM "To: y\n\nb\n",
	    FROM "To: x\n\na\n" FROM "To: y\n\nb\n", false, false, 2 },
	{ FROM "To: x\n\na\n" FROM "To: y\n\nb\n",
	    FROM "To: x\n\na\n|" FROM "To: y\n\nb\n", false, true, 2 },
	{ FROM "To: x\n\na\n\n" FROM "Odd: y\n\nb\n",
	    FROM "To: x\n\na\n\n" FROM "Odd: y\n\nb\n", false, false, 2 },
	{ FROM "To: x\n\na\n\n" FROM "To: y\n\nb\n",
	    FROM "To: x\n\na\n\n" FROM "To: y\n\nb\n", false, false, 3 },
	{ "To: x\n\na\n\nTo: y\nFrom: z\n\nb\n",
	    "To: x\n\na\n\n|To: y\nFrom: z\n\nb\n", true, false, 2 },
	/* an envelope line ends a header too */
	{ FROM FROM "To: x\nCc: y\n\na\n", FROM "|" FROM "To: x\nCc: y\n\na\n",
	    false, false, 2 },
	{ FROM FROM ">" FROM "To: x\nCc: y\n\na\n",
	    FROM FROM ">" FROM "To: x\nCc: y\n\na\n", false, false, 2 },
	{ FROM FROM "Odd: x\n\na\n", FROM FROM "Odd: x\n\na\n", false, false,
	    2 },
	/* none are enough; and nothing is lost */
	{ "a\nb\n", "a\nb\n", true, false, 0 },
	{ FROM "To: x\n\na\n\n" FROM "To: y\n\nb\n",
	    FROM "To: x\n\na\n\n" FROM "To: y\n\nb\n", true, true, 0 },
	{ FROM "Content-Length: 40\n\na\n\n" FROM "To: y\n\nb\n",
	    FROM "Content-Length: 40\n\na\n\n" FROM "To: y\n\nb\n", false,
	    false, 2 },
};

START_TEST(bounds)
{
	struct formail f = { .lengths = true,
		.split = true,
		.digest = boxes[_i].digest,
		.every = boxes[_i].every,
		.min_fields = boxes[_i].min };
	struct span rest = span_str(boxes[_i].text), one;
	struct buf got = BUF_EMPTY;

	while (bounds_next(&f, &rest, &one)) {
		if (got.n > 0)
			buf_add_byte(&got, '|');
		buf_add_span(&got, one);
	}
	ck_assert_msg(span_is(buf_span(&got), boxes[_i].want),
	    "\"%s\": \"%s\", not \"%s\"", boxes[_i].text, buf_str(&got),
	    boxes[_i].want);
	buf_free(&got);
}
END_TEST

/* A header of 100000 fields of one name: not a matter of minutes. */
START_TEST(many_fields)
{
	struct edit one = { .kind = EDIT_LAST, .name = SPAN("Received:") };
	struct formail f = { .edits = &one, .edit_count = 1 };
	struct mail m = { .memory = arena_new() };
	struct buf text = BUF_EMPTY;

	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "Received: %d\n", i);
	mail_parse(&m, buf_span(&text));
	edit_run(&f, &m);
	write_mail(&f, &m);
	ck_assert(span_is(buf_span(&m.out), "Received: 99999\n\n"));
	buf_free(&m.out);
	buf_free(&text);
	arena_free(&m.memory);
}
END_TEST

static void
tests(TCase *t)
{
	tcase_add_loop_test(t, name, 0, UNIT_COUNT(names));
	tcase_add_loop_test(t, sender, 0, UNIT_COUNT(senders));
	tcase_add_loop_test(t, bounds, 0, UNIT_COUNT(boxes));
	tcase_add_test(t, many_fields);
}

int
main(void)
{
	return unit_main("tools/formail", tests);
}
