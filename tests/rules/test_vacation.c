/* test_vacation.c - rules/vacation.h */

#include "rules/vacation.h"

#include "base/arena.h"
#include "base/buf.h"
#include "message/compose.h"
#include "message/header.h"
#include "tests/unit.h"

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new();
}

static void
teardown(void)
{
	arena_free(&arena);
}

/* ---- who gets an answer */

static const struct span ours[] = { SPAN_INIT("eric"),
	SPAN_INIT("eric@work.test") };

#define TO "To: Eric <eric@home.test>\n"

static const struct {
	const char *sender, *header;
	bool answered;
} asked[] = {
	{ "a@b.test", TO, true },
	{ "a@b.test", "Cc: x@y, \"E\" <ERIC@work.TEST>\n", true },
	{ "a@b.test", "Bcc: eric@x\n", true },
	{ "a@b.test", "To: x@y\nResent-To: eric\n", true },
	{ "a@b.test", "To: friends: x@y, eric@z;\n", true },
	{ "a@b.test", "To: eric+list@home.test\n", true },
	{ "a@b.test", "To: someone@home.test\n", false },
	{ "a@b.test", "Subject: eric@work.test\n", false },
	{ "a@b.test", "", false },
	{ "", TO, false },
	{ "MAILER-DAEMON", TO, false },
	{ "mailer-daemon@b.test", TO, false },
	{ "owner-list@b.test", TO, false },
	{ "list-request@b.test", TO, false },
	{ "list-bounces+eric=home.test@b.test", TO, false },
	{ "No-Reply@shop.test", TO, false },
	{ "eric@work.test", TO, false },
	{ "eric@elsewhere.test", TO, true },
	{ "eric", TO, false },
	{ "a@b.test", TO "List-Id: <l.b.test>\n", false },
	{ "a@b.test", TO "List-Unsubscribe: <mailto:x@y>\n", false },
	{ "a@b.test", TO "Precedence: Bulk\n", false },
	{ "a@b.test", TO "Precedence: list\n", false },
	{ "a@b.test", TO "Precedence: junk\n", false },
	{ "a@b.test", TO "Precedence: first-class\n", true },
	{ "a@b.test", TO "Auto-Submitted: no\n", true },
	{ "a@b.test", TO "Auto-Submitted: No (really)\n", true },
	{ "a@b.test", TO "Auto-Submitted: auto-replied\n", false },
	{ "a@b.test", TO "auto-submitted: auto-generated; x=y\n", false },
	{ "a@b.test", TO "Auto-Submitted:\n", false },
	{ "a@b.test", TO "X-Auto-Response-Suppress: DR, OOF\n", false },
	{ "a@b.test", TO "X-Auto-Response-Suppress: DR\n", true },
	{ "a@b.test", TO "X-Spam-Flag: YES\n", false },
	{ "a@b.test", TO "Content-Type: multipart/report; x=y\n", false },
	{ "a@b.test", TO "\nPrecedence: bulk\n", true },
};

static const struct vacation_names names = {
	.list = ours, .count = 2, .delimiters = "+"
};

START_TEST(refuses)
{
	const char *why = vacation_refused(arena, span_str(asked[_i].header),
	    span_str(asked[_i].sender), &names, false);

	ck_assert_msg((why == NULL) == asked[_i].answered, "%s, %s: %s",
	    asked[_i].sender, asked[_i].header, why);
}
END_TEST

START_TEST(anyone)
{
	ck_assert_ptr_null(
	    vacation_refused(arena, SPAN("To: x@y\n"), SPAN("a@b"), &names, 1));
	ck_assert_ptr_nonnull(vacation_refused(
	    arena, SPAN("List-Id: x\n"), SPAN("a@b"), &names, 1));
}
END_TEST

/* ---- the sender */

