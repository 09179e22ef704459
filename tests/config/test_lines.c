/* test_lines.c - config/lines.h and config/notes.h */

#include "config/lines.h"

#include "base/buf.h"
#include "base/why.h"
#include "config/notes.h"
#include "tests/unit.h"

static const struct {
	const char *text, *lines; /* each ended by | */
	const char *says; /* the end is CONF_BAD: in the reason */
	size_t notes;
} cases[] = {
	{ "", "", NULL, 0 },
	{ "a", "a|", NULL, 0 },
	{ "a\n\nb\r\n", "a||b|", NULL, 0 },
	{ "\xef\xbb\xbf#a\nb", "#a|b|", NULL, 1 },
	{ "a\xef\xbb\xbf\n", "a\xef\xbb\xbf|", NULL, 0 },
	{ "a <br/> <BR>\t\n<br />", "a||", NULL, 2 },
	{ "a<br/>b\n", "a<br/>b|", NULL, 0 },
	{ "# a<br/>\nb", "# a|b|", NULL, 0 },
	{ "a\tb\n#\x1b[0m\n", "a\tb|#\x1b[0m|", NULL, 0 },
	{ "a\n\x1b[0m\n", "a|", "f, line 2: control byte 0x1b", 0 },
	{ "a\rb\n", "", "f, line 1: control byte 0x0d", 0 },
};

START_TEST(lines)
{
	struct notes notes = { NULL, 0, 0 };
	struct conf_lines l = { span_str(cases[_i].text), "f", &notes, 0 };
	struct buf got = BUF_EMPTY;
	enum conf_line result;
	struct span line;
	struct why why;

	why_init(&why);
	while ((result = conf_line_next(&l, &line, &why)) == CONF_LINE) {
		buf_add_span(&got, line);
		buf_add_byte(&got, '|');
	}
	ck_assert_str_eq(buf_str(&got), cases[_i].lines);
	ck_assert_int_eq(result, cases[_i].says == NULL ? CONF_END : CONF_BAD);
	if (cases[_i].says != NULL)
		ck_assert_msg(strstr(why_text(&why), cases[_i].says) != NULL,
		    "%s", why_text(&why));
	ck_assert_uint_eq(notes.n, cases[_i].notes);
	notes_free(&notes);
	why_free(&why);
	buf_free(&got);
}
END_TEST

START_TEST(idle)
{
	ck_assert(conf_line_idle(SPAN("")));
	ck_assert(conf_line_idle(SPAN(" \t")));
	ck_assert(conf_line_idle(SPAN(" # a")));
	ck_assert(!conf_line_idle(SPAN(" a # b")));
}
END_TEST

START_TEST(notes_are_bounded)
{
	struct notes notes = { NULL, 0, 0 };
	struct buf longest = BUF_EMPTY;

	for (int i = 0; i < 5000; i++)
		buf_add_byte(&longest, 'x');
	notes_add(&notes, "f", 0, "%s", buf_str(&longest));
	ck_assert_uint_lt(strlen(notes.rows[0].text), 500);
	ck_assert_ptr_eq(
	    strstr(notes.rows[0].text, "f: xxx"), notes.rows[0].text);
	notes_add(&notes, "f", 7, "a\nb\x1b");
	ck_assert_str_eq(notes.rows[1].text, "f, line 7: a?b?");
	ck_assert_uint_eq(notes.rows[1].line, 7);
	for (unsigned i = 0; i < 2 * NOTES_MAX; i++)
		notes_add(&notes, "f", i, "again");
	ck_assert_uint_eq(notes.n, NOTES_MAX + 1);
	ck_assert_ptr_nonnull(
	    strstr(notes.rows[NOTES_MAX].text, "more is wrong"));
	notes_free(&notes);
	ck_assert_uint_eq(notes.n, 0);
	buf_free(&longest);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, lines, 0, UNIT_COUNT(cases));
	tcase_add_test(t, idle);
	tcase_add_test(t, notes_are_bounded);
}

int
main(void)
{
	return unit_main("config/lines", fill);
}
