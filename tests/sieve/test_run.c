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
    "Sender: broken\n"
    "X-Priority: 03\n"
    "X-Empty:\n"
    "Content-Type: multipart/mixed; boundary=b\n"
    "\nprologue\n"
    "--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
    "YmlyZHNlZWQ=\n"
    "--b\nContent-Type: application/x\n\nrocket\n"
    "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nacme\n"
    "--b--\nepilogue\n";

#define REQUIRE \
	"require [\"fileinto\", \"envelope\", \"body\", \"reject\", " \
	"\"vacation\", \"relational\", \"comparator-i;ascii-numeric\", " \
	"\"subaddress\", \"copy\", \"mailbox\", \"imap4flags\", " \
	"\"variables\", \"date\", \"index\", \"environment\", " \
	"\"regex\", \"editheader\", \"include\", \"duplicate\", " \
	"\"ihave\", \"special-use\", \"fcc\"]; "

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
	{ "body :content \"text/\" :contains \"birdseed\"", false },
	{ "body :content \"a/b/c\" :contains \"\"", false },
	{ "body :content \"multipart\" :is \"prologue\"", true },
	{ "body :content \"multipart/mixed\" :contains \"epilogue\"", true },
	{ "body :content \"multipart\" :contains \"--b\"", false },
	{ "body :content \"multipart\" :contains \"acme\"", false },
	{ "body :content \"message\" :contains \"subject: inner\"", true },
	{ "body :content \"message\" :contains \"acme\"", false },
	{ "body :content \"text\" :contains \"acme\"", true },
	{ "body :contains \"prologue\"", false },
	{ "address :localpart \"Sender\" \"broken\"", false },
	{ "address \"Sender\" \"broken\"", true },
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
	{ "header :regex \"subject\" \"VERSION [0-9]\\\\.\"", true },
	{ "header :regex :comparator \"i;octet\" \"subject\" \"VERSION\"",
	    false },
	{ "header :regex \"subject\" [\"^x\", \"out$\"]", true },
	{ "address :regex :localpart \"from\" \"^(coyote|x)$\"", true },
	{ "body :regex \"bird ?seed\"", true },
	{ "ihave [\"regex\", \"fileinto\"]", true },
	{ "ihave \"vnd.other\"", false },
	/* they change how a script is read: only require has them */
	{ "ihave \"variables\"", false },
	{ "ihave [\"regex\", \"encoded-character\"]", false },
	{ "allof (ihave \"vnd.other\", other :strange \"x\")", false },
	{ "specialuse_exists \"\\\\Junk\"", true },
	{ "specialuse_exists [\"\\\\junk\", \"\\\\Sent\"]", false },
	{ "specialuse_exists \"Spam\" \"\\\\Junk\"", true },
	{ "specialuse_exists \"Other\" \"\\\\Junk\"", false },
	{ "duplicate", false },
	{ "duplicate :uniqueid \"old\"", true },
	{ "duplicate :handle \"h\" :uniqueid \"old\"", false },
	{ "duplicate :header \"X-None\"", false },
	{ "string :count \"eq\" [\"a\", \"\", \"b\"] \"2\"", true },
};

static bool
mailbox_exists(void *ctx, struct span name)
{
	(void)ctx;
	return span_is(name, "there");
}

static bool
special_use(void *ctx, struct span name, struct span use)
{
	(void)ctx;
	return span_iis(use, "\\Junk") &&
	    (name.n == 0 || span_is(name, "Spam"));
}

static bool
seen(void *ctx, struct span key)
{
	(void)ctx;
	return span_ends(key, "old") && *key.p == '\0';
}