static const struct {
	const char *message;
	bool told;
	const char *sender;
} senders[] = {
	{ "From a@b.test  Thu Jan  1 00:00:00 2026\nReturn-Path: <x@y>\n", true,
	    "a@b.test" },
	{ "From MAILER-DAEMON  Thu Jan  1 00:00:00 2026\n", true, "" },
	{ "Return-Path: <a@b.test>\nReturn-Path: <x@y>\n", true, "a@b.test" },
	{ "Return-Path: <>\n", true, "" },
	{ "From: a@b.test\n", false, "" },
	{ "From \nx", false, "" },
	{ "", false, "" },
};

START_TEST(sender)
{
	struct span got;

	ck_assert(vacation_sender(arena, span_str(senders[_i].message), &got) ==
	    senders[_i].told);
	ck_assert_msg(
	    span_is(got, senders[_i].sender), "%.*s", (int)got.n, got.p);
}
END_TEST

/* ---- the answer */

static const struct {
	const char *message, *subject, *text;
	bool entity;
	const char *fields[6]; /* that stand in it */
} answers[] = {
	{ "Subject: hello\nMessage-ID: <1@b>\n\n", "", "away\n", false,
	    { "\nSubject: Auto: hello\n", "\nIn-Reply-To: <1@b>\n",
		"\nReferences: <1@b>\n", "\nAuto-Submitted: auto-replied\n",
		"\nTo: a@b.test\n", "\n\naway\n" } },
	{ "Message-ID: <2@b>\nReferences: <0@b> junk\n <1@b>\n\n", "gone",
	    "ab\n", false,
	    { "\nSubject: gone\n", "\nReferences: <0@b> <1@b> <2@b>\n" } },
	{ "Message-ID: <2@b>\nIn-Reply-To: <1@b>\n\n", "x", "ab\n", false,
	    { "\nReferences: <1@b> <2@b>\n" } },
	{ "Message-ID: <2@b>\nIn-Reply-To: <1@b> <0@b>\n\n", "x", "ab\n", false,
	    { "\nReferences: <2@b>\n" } },
	{ "Message-ID: <2@b>\nReferences: <\xc3\xbc@b> <1@b> <\x01@b>\n\n", "x",
	    "ab\n", false, { "\nReferences: <1@b> <2@b>\n" } },
	{ "Message-ID: <2 @b> <\nX: y\n\n", "x", "ab\n", false,
	    { "\nX-Auto-Response-Suppress: All\n" } },
	{ "Subject: =?iso-8859-1?Q?caf=E9?=\n\n", "", "caf\xc3\xa9\n", false,
	    { "\nSubject: Auto: =?UTF-8?B?Y2Fmw6k=?=\n", "caf=C3=A9\n",
		"charset=" } },
	{ "\n", "x", "Content-Type: text/html\n\n<p>ab\n", true,
	    { "\nMIME-Version: 1.0\nContent-Type: text/html\n\n<p>ab\n" } },
};

START_TEST(composes)
{
	struct vacation_answer v = {
		.message = span_str(answers[_i].message),
		.to = SPAN("a@b.test"),
		.from = SPAN("Eric <eric@work.test>"),
		.subject = span_str(answers[_i].subject),
		.text = span_str(answers[_i].text),
		.entity = answers[_i].entity,
		.domain = SPAN("work.test"),
	};
	struct buf out = BUF_EMPTY;

	ck_assert(vacation_compose(arena, &v, &out));
	for (size_t i = 0; i < 6 && answers[_i].fields[i] != NULL; i++)
		ck_assert_msg(span_search(buf_span(&out),
				  span_str(answers[_i].fields[i])) < out.n,
		    "%s\nnot in\n%s", answers[_i].fields[i], buf_str(&out));
	ck_assert(span_starts(buf_span(&out), "From: Eric <eric@work.test>\n"));
	/* and an answer gets none */
	ck_assert_ptr_nonnull(vacation_refused(
	    arena, buf_span(&out), SPAN("eric@work.test"), &names, true));
	buf_free(&out);
}
END_TEST

