/* test_run.c - sieve/run.h: what a script makes of a message */

#include "sieve/run.h"

#include "base/arena.h"
#include "base/buf.h"
#include "sieve/script.h"
#include "tests/unit.h"

/* Of RFC 5228, 5.1 and RFC 5229, more or less. */
static const char message[] =
    "Return-Path: <roadrunner+x@acme.example.com>\n"
    "Received: from a by b; Thu, 1 Jan 2026 23:30:00 -0500\n"
    "Received: from c by d; Wed, 31 Dec 2025 10:00:00 +0000\n"
    "Date: Fri, 2 Jan 2026 00:00:01 +0100\n"
    "From: Coyote <coyote@desert.example.org>, \"x\" <X@Y.test>\n"
    "To: roadrunner@acme.example.com\n"
    "Subject: [acme-users] [fwd] version =?utf-8?q?1=2E0?=\n is out\n"
    "X-Priority: 03\n"
    "X-Empty:\n"
    "Content-Type: multipart/mixed; boundary=b\n"
    "\n"
    "--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
    "YmlyZHNlZWQ=\n"
    "--b\nContent-Type: application/x\n\nrocket\n--b--\n";

#define REQUIRE \
	"require [\"fileinto\", \"envelope\", \"body\", \"reject\", " \
	"\"vacation\", \"relational\", \"comparator-i;ascii-numeric\", " \
	"\"subaddress\", \"copy\", \"mailbox\", \"imap4flags\", " \
	"\"variables\", \"date\", \"index\", \"environment\"]; "

static const struct {
	const char *script;
	bool holds;
} tests[] = {
	{ "true", true },
	{ "false", false },
	{ "not false", true },
	{ "allof (true, false)", false },
	{ "anyof (false, true)", true },
	{ "header :is \"x-priority\" \"03\"", true },
	{ "header :is \"X-Empty\" \"\"", true },
	{ "header :is \"X-None\" \"\"", false },
	{ "header :contains \"X-Empty\" \"\"", true },
	{ "header :contains \"SUBJECT\" \"VERSION 1.0 IS\"", true },
	{ "header :comparator \"i;octet\" :contains \"Subject\" \"VERSION\"",
	    false },
	{ "header :matches \"Subject\" \"*version ?.0*\"", true },
	{ "header :matches \"Subject\" \"version\"", false },
	{ "header :matches \"Subject\" \"\\\\[*\"", true },
	{ "header :matches \"Subject\" \"\\\\**\"", false },
	{ "header :value \"ge\" :comparator \"i;ascii-numeric\" "
	  "\"X-Priority\" \"3\"",
	    true },
	{ "header :value \"gt\" :comparator \"i;ascii-numeric\" "
	  "\"X-Priority\" \"3\"",
	    false },
	{ "header :value \"gt\" :comparator \"i;ascii-numeric\" "
	  "\"Subject\" \"99999999999999999999\"",
	    true },
	{ "header :is :comparator \"i;ascii-numeric\" \"X-Priority\" \"3\"",
	    true },
	{ "header :count \"eq\" \"Received\" \"2\"", true },
	{ "header :count \"lt\" \"Received\" \"10\"", true },
	{ "header :index 2 :contains \"Received\" \"from c\"", true },
	{ "header :index 1 :last :contains \"Received\" \"from a\"", false },
	{ "address :is \"From\" \"coyote@DESERT.example.org\"", true },
	{ "address :localpart :is \"From\" \"x\"", true },
	{ "address :domain :contains \"From\" \"desert\"", true },
	{ "address :is \"From\" \"Coyote\"", false },
	{ "address :count \"eq\" \"From\" \"2\"", true },
	{ "envelope :is \"from\" \"roadrunner+x@acme.example.com\"", true },
	{ "envelope :user \"from\" \"roadrunner\"", true },
	{ "envelope :detail \"from\" \"x\"", true },
	{ "envelope :detail \"to\" \"\"", false },
	{ "envelope :domain \"to\" \"d.test\"", true },
	{ "exists [\"From\", \"To\"]", true },
	{ "exists [\"From\", \"Cc\"]", false },
	{ "size :over 100", true },
	{ "size :under 100", false },
	{ "size :over 1M", false },
	{ "body :contains \"birdseed\"", true },
	{ "body :contains \"rocket\"", false },
	{ "body :raw :contains \"rocket\"", true },
	{ "body :content \"application\" :contains \"rocket\"", true },
	{ "body :content \"text/html\" :contains \"\"", false },
	{ "date :is \"date\" \"year\" \"2026\"", true },
	{ "date :originalzone :is \"received\" \"weekday\" \"4\"", true },
	{ "date :zone \"+0000\" :is \"received\" \"date\" \"2026-01-02\"",
	    true },
	{ "date :zone \"+0100\" :is \"date\" \"time\" \"00:00:01\"", true },
	{ "date :zone \"-0130\" :is \"date\" \"iso8601\" "
	  "\"2026-01-01T21:30:01-01:30\"",
	    true },
	{ "date :originalzone :is \"date\" \"julian\" \"61042\"", true },
	{ "date :is \"X-Empty\" \"year\" \"2026\"", false },
	{ "currentdate :zone \"+0000\" :is \"date\" \"2023-11-14\"", true },
	{ "currentdate :value \"ge\" \"hour\" \"00\"", true },
	{ "environment :is \"location\" \"MDA\"", true },
	{ "environment :matches \"nothing\" \"*\"", false },
	{ "mailboxexists [\"there\"]", true },
	{ "mailboxexists [\"there\", \"gone\"]", false },
	{ "string :is \"${unset}\" \"\"", true },
	{ "string :count \"eq\" [\"a\", \"\", \"b\"] \"2\"", true },
};

