/* test_script.c - sieve/script.h: what is read, and what is refused where */

#include "sieve/script.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

static const char *const good[] = {
	"",
	"# nothing\n/* at\nall */",
	"keep;",
	"\xef\xbb\xbfkeep ;",
	"KEEP;Stop ;",
	"require \"fileinto\"; if header :is \"Sender\" "
	"\"owner-ietf-mta-filters@imc.org\" { fileinto \"filter\"; }\n"
	"elsif address :DOMAIN :is [\"From\", \"To\"] \"example.com\" { keep; }"
	"elsif anyof (NOT address :all :contains [\"To\", \"Cc\", \"Bcc\"] "
	"\"me@example.com\", header :matches \"subject\" "
	"[\"*make*money*fast*\", \"*university*dipl*mas*\"]) { fileinto "
	"\"spam\"; } else { fileinto \"personal\"; }",
	"require [\"fileinto\", \"reject\"]; reject text: # why\r\n"
	"..no\r\n.\r\n;",
	"if size :over 100K { discard; }",
	"if not exists [\"From\",\"Date\"] { discard; }",
	"if true { if false { keep; } else {} }",
	"require \"vacation\"; vacation :days 7 :addresses [\"a@b.c\"] "
	":subject \"x\" :mime :handle \"h\" :from \"a@b.c\" \"gone\";",
	"require [\"variables\", \"imap4flags\"]; set :lower :length \"a\" "
	"\"${1}\"; addflag \"\\\\Seen\"; addflag \"v\" [\"$a\", \"b\"]; "
	"if hasflag :contains \"v\" \"x\" { keep :flags \"${v}\"; }",
	"require [\"relational\", \"comparator-i;ascii-numeric\"]; "
	"if header :value \"ge\" :comparator \"i;ascii-numeric\" "
	"[\"X-Priority\"] \"3\" { stop; }",
	"require [\"date\", \"index\"]; if date :index 1 :last :zone \"+0100\" "
	":is \"received\" \"weekday\" \"0\" { keep; }",
	"require [\"fileinto\", \"copy\", \"mailbox\"]; fileinto :copy "
	":create \"a\"; redirect :copy \"a@b.c\";",
	"require \"body\"; if body :content [\"text\"] :contains \"x\" {keep;}",
	"require \"comparator-i;octet\";",
	"require [\"encoded-character\", \"envelope\"]; "
	"redirect \"a${hex:40}b.c\"; if envelope \"from\" \"\" { keep; }",
};

START_TEST(is_good)
{
	struct arena *a = arena_new();
	struct sieve_script *s = sieve_script_new(a, span_str(good[_i]), NULL);

	ck_assert_msg(s->error_count == 0, "%s: %d:%d %s", good[_i],
	    s->errors[0].line, s->errors[0].column, s->errors[0].what);
	arena_free(&a);
}
END_TEST

/* What is cut anywhere is read, or refused: never more than that. */
START_TEST(is_cut)
{
	for (size_t n = 0; n <= strlen(good[_i]); n++) {
		struct arena *a = arena_new();

		(void)sieve_script_new(a, span_of(good[_i], n), NULL);
		arena_free(&a);
	}
}
END_TEST