/* Scripts that may be included, by name. */
static const struct {
	const char *name, *text;
} library[] = {
	{ "keeps", "keep;" },
	{ "stops", "stop;" },
	{ "returns", "require \"include\"; return; discard;" },
	{ "sets",
	    "require [\"variables\", \"include\"]; set \"a\" \"inside\"; "
	    "set \"global.g\" \"G\"; global \"h\"; set \"h\" \"H\";" },
	{ "edits",
	    "require \"editheader\"; if exists \"X-New\" { addheader "
	    "\"X-Two\" \"2\"; }" },
	{ "itself", "require \"include\"; include \"itself\";" },
	{ "once", "require \"include\"; include :once \"once\"; discard;" },
	{ "there", "require \"include\"; include \"back\";" },
	{ "back", "require \"include\"; include \"there\";" },
	{ "globally", "discard;" },
};

struct shelf {
	struct arena *arena;
	struct sieve_script *scripts[UNIT_COUNT(library)];
};

static enum sieve_included
include(
    void *ctx, struct span name, bool global, const struct sieve_script **out)
{
	struct shelf *shelf = ctx;

	if (span_is(name, "broken"))
		return SIEVE_BROKEN;
	if (span_is(name, "trouble"))
		return SIEVE_TROUBLE;
	for (size_t i = 0; i < UNIT_COUNT(library); i++) {
		if (!span_is(name, library[i].name) ||
		    global != (i == UNIT_COUNT(library) - 1))
			continue;
		if (shelf->scripts[i] == NULL)
			shelf->scripts[i] = sieve_script_new(
			    shelf->arena, span_str(library[i].text), NULL);
		ck_assert_msg(shelf->scripts[i]->error_count == 0, "%s: %s",
		    library[i].name, shelf->scripts[i]->errors[0].what);
		*out = shelf->scripts[i];
		return SIEVE_INCLUDED;
	}
	return SIEVE_MISSING;
}

static void
write_head(struct span head, struct buf *out)
{
	struct span field;

	while (span_line(&head, &field))
		if (span_starts(field, "X-"))
			buf_printf(out, " (%.*s)", (int)field.n, field.p);
}