static const struct {
	const char *from, *fields, *entity;
} bad[] = {
	{ "", "", NULL },
	{ "a@b", "no field\n", NULL },
	{ "a@b", "X: y", NULL },
	{ "a@b", " X: y\n", NULL },
	{ "a@b", "X: y\n\nbody\n", NULL },
	{ "a@b", "", "no field\n\nx" },
	{ "a@b", "", "\nbody" },
	{ "a@b", "", "" },
};

START_TEST(refuses_to_compose)
{
	struct vacation_answer v = { .to = SPAN("a@b"),
		.from = span_str(bad[_i].from),
		.fields = span_str(bad[_i].fields),
		.text = span_str(bad[_i].entity),
		.entity = bad[_i].entity != NULL };
	struct buf out = BUF_EMPTY;

	ck_assert(!vacation_compose(arena, &v, &out));
	buf_free(&out);
}
END_TEST

START_TEST(drops_old_references)
{
	struct buf m = BUF_EMPTY, out = BUF_EMPTY;
	struct vacation_answer v = {
		.to = SPAN("a@b"), .from = SPAN("a@b"), .text = SPAN("x")
	};
	struct header_field f;

	buf_add_str(&m, "Message-ID: <last@b>\nReferences:");
	for (int i = 0; i < 3000; i++)
		buf_printf(&m, " <%d@b>", i);
	buf_add_str(&m, "\n\n");
	v.message = buf_span(&m);
	ck_assert(vacation_compose(arena, &v, &out));
	ck_assert(header_find(buf_span(&out), "References", &f));
	ck_assert_uint_le(f.value.n, COMPOSE_REFERENCES_MAX + 100);
	ck_assert(span_ends(f.value, " <last@b>"));
	buf_free(&m);
	buf_free(&out);
}
END_TEST

/* ---- the file */

static const struct {
	const char *file, *subject, *from, *fields, *text;
	bool entity;
} files[] = {
	{ "I am away.\n", "", "", "", "I am away.\n", false },
	{ "Subject: gone: $SUBJECT\nFrom: e@x\nPrecedence: bulk\nTo: z\n"
	  "Auto-Submitted: no\n\nyour \"$SUBJECT\"\n",
	    "gone: hi", "e@x", "Precedence: bulk\n", "your \"hi\"\n", false },
	{ "Note: this is text\nand this too\n\nx\n", "", "", "",
	    "Note: this is text\nand this too\n\nx\n", false },
	{ "Subject: caf\xe9\n\n\xe9t\xe9\n", "caf\xc3\xa9", "", "",
	    "\xc3\xa9t\xc3\xa9\n", false },
	{ "Content-Type: text/html\nSubject: s\n\n<p>\n", "s", "", "",
	    "Content-Type: text/html\n\n<p>\n", true },
	{ "", "", "", "", "", false },
};

START_TEST(file)
{
	struct vacation_file f;

	vacation_file_parse(arena, span_str(files[_i].file), SPAN("hi"), &f);
	ck_assert_msg(span_is(f.subject, files[_i].subject), "%d", _i);
	ck_assert_msg(span_is(f.from, files[_i].from), "%d", _i);
	ck_assert_msg(span_is(f.fields, files[_i].fields), "%d", _i);
	ck_assert_msg(span_is(f.text, files[_i].text), "%d", _i);
	ck_assert(f.entity == files[_i].entity);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, refuses, 0, UNIT_COUNT(asked));
	tcase_add_test(t, anyone);
	tcase_add_loop_test(t, sender, 0, UNIT_COUNT(senders));
	tcase_add_loop_test(t, composes, 0, UNIT_COUNT(answers));
	tcase_add_loop_test(t, refuses_to_compose, 0, UNIT_COUNT(bad));
	tcase_add_test(t, drops_old_references);
	tcase_add_loop_test(t, file, 0, UNIT_COUNT(files));
}

int
main(void)
{
	return unit_main("rules/vacation", fill);
}