static const struct {
	const char *script;
	int line, column;
	const char *what;
} bad[] = {
	{ "keep", 1, 5, "; or { is missing" },
	{ "keep;\n  foo;", 2, 3, "unknown command foo" },
	{ "if foo { keep; }", 1, 4, "unknown test foo" },
	{ "keep; }", 1, 7, "something that is no command" },
	{ "if true { keep;", 1, 16, "a block has no end" },
	{ "redirect \"x", 1, 10, "a string has no end" },
	{ "redirect text:\nx\n", 1, 10, "a text: has no end" },
	{ "/* x", 1, 1, "a comment has no end" },
	{ "fileinto \"a\";", 1, 1, "fileinto is used without require" },
	{ "require \"fileinto\"; fileinto [\"a\"];", 1, 30,
	    "this has to stand here in \"fileinto\"" },
	{ "require \"fileinto\"; fileinto;", 1, 21,
	    "an argument is missing to fileinto" },
	{ "keep \"x\";", 1, 6, "an argument too many for \"keep\"" },
	{ "require \"x-foo\";", 1, 9, "unknown extension \"x-foo\"" },
	{ "keep; require \"copy\";", 1, 7,
	    "require stands behind other commands" },
	{ "else { keep; }", 1, 1, "else without an if before it" },
	{ "if true { } keep; elsif true { }", 1, 19,
	    "elsif without an if before it" },
	{ "if size 100 { keep; }", 1, 9, "size of what?" },
	{ "if size :over 9999999999999 {}", 1, 15, "a number is too large" },
	{ "if size :over 1x {}", 1, 15, "letters stand behind a number" },
	{ "if header :is :contains \"a\" \"b\" {}", 1, 15,
	    "a tag that excludes one before it \"contains\"" },
	{ "if header :user \"a\" \"b\" {}", 1, 11,
	    "the word does not take the tag \"user\"" },
	{ "if header :comparator \"i;x\" \"a\" \"b\" {}", 1, 23,
	    "unknown comparator \"i;x\"" },
	{ "if header \"a b\" \"b\" {}", 1, 11,
	    "no name of a header field \"a b\"" },
	{ "redirect \"nobody\";", 1, 10, "no address \"nobody\"" },
	{ "if allof true {}", 1, 4, "allof takes tests in parentheses" },
	{ "if (true, false) {}", 1, 1, "if takes one test" },
	{ "keep true;", 1, 1, "keep takes no test" },
	{ "if true;", 1, 1, "if takes a block in braces" },
	{ "keep { }", 1, 1, "keep takes no block; a ; is missing" },
	{ "if header [\"a\" \"b\"] \"c\" {}", 1, 16, "a list has no end" },
	{ "if header [] \"c\" {}", 1, 12,
	    "a list has something else than strings" },
	{ "keep; \x01", 1, 7, "a byte that begins nothing" },
	{ "keep; \xff", 1, 1, "the script is not in UTF-8" },
	{ "require \"regex\"; if header :regex \"a\" [\"b\", \"c(\"] {}", 1, 39,
	    "a wrong regular expression: a parenthesis is not closed" },
	{ "if header :regex \"a\" \"b\" {}", 1, 11,
	    "regex is used without require" },
	{ "require \"editheader\"; addheader \"a b\" \"x\";", 1, 33,
	    "no name of a header field \"a b\"" },
	{ "require \"editheader\"; deleteheader :last \"a\";", 1, 42,
	    ":last without :index" },
	{ "require \"editheader\"; deleteheader \"a\" \"b\" \"c\";", 1, 44,
	    "an argument too many for \"deleteheader\"" },
	{ "require \"include\"; include \"../x\";", 1, 28,
	    "no name of a script \"../x\"" },
	{ "require \"include\"; global \"x\";", 1, 20,
	    "global is used without require" },
	{ "require [\"include\", \"variables\"]; global \"1\";", 1, 42,
	    "no name of a variable \"1\"" },
	{ "require \"variables\"; set \"global.a\" \"x\";", 1, 26,
	    "no name of a variable \"global.a\"" },
	{ "require \"variables\"; redirect \"${global.a}\";", 1, 31,
	    "a variable of no known namespace \"global.a\"" },
	{ "require \"ihave\"; require \"vnd.other\";", 1, 26,
	    "unknown extension \"vnd.other\"" },
	{ "require [\"vacation\", \"mailbox\"]; vacation :create \"x\";", 1, 51,
	    "an argument for :fcc without :fcc" },
	{ "if address \"Subject\" \"x\" {}", 1, 12,
	    "a field that has no addresses \"Subject\"" },
	{ "require \"variables\"; set \"1a\" \"x\";", 1, 26,
	    "no name of a variable \"1a\"" },
};

START_TEST(is_bad)
{
	struct arena *a = arena_new();
	struct sieve_script *s =
	    sieve_script_new(a, span_str(bad[_i].script), NULL);

	ck_assert_msg(s->error_count > 0, "%s", bad[_i].script);
	ck_assert_str_eq(s->errors[0].what, bad[_i].what);
	ck_assert_msg(s->errors[0].line == bad[_i].line &&
		s->errors[0].column == bad[_i].column,
	    "%s: %d:%d", bad[_i].script, s->errors[0].line,
	    s->errors[0].column);
	ck_assert_uint_gt(strlen(s->errors[0].remedy), 0);
	arena_free(&a);
}
END_TEST

/* However deep it goes, our stack does not. */
START_TEST(depth)
{
	static const char *const unit[] = { "if true {", "if not ", "not (",
		"anyof (" };
	struct buf text = BUF_EMPTY;

	for (size_t i = 0; i < sizeof(unit) / sizeof(*unit); i++) {
		struct arena *a = arena_new();
		struct sieve_script *s;

		buf_clear(&text);
		buf_add_str(&text, i == 0 ? "" : "if ");
		for (int k = 0; k < 50000; k++)
			buf_add_str(&text, i == 1 ? "not " : unit[i]);
		s = sieve_script_new(a, buf_span(&text), NULL);
		ck_assert_uint_eq(s->error_count, 1);
		ck_assert_str_eq(s->errors[0].what,
		    "blocks or tests stand too deep in each other");
		arena_free(&a);
	}
	buf_free(&text);
}
END_TEST

START_TEST(size)
{
	struct arena *a = arena_new();
	struct sieve_script *s = sieve_script_new(
	    a, SPAN("keep;"), &(struct sieve_limits){ .bytes = 4 });

	ck_assert_uint_eq(s->error_count, 1);
	arena_free(&a);
}
END_TEST

START_TEST(strings)
{
	struct arena *a = arena_new();
	struct sieve_script *s = sieve_script_new(a,
	    SPAN("require [\"reject\", \"encoded-character\"]; reject "
		 "text:\r\n..a\r\n\r\nb\r\n.\r\n; redirect "
		 "\"\\x\\\"${hex: 41 42}${unicode: e9}${hex:xx}@b.c\";"),
	    NULL);

	ck_assert(span_is(s->commands->next->at[0]->strings[0], ".a\n\nb\n"));
	ck_assert(span_is(s->commands->next->next->at[0]->strings[0],
	    "x\"AB\xc3\xa9${hex:xx}@b.c"));
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, is_good, 0, UNIT_COUNT(good));
	tcase_add_loop_test(t, is_cut, 0, UNIT_COUNT(good));
	tcase_add_loop_test(t, is_bad, 0, UNIT_COUNT(bad));
	tcase_add_test(t, depth);
	tcase_add_test(t, size);
	tcase_add_test(t, strings);
}

int
main(void)
{
	return unit_main("sieve/script", fill);
}