/* Run it, and write what is to be done into out. */
static bool
run(const char *text, const struct sieve_limits *limits, struct buf *out)
{
	struct shelf shelf = { .arena = arena_new() };
	const struct sieve_ops ops = { .ctx = &shelf,
		.mailbox_exists = mailbox_exists,
		.special_use = special_use,
		.seen = seen,
		.include = include };
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
		if (x->use.n > 0)
			buf_printf(out, " for %.*s", (int)x->use.n, x->use.p);
		if (x->vacation.fcc != NULL)
			buf_printf(out, " fcc %.*s%s %zu",
			    (int)x->vacation.fcc->text.n,
			    x->vacation.fcc->text.p,
			    x->vacation.fcc->create ? " create" : "",
			    x->vacation.fcc->flag_count);
		for (size_t k = 0; k < x->flag_count; k++)
			buf_printf(
			    out, " %.*s", (int)x->flags[k].n, x->flags[k].p);
		if (x->head.p != NULL) {
			write_head(x->head, out);
			ck_assert(span_starts(
			    span_skip(m.text, x->tail), "\nprologue"));
		}
	}
	for (size_t i = 0; i < r.mark_count; i++)
		buf_printf(out, "; mark %lld %.*s",
		    (long long)r.marks[i].seconds, (int)r.marks[i].key.n - 1,
		    r.marks[i].key.p + 1);
	arena_free(&shelf.arena);
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
	{ "vacation :fcc \"Sent\" :flags \"\\\\Seen\" :create \"x\";",
	    "vacation fcc Sent create 1; keep" },
	{ "fileinto :specialuse \"\\\\Junk\" \"INBOX\"; keep;",
	    "fileinto INBOX for \\Junk; keep" },
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
	{ "if header :regex \"Subject\" \"\\\\[([a-z-]+)\\\\](x)? (.)\" "
	  "{ fileinto \"${0}|${1}|${2}|${3}\"; }",
	    "fileinto [acme-users] [|acme-users||[" },
	{ "set \"v\" \"o.\"; if header :regex \"Subject\" \"${v}t$\" "
	  "{ discard; }",
	    "" },
	{ "set :quoteregex \"v\" \"o.\"; fileinto \"${v}\";", "fileinto o\\." },
	/* RFC 5293, 7 */
	{ "addheader \"X-Hello\" \"World\"; "
	  "if header :contains \"X-Hello\" \"World\" { fileinto \"i\"; }",
	    "fileinto i (X-Hello: World) (X-Priority: 03) (X-Empty:)" },
	{ "addheader \"X-Hello\" \"World\"; "
	  "deleteheader :index 1 \"X-Hello\"; deleteheader \"x-empty\";",
	    "keep (X-Priority: 03)" },
	{ "keep; addheader \"X-Flavor\" \"vanilla\"; keep;", "keep" },
	{ "deleteheader \"X-Empty\"; addheader :last \"X-L\" \"a\nb\";",
	    "keep (X-Priority: 03) (X-L: a b)" },
	{ "deleteheader :contains \"X-Priority\" \"4\";"
	  "deleteheader \"Received\"; deleteheader \"X-None\";",
	    "keep" },
	{ "deleteheader :is \"X-Priority\" [\"4\", \"03\"];",
	    "keep (X-Empty:)" },
	{ "addheader :last \"X-Empty\" \"2\"; addheader :last \"X-Empty\" "
	  "\"3\"; deleteheader :index 1 \"X-Empty\"; deleteheader :index 2 "
	  "\"X-Empty\";",
	    "keep (X-Priority: 03) (X-Empty: 2)" },
	{ "addheader :last \"X-Empty\" \"2\"; "
	  "deleteheader :index 1 :last \"X-Empty\"; "
	  "deleteheader :index 9 \"X-Empty\"; "
	  "deleteheader :index 9 :last \"X-Empty\";",
	    "keep (X-Priority: 03) (X-Empty:)" },
	{ "addheader \"X-New\" \"1\"; reject \"no\";", "reject no" },
	{ "discard; include \"keeps\";", "keep" },
	{ "include \"stops\"; discard;", "keep" },
	{ "include \"returns\"; fileinto \"after\";", "fileinto after" },
	{ "return; discard;", "keep" },
	{ "set \"a\" \"out\"; include \"sets\"; global \"h\"; "
	  "fileinto \"${a}${global.g}${h}${g}\";",
	    "fileinto outGH" },
	{ "addheader \"X-New\" \"1\"; include \"edits\"; "
	  "if exists \"X-Two\" { discard; }",
	    "" },
	{ "include :optional \"none\"; discard;", "" },
	{ "include \"once\";", "" },
	{ "include :global \"globally\";", "" },
	{ "include \"keeps\"; include :once \"keeps\"; "
	  "include :once :personal \"once\";",
	    "keep" },
	{ "if ihave \"vnd.other\" { other \"x\"; keep :strange; } "
	  "else { discard; }",
	    "" },
	{ "if duplicate :uniqueid \"m\" { discard; }", "keep; mark 604800 m" },
	{ "if duplicate :seconds 60 :uniqueid \"m\" { discard; } "
	  "if duplicate :uniqueid \"m\" { discard; }",
	    "keep; mark 60 m" },
	{ "if duplicate :uniqueid \"old\" { discard; }", "" },
	{ "if duplicate :last :uniqueid \"old\" { discard; }",
	    "; mark 604800 old" },
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
	"error \"no\";",
	"if not ihave \"vnd.other\" { other; } discard;",
	"if other :strange { discard; }",
	"if header :regex \"X-Priority\" \"${none}(\" {} discard;",
	"addheader \"${none}a b\" \"x\"; discard;",
	"addheader \"X-New\" \"x\"; include \"none\";",
	"include \"broken\"; discard;",
	"include \"trouble\"; discard;",
	"include \"itself\"; discard;",
	"include \"there\"; discard;",
	"include \"globally\"; discard;",
	"set \"a\" \"x\"; global \"a\"; discard;",
	"if duplicate :uniqueid \"m\" {} redirect \"${none}\";",
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