static bool
mailbox_exists(void *ctx, struct span name)
{
	(void)ctx;
	return span_is(name, "there");
}

/* Run it, and write what is to be done into out. */
static bool
run(const char *text, const struct sieve_limits *limits, struct buf *out)
{
	const struct sieve_ops ops = { .mailbox_exists = mailbox_exists };
	const struct sieve_message m = { .text = span_str(message),
		.from = SPAN("roadrunner+x@acme.example.com"),
		.to = SPAN("u@d.test"),
		.now = 1700000000,
		.delimiters = "+",
		.host = "h.test",
		.domain = "test" };
	static const char *const kinds[] = { "keep", "fileinto", "redirect",
		"reject", "vacation" };
	struct arena *a = arena_new();
	struct sieve_script *s = sieve_script_new(a, span_str(text), limits);
	struct sieve_result r;
	bool good;

	ck_assert_msg(s->error_count == 0, "%s: %d: %s", text,
	    s->errors[0].column, s->errors[0].what);
	good = sieve_run(s, a, &m, &ops, &r);
	for (size_t i = 0; i < r.count; i++) {
		const struct sieve_action *x = &r.actions[i];

		buf_printf(out, "%s%s", i == 0 ? "" : "; ", kinds[x->kind]);
		if (x->kind != SIEVE_KEEP && x->text.n > 0)
			buf_printf(out, " %.*s", (int)x->text.n, x->text.p);
		for (size_t k = 0; k < x->flag_count; k++)
			buf_printf(
			    out, " %.*s", (int)x->flags[k].n, x->flags[k].p);
	}
	arena_free(&a);
	return good;
}

