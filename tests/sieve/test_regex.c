/* test_regex.c - sieve/regex.h: POSIX's extended regular expressions */

#include "sieve/regex.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

/* hit: the whole match and the groups, "-" for one without part; NULL: none */
static const struct {
	const char *pattern, *text;
	bool fold;
	const char *hit;
} cases[] = {
	{ "", "abc", false, "" },
	{ "b", "abc", false, "b" },
	{ "B", "abc", false, NULL },
	{ "B", "abc", true, "b" },
	{ "[^b]", "Bb", true, NULL },
	{ "[a-c]+", "xABCd", true, "ABC" },
	{ "a|ab", "xabc", false, "ab" },
	{ "(a|ab)(c|bcd)(d*)", "abcd", false, "abcd|a|bcd|" },
	{ "(a*)(ab)*(b*)", "abb", false, "abb|a|-|bb" },
	{ "(a|b)*", "abx", false, "ab|b" },
	{ "((a)|b)*", "ab", false, "ab|b|-" },
	{ "(a*)*", "b", false, "|-" },
	{ "b?(0*|(b))", "b", false, "b||-" },
	{ "(..*|b){2,}a", "abba", false, "abba|b" },
	{ "(a*)+", "aa", false, "aa|aa" },
	{ "(x)?(y)?z", "yz", false, "yz|-|y" },
	{ "^a", "ba", false, NULL },
	{ "a$", "ab", false, NULL },
	{ "^$", "", false, "" },
	{ "a^b", "a^b", false, NULL },
	{ "a\\^b", "a^b", false, "a^b" },
	{ "a.c", "a\nc", false, "a\nc" },
	{ "^.$", "\u00e9", false, "\u00e9" },
	{ "^[\u00e0-\u00ff]$", "\u00e9", false, "\u00e9" },
	{ "^.$", "\xff", false, "\xff" },
	{ "a{2}", "aaa", false, "aa" },
	{ "a{2,}", "aaaa", false, "aaaa" },
	{ "a{,2}", "aaaa", false, "aa" },
	{ "a{,", "a{,", false, "a{," },
	{ "x\\d+", "xdd", false, "xdd" },
	{ "a{0,2}b", "aaab", false, "aab" },
	{ "{foo", "{foo", false, "{foo" },
	{ "[]a]+", "]a", false, "]a" },
	{ "[a-]+", "a-", false, "a-" },
	{ "[[:digit:]]+", "ab12", false, "12" },
	{ "[[:upper:]]", "a", true, "a" },
	{ "[[.-.]a]+", "-a", false, "-a" },
	{ "[[=a=]]", "a", false, "a" },
	{ "\\bcat\\b", "concat cat", false, "cat" },
	{ "\\w+\\s\\W", "ab :", false, "ab :" },
	{ "\\<b", "ab b", false, "b" },
	{ "x*", "aaa", false, "" },
	{ "(foo|foobar)(bar)?", "foobar", false, "foobar|foo|bar" },
	{ "a)", "a)", false, "a)" },
	{ "(|a)b", "ab", false, "ab|a" },
	{ "(.*)-([0-9]+)", "x-1-22", false, "x-1-22|x-1|22" },
	{ "(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)", "1234567890", false,
	    "1234567890|1|2|3|4|5|6|7|8|9" },
};

START_TEST(finds)
{
	struct arena *a = arena_new();
	struct sieve_regex_work work = { 0, 1000000 };
	struct sieve_regex_hit hit;
	struct buf out = BUF_EMPTY;
	const char *error;
	struct sieve_regex *re = sieve_regex_new(
	    a, span_str(cases[_i].pattern), cases[_i].fold, &error);
	bool found;

	ck_assert_msg(re != NULL, "%s", cases[_i].pattern);
	found = sieve_regex_find(re, span_str(cases[_i].text), &work, &hit);
	ck_assert_msg(
	    found == (cases[_i].hit != NULL), "%s", cases[_i].pattern);
	for (size_t i = 0; found && i < hit.count; i++) {
		buf_add_str(&out, i == 0 ? "" : "|");
		buf_add_span(
		    &out, hit.groups[i].p == NULL ? SPAN("-") : hit.groups[i]);
	}
	if (found)
		ck_assert_msg(span_is(buf_span(&out), cases[_i].hit), "%s: %s",
		    cases[_i].pattern, buf_str(&out));
	buf_free(&out);
	arena_free(&a);
}
END_TEST

/* What has no text is matched where nothing is. */
START_TEST(of_nothing)
{
	struct arena *a = arena_new();
	struct sieve_regex_work work = { 0, 1000000 };
	struct sieve_regex_hit hit;
	const char *error;
	struct sieve_regex *re =
	    sieve_regex_new(a, SPAN("|ab()+0"), false, &error);

	ck_assert(sieve_regex_find(re, span_of(NULL, 0), &work, &hit));
	ck_assert(hit.groups[0].p != NULL && hit.groups[0].n == 0);
	arena_free(&a);
}
END_TEST

static const char *const wrong[] = { "(", "(a", "[", "[a", "*a", "+", "a|*",
	"[b-a]", "[[:word:]]", "[[.ab.]]", "\\", "(a)\\1", "a{3,2}", "a{300}",
	"((a{200}){200}){200}" };

START_TEST(refuses)
{
	struct arena *a = arena_new();
	const char *error = NULL;

	ck_assert_msg(
	    sieve_regex_new(a, span_str(wrong[_i]), false, &error) == NULL,
	    "%s", wrong[_i]);
	ck_assert(error != NULL);
	arena_free(&a);
}
END_TEST

static uint64_t
steps(const char *pattern, size_t n, uint64_t most)
{
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;
	struct sieve_regex_work work = { 0, most };
	struct sieve_regex_hit hit;
	const char *error;
	struct sieve_regex *re =
	    sieve_regex_new(a, span_str(pattern), false, &error);

	for (size_t i = 0; i < n; i++)
		buf_add_byte(&text, 'a');
	ck_assert(!sieve_regex_find(re, buf_span(&text), &work, &hit));
	buf_free(&text);
	arena_free(&a);
	return work.done;
}

static const char *const slow[] = { "(a*)*b", "(a|a)*b", "(a|aa)+$b",
	"(a*)(a*)(a*)(a*)b", "((a?){30}){10}b", "(x+x+)+y" };

START_TEST(linear)
{
	uint64_t once = steps(slow[_i], 500, UINT64_MAX - 1);

	ck_assert_msg(steps(slow[_i], 1000, UINT64_MAX - 1) < 5 * once / 2,
	    "%s", slow[_i]);
	ck_assert(steps("(a*)*b", 1000, 100) < 200);
}
END_TEST

/* A large expression costs something on a short text as well. */
START_TEST(large)
{
	ck_assert(steps("b(a{100}){50}", 0, UINT64_MAX - 1) > 5000);
}
END_TEST

START_TEST(quotes)
{
	struct buf b = BUF_EMPTY;

	sieve_regex_quote(&b, SPAN("a.b*[c]\\"));
	ck_assert_str_eq(buf_str(&b), "a\\.b\\*\\[c\\]\\\\");
	buf_free(&b);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, finds, 0, UNIT_COUNT(cases));
	tcase_add_test(t, of_nothing);
	tcase_add_loop_test(t, refuses, 0, UNIT_COUNT(wrong));
	tcase_add_loop_test(t, linear, 0, UNIT_COUNT(slow));
	tcase_add_test(t, large);
	tcase_add_test(t, quotes);
}

int
main(void)
{
	return unit_main("sieve/regex", fill);
}
