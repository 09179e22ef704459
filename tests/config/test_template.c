/* test_template.c - config/template.h */

#include "config/template.h"

#include "base/buf.h"
#include "base/why.h"
#include "config/param.h"
#include "tests/unit.h"

#define HEAD "From: a (b)\nSubject: s\n"
#define GOOD "failure_template = <<EOF\n" HEAD "\ntext\nEOF\n"

/* good: how many templates come; says: of the last complaint, or NULL */
static const struct {
	const char *text;
	unsigned good;
	const char *says;
} files[] = {
	{ "", 0, NULL },
	{ "# nothing\n\n   \n", 0, NULL },
	{ GOOD, 1, NULL },
	{ "# c\n" GOOD "\n" GOOD, 2, NULL },
	{ "failure_template=<<X\n" HEAD "\ntext\nX", 1, NULL },
	{ "failure_template = << X Y\n" HEAD "\ntext\nX Y  \n", 1, NULL },
	{ "junk\n" GOOD, 1, "f, line 1: wanted \"NAME_template" },
	{ "failure_template = x\n" GOOD, 1, "f, line 1: wanted" },
	{ "failure_template = <<\n" GOOD, 1, "line 1: no word" },
	{ "bad_template = <<EOF\n" HEAD "\ntext\nEOF\n" GOOD, 1,
	    "no such template" },
	{ "failure_template = <<EOF\n" HEAD "\ntext\n", 0, "has no end" },
	{ "failure_template = <<EOF\n" HEAD "\n\n \nEOF\n" GOOD, 1, "no text" },
	{ "failure_template = <<EOF\nFrom: a\n\nx\nEOF\n" GOOD, 1,
	    "line 5: the template above has no From or Subject" },
	{ "failure_template = <<EOF\nFrom:\nSubject: s\n\nx\nEOF\n", 0,
	    "none of them empty" },
	{ "failure_template = <<EOF\nX-Own: 1\n" HEAD "\nx\nEOF\n", 0,
	    "a template's header has" },
	{ "failure_template = <<EOF\nno field\n" HEAD "\nx\nEOF\n", 0,
	    "a template's header has" },
	{ "verify_template = <<E\r\n" HEAD "\r\ntext\r\nE\r\n", 1, NULL },
};

START_TEST(read_files)
{
	struct template_reader r;
	struct template t;
	enum template_came came;
	unsigned good = 0;
	struct why why;

	why_init(&why);
	template_reader_init(&r, span_str(files[_i].text), "f");
	while ((came = template_next(&r, &t, &why)) != TEMPLATE_END) {
		if (came != TEMPLATE_GOT)
			continue;
		good++;
		ck_assert(t.from.n > 0 && span_is(t.subject, "s"));
		ck_assert(span_is(t.charset, "us-ascii"));
		ck_assert(span_starts(t.body, "text"));
	}
	ck_assert_msg(
	    good == files[_i].good, "%d: %u: %s", _i, good, why_text(&why));
	if (files[_i].says == NULL)
		ck_assert_msg(why.text.n == 0, "%d: %s", _i, why_text(&why));
	else
		ck_assert_msg(strstr(why_text(&why), files[_i].says) != NULL,
		    "%d: %s", _i, why_text(&why));
	why_free(&why);
}
END_TEST

START_TEST(fields)
{
	struct template_reader r;
	struct template t;
	struct why why;

	why_init(&why);
	template_reader_init(&r,
	    SPAN("delay_template = <<EOF\ncharset:  utf-8 \n"
		 "FROM: x\nsubject: long\n\tone\nPostmaster-Subject: p\n"
		 "\n\nfirst\n EOF\nlast\nEOF\nmore"),
	    "f");
	ck_assert(template_next(&r, &t, &why) == TEMPLATE_GOT);
	ck_assert(t.kind == TEMPLATE_DELAY && span_is(t.charset, "utf-8"));
	ck_assert(span_is(t.from, "x") && span_is(t.subject, "long\n\tone"));
	ck_assert(span_is(t.postmaster_subject, "p"));
	ck_assert(span_is(t.body, "\nfirst\n EOF\nlast\n"));
	ck_assert(template_next(&r, &t, &why) == TEMPLATE_BAD);
	ck_assert(template_next(&r, &t, &why) == TEMPLATE_END);
	why_free(&why);
}
END_TEST

/* want NULL: refused */
static const struct {
	const char *text, *want;
} values[] = {
	{ "host $myhostname.\n", "host mx.example.\n" },
	{ "$myhostname_days", "" },
	{ "${maximal_queue_lifetime_days} d", "3 d" },
	{ "$maximal_queue_lifetime_hours h", "72 h" },
	{ "$maximal_queue_lifetime_minutes", "4320" },
	{ "$maximal_queue_lifetime_seconds", "259200" },
	{ "$maximal_queue_lifetime_weeks", "0" },
	{ "$delay_warning_time_hours", "4" },
	{ "$no_such_thing$no_such_thing_days", "" },
	{ "$$5 $mail_name", "$5 A$B" },
	{ "${myhostname?{yes}:{no}}", "yes" },
	{ "${unfinished", NULL },
};

START_TEST(expand)
{
	struct why why;
	struct main_cf *m;
	struct buf out = BUF_EMPTY;
	bool good;

	why_init(&why);
	m = main_cf_parse(SPAN("myhostname = mx.example\n"
			       "maximal_queue_lifetime = 3\n"
			       "delay_warning_time = 4\nmail_name = A$$B\n"),
	    "main.cf", &why);
	good = template_expand(m, span_str(values[_i].text), &out, &why);
	ck_assert_msg(good == (values[_i].want != NULL), "%s", values[_i].text);
	if (good)
		ck_assert_str_eq(
		    out.n == 0 ? "" : buf_str(&out), values[_i].want);
	buf_free(&out);
	main_cf_free(&m);
	why_free(&why);
}
END_TEST

/* What the suite brings along is whole in each language. */
START_TEST(builtin)
{
	for (size_t i = 0; template_language(i) != NULL; i++) {
		struct buf text = BUF_EMPTY;
		struct template_reader r;
		struct template t;
		unsigned seen = 0;
		enum template_came came;
		struct why why;

		why_init(&why);
		ck_assert(
		    template_builtin(span_str(template_language(i)), &text));
		template_reader_init(&r, buf_span(&text), template_language(i));
		while ((came = template_next(&r, &t, &why)) == TEMPLATE_GOT)
			seen |= 1U << t.kind;
		ck_assert_msg(came == TEMPLATE_END, "%s", why_text(&why));
		ck_assert_uint_eq(seen, (1U << TEMPLATES) - 1);
		buf_free(&text);
		why_free(&why);
	}
	ck_assert(!template_builtin(SPAN("xx"), NULL));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, read_files, 0, UNIT_COUNT(files));
	tcase_add_test(t, fields);
	tcase_add_loop_test(t, expand, 0, UNIT_COUNT(values));
	tcase_add_test(t, builtin);
}

int
main(void)
{
	return unit_main("config/template", fill);
}