START_TEST(holds)
{
	struct buf out = BUF_EMPTY, text = BUF_EMPTY;

	buf_printf(&text, REQUIRE "if %s { discard; }", tests[_i].script);
	ck_assert(run(buf_str(&text), NULL, &out));
	ck_assert_msg((out.n == 0) == tests[_i].holds, "%s", tests[_i].script);
	buf_free(&text);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *script, *done;
} runs[] = {
	{ "", "keep" },
	{ "discard;", "" },
	{ "discard; keep;", "keep" },
	{ "keep; keep; fileinto \"inbox\";", "keep" },
	{ "fileinto \"a\"; fileinto \"a\"; fileinto \"b\";",
	    "fileinto a; fileinto b" },
	{ "fileinto :copy \"a\";", "fileinto a; keep" },
	{ "fileinto :copy \"INBOX\";", "keep" },
	{ "redirect \"a@b.c\"; redirect \"A@b.c\";", "redirect a@b.c" },
	{ "redirect :copy \"a@b.c\";", "redirect a@b.c; keep" },
	{ "stop; discard;", "keep" },
	{ "if true { stop; } discard;", "keep" },
	{ "if false { discard; } elsif true { fileinto \"b\"; } "
	  "else { fileinto \"c\"; }",
	    "fileinto b" },
	{ "if false {} elsif false {} else { fileinto \"c\"; } ",
	    "fileinto c" },
	{ "reject \"no\";", "reject no" },
	{ "vacation \"x\";", "vacation; keep" },
	{ "if header :matches \"Subject\" \"[*] *\" { fileinto "
	  "\"${1}/${2}|${0}|${3}${9}\"; }",
	    "fileinto acme-users/[fwd] version 1.0 is out|"
	    "[acme-users] [fwd] version 1.0 is out|" },
	{ "if header :matches \"X-Priority\" \"?*\" { set \"a\" \"${1}-${2}\"; "
	  "}"
	  "fileinto \"${A}${\";",
	    "fileinto 0-3${" },
	{ "set \"a\" \"jErK and *?\"; set :lower :upperfirst \"b\" \"${a}\"; "
	  "set :length \"c\" \"\u00e9t\u00e9\"; "
	  "set :quotewildcard \"d\" \"${a}\"; fileinto \"${b}${c}${d}\";",
	    "fileinto Jerk and *?3jErK and \\*\\?" },
	{ "setflag [\"\\\\Seen foo\", \"FOO\"]; addflag \"bar\"; "
	  "removeflag \"foo\"; keep;",
	    "keep \\Seen bar" },
	{ "addflag \"x\"; fileinto :flags [\"\\\\Flagged\", \"\\\\Recent\"] "
	  "\"a\";",
	    "fileinto a \\Flagged" },
	{ "addflag \"v\" [\"a\", \"b\"]; if hasflag :is \"v\" \"B\" "
	  "{ keep :flags \"${v}\"; }",
	    "keep a b" },
	{ "if not hasflag \"x\" { addflag \"y\"; }", "keep y" },
};

START_TEST(does)
{
	struct buf out = BUF_EMPTY, text = BUF_EMPTY;

	buf_printf(&text, REQUIRE "%s", runs[_i].script);
	ck_assert(run(buf_str(&text), NULL, &out));
	ck_assert_str_eq(buf_str(&out), runs[_i].done);
	buf_free(&text);
	buf_free(&out);
}
END_TEST

/* What fails keeps the message and does nothing else. */
static const char *const failing[] = {
	"fileinto \"a\"; reject \"no\";",
	"reject \"no\"; keep;",
	"vacation \"a\"; vacation \"b\";",
	"redirect \"a@b\"; redirect \"b@b\"; redirect \"c@b\"; "
	"redirect \"d@b\"; redirect \"e@b\"; redirect \"f@b\";",
	"addflag \"x\"; redirect \"${none}\";",
	"redirect \"${none}a b@c\";",
	"redirect \"${none}a@b..c\";",
	"set \"a\" \"0123456789012345678901234567890123456789\"; discard;",
	"if body :raw :matches \"*a*b*c*d*e*f*g*h*z*\" {} "
	"if body :raw :matches \"*a*b*c*d*e*f*g*h*z*\" {} discard;",
};

START_TEST(fails)
{
	const struct sieve_limits limits = { .variable_bytes = 40,
		.work = 100 };
	struct buf out = BUF_EMPTY, text = BUF_EMPTY;

	buf_printf(&text, REQUIRE "%s", failing[_i]);
	ck_assert_msg(!run(buf_str(&text), &limits, &out), "%s", failing[_i]);
	ck_assert_str_eq(buf_str(&out), "keep");
	buf_free(&text);
	buf_free(&out);
}
END_TEST

/* Variables that double do not grow for ever. */
START_TEST(grows)
{
	struct buf out = BUF_EMPTY, text = BUF_EMPTY;

	buf_add_str(&text, REQUIRE "set \"a\" \"0123456789\";");
	for (int i = 0; i < 1000; i++)
		buf_add_str(&text, "set \"a\" \"${a}${a}${a}${a}\";");
	ck_assert(!run(buf_str(&text), NULL, &out));
	buf_free(&text);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, holds, 0, UNIT_COUNT(tests));
	tcase_add_loop_test(t, does, 0, UNIT_COUNT(runs));
	tcase_add_loop_test(t, fails, 0, UNIT_COUNT(failing));
	tcase_add_test(t, grows);
}

int
main(void)
{
	return unit_main("sieve/run", fill);
}
