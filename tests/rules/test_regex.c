/* test_regex.c - rules/regex.h; what procmail 3.22 answers stands in the rows
 */

#include "rules/regex.h"

#include "base/buf.h"
#include "base/mem.h"
#include "tests/unit.h"

/* MATCH where \/ was passed; YES and NO without it. */
static const char yes[] = "(yes)", no[] = "(no)";

static const struct {
	const char *text, *pattern, *want;
} rows[] = {
	{ "Premier mot\nfin", "^^^Premier", no },
	{ "Premier mot\nfin", "^Premier", yes },
	{ "Premier mot\nfin", "^^Premier", yes },
	{ "Premier mot\nfin", "()\\<Premier", yes },
	{ "Premier mot\nfin", "^^\\<Premier", no },
	{ "Premier mot\nfin", "^^$", no },
	{ "Premier mot\nfin", "(^^|x)Premier", yes },
	{ "Premier mot\nfin", "x^^Premier", no },
	{ "Premier mot\nfin", "fin^^", yes },
	{ "Premier mot\nfin", "fin$^^", no },
	{ "Premier mot\nfin", "fin\\>", yes },
	{ "Premier mot\nfin", "fin\\>^^", no },
	{ "Premier mot\nfin", "fin$$", no },
	{ "Premier mot\nfin", "Premier.*$fin^^", yes },
	{ "Premier mot\nfin\n", "fin^^", no },
	{ "Premier mot\nfin\n", "fin$^^", yes },
	{ "Premier mot\nfin\n", "fin$$", yes },
	{ "Premier mot\nfin\n", "fin$$$", no },
	{ "", "^^^^", yes },
	{ "", "^$", yes },
	{ "", "^^$", yes },
	{ "", "$^^", yes },
	{ "", "^^^^^^", no },
	{ "", ".", no },
	{ "", "$$$", no },
	{ "a\n\nb", "a^^b", no },
	{ "a\n\nb", "a^b", no },
	{ "a\n\nb", "a$^b", yes },
	{ "a\n\nb", "a.b", no },
	{ "a\nb", "a[^x]b", no },
	{ "a\nb", "a\nb", yes },
	{ "a\nb", "a[\n]b", yes },
	{ "a\nb", "[\n]a", yes },
	{ "a\nb", "^^[\n]a", no },
	{ "xAbC", "[a-c]BC", yes },
	{ "xAbC", "[^a]bc", no },
	{ "m oui -", "(oui", yes },
	{ "m oui -", "zzz)oui", no },
	{ "m oui -", "oui)zzz", yes },
	{ "m oui -", "[oui", yes },
	{ "m oui -", "[", no },
	{ "m oui -", "[z-a]", no },
	{ "m oui -", "[a-]", yes },
	{ "m oui -", "[+--]", yes },
	{ "m oui -", "m \\<*oui", yes },
	{ "m oui -", "^+oui", no },
	{ "m oui -", "(()*)*u", yes },
	{ "m oui -", "zz|(", yes },
	{ "a** +b", "a**", yes },
	{ "aaab", "^a**", no },
	{ "a] [b", "a]", yes },
	{ "a] [b", "[]a]] ", yes },
	{ "a\\b", "a[\\]b", yes },
	{ "a.b", "a\\.b", yes },
	{ "axb", "a\\.b", no },
	{ "From: x\nTo: web@s, team-web@s\n", "^TO_web@", yes },
	{ "From: x\nTo: team-web@s\n", "^TO_web@", no },
	{ "From: x\nTo: team-web@s\n", "^TOweb@", yes },
	{ "From: MAILER-DAEMON@b\n\n", "^FROM_DAEMON", yes },
	{ "aaab1", "a*\\/b", "b" },
	{ "aaab1", "a+\\/", "aa" },
	{ "aaab1", "a+\\/a*b", "aab" },
	{ "aaab1", "a*\\/a*b", "aaab" },
	{ "aaab1", "a\\/a*", "aa" },
	{ "aaab1", "(a|aa)\\/b", "b" },
	{ "aaab1", "x*\\/b*", "" },
	{ "aaab1", "a\\/(a|ab|aab)", "aab" },
	{ "aaab1", "[a-z]+\\/[0-9]", "1" },
	{ "aaab1", ".*\\/.b", "ab" },
	{ "zzabcdex", "(a|ab)\\/(c|bcd)(d*)", "bcd" },
	{ "aab axbxcc bx bd", "a[^c]*\\/d|b\\/x", "x" },
	{ "baz foobar", "foo\\/bar|b\\/az", "az" },
	{ "baz foobar", "(foo\\/bar|baz)", yes },
	{ "baz foobar", "(x|foo\\/)bar", "bar" },
	{ "a\nb\nc", "^\\/b.*$", "b\n" },
	{ "a\nb\nc", "a\\/$b", "\nb" },
	{ "a\nb\nc", "c\\/$", "" },
	{ "a\nb\nc", "()\\/^a", "a" },
	{ "a\nb\nc", "()\\/\\<b", "\nb" },
	{ "a\nb\nc", "^^\\/(.|$)*", "a\nb\nc" },
	{ "a\nb\nc", "^^()\\/a.*^^", no },
	{ "xyzq", "x.*\\/z|y\\/z.*", "zq" },
	{ "abcdefg", "bc\\/d.*|a\\/bc", "bc" },
	{ "abcdefg", "a\\/b.*f|c\\/d", "bcdef" },
	{ "abcdefg", "a\\/b.*z|c\\/d", "d" },
	{ "ababcd: xyz", ".*\\/[a-z]", "a" },
	{ "un deux trois", "\\/un \\/deux", "deux" },
	{ "zabc", "a\\/b\\/c", "c" },
	{ "abc", "[b-.]", yes },
	{ "a.c", "[b-.]", yes },
	{ "ac", "[b-.]", no },
	{ "d", "[a-c-e]", yes },
	{ "-", "[a-c-e]", no },
	{ "-", "[-c-e]", yes },
	{ "c", "[z-b-d]", yes },
	{ "Subject:   foo bar", "^Subject: +\\/[^ ]*", "  foo" },
	{ "xaabb", "xa+\\/b*", "abb" },
	{ "xaabb", "xa*\\/b*", "" },
	{ "xaab", "x(b*|a)+\\/", "aab" },
	{ "xaab", "x(a|b*)+\\/", "" },
	{ "xaba", "x(a||b)+\\/", "" },
	{ "xabab", "x(b|c|(ab)+)\\/", "ab" },
	{ "xb-", "x\\/|b-", "b-" },
	{ "xy", "x\\/|b-", no },
	{ "xcy", "(x\\/|bw|c)y", "cy" },
	{ "abcc", "a\\/b?\\/c*", "bcc" },
	/* nothing but letters and .* */
	{ "a\nSubject: so many words\n", "^Subject:.*MANY.*words", yes },
	{ "a\nSubject: so many\nwords\n", "^Subject:.*many.*words", no },
	{ "a\nSubject: words so many\n", "^Subject:.*many.*words", no },
	{ "a\nxSubject: many\nSubject: many\n", "^Subject:.*many", yes },
	{ "Subject: many", "^Subject:.*many", yes },
	{ "xSubject: many", "^Subject:.*many", no },
	{ "Subject:\nx many\nSubject: many", "^Subject:.*many", yes },
	{ "x many Subject: x", "Subject:.*many", no },
	{ "x\nab ab abc", "ab.*abc", yes },
	{ "x\nab ab abc", "^.*abc", yes },
	{ "x\nab ab abc", "abc.*", yes },
	{ "a.*b", "a\\.\\*b", yes },
	{ "xab", "a.*b.*c.*d.*e.*f", no },
	{ "a b c d e f", "a.*b.*c.*d.*e.*f", yes },
	{ "a b c d f e", "a.*b.*c.*d.*e.*f", no },
	{ "x*y", ".**y", yes },
	{ "xy", ".**y", no },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", yes },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", no },
};

static const char *
answer(struct span text, struct span pattern, struct buf *out)
{
	struct buf plain = BUF_EMPTY;
	struct regex_hit hit;
	enum regex_error error;
	bool fold = true;
	struct regex *re;

	regex_macros(&plain, pattern, &fold);
	re = regex_new(buf_span(&plain), fold, &error);
	ck_assert_ptr_nonnull(re);
	buf_clear(out);
	if (!regex_find(re, text, 0, true, &hit))
		buf_add_str(out, no);
	else if (!hit.split)
		buf_add_str(out, yes);
	else
		buf_add_span(out, hit.match);
	regex_free(&re);
	buf_free(&plain);
	return buf_str(out);
}

START_TEST(found)
{
	struct buf got = BUF_EMPTY;

	answer(span_str(rows[_i].text), span_str(rows[_i].pattern), &got);
	ck_assert_msg(span_is(buf_span(&got), rows[_i].want),
	    "%s in \"%s\": want %s, got %s", rows[_i].pattern, rows[_i].text,
	    rows[_i].want, buf_str(&got));
	buf_free(&got);
}
END_TEST

/* What a pattern needs is read from its text, and some need no automaton; in
 * parentheses it goes the long way. */
START_TEST(same_in_parentheses)
{
	struct span pattern = span_str(rows[_i].pattern);
	struct buf inside = BUF_EMPTY;
	enum regex_error plain_error, error;
	struct regex *plain = regex_new(pattern, true, &plain_error), *re;

	buf_printf(&inside, "(%s)", rows[_i].pattern);
	re = regex_new(buf_span(&inside), true, &error);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct span text = span_str(rows[i].text);
		struct regex_hit a = { .end = 0 }, b = { .end = 0 };
		bool hit = regex_find(plain, text, 0, true, &a);

		ck_assert_msg(plain_error != REGEX_FINE ||
			(hit == regex_find(re, text, 0, true, &b) &&
			    a.end == b.end && a.next == b.next &&
			    a.split == b.split),
		    "%s in \"%s\"", rows[_i].pattern, rows[i].text);
	}
	regex_free(&plain);
	regex_free(&re);
	buf_free(&inside);
}
END_TEST

/* At the edges of a text. */
static const struct {
	const char *text, *pattern;
	int count;
} edge_counts[] = { { "", "$$", 1 }, { "\n", "$$", 2 }, { "\n\n", "\\<^", 3 },
	{ "\nx", "^^\\<", 1 }, { " ", "\\<\\>", 2 }, { "  ", "\\<\\>", 2 },
	{ "   ", "\\<\\>", 3 }, { " ", "^\\<", 2 }, { "x\n ", "\\<\\>", 2 },
	{ "x  ", "\\<\\>", 2 }, { " x", "\\<\\>", 1 } };

static int
count_all(struct regex *re, struct span text)
{
	struct regex_hit hit;
	size_t from = 0;
	int count = 0;

	while (regex_find(re, text, from, true, &hit)) {
		if (hit.empty)
			return 999;
		count++;
		from = hit.next;
	}
	return count;
}

START_TEST(counted_at_edges)
{
	enum regex_error error;
	struct regex *re =
	    regex_new(span_str(edge_counts[_i].pattern), true, &error);
	int count = count_all(re, span_str(edge_counts[_i].text));

	ck_assert_msg(count == edge_counts[_i].count, "%s: %d, not %d",
	    edge_counts[_i].pattern, count, edge_counts[_i].count);
	regex_free(&re);
}
END_TEST

/* How many matches follow each other; 999 when one was empty. */
static const struct {
	const char *pattern;
	int count;
} counts[] = { { "a+", 9 }, { "a*", 999 }, { "aa", 2 }, { "a|ab|aab", 9 },
	{ "a.*b", 5 }, { "^", 999 }, { "^.", 3 }, { ".$", 3 }, { "()\\<a", 5 },
	{ "^.*", 999 }, { "a\\/a*", 5 }, { "a\\/a", 2 }, { "[^b]*b", 5 },
	{ "b\\>a", 4 }, { "b$", 3 }, { "^.*$", 4 } };

START_TEST(counted)
{
	struct span text = SPAN("aaab\naaab\nab ab ab\n");
	enum regex_error error;
	struct regex *re =
	    regex_new(span_str(counts[_i].pattern), true, &error);
	int count = count_all(re, text);

	ck_assert_msg(count == counts[_i].count, "%s: %d, not %d",
	    counts[_i].pattern, count, counts[_i].count);
	regex_free(&re);
}
END_TEST

/* Patterns that make other engines go back, or make many sets of states. */
static const char *const hard[] = { "(a|aa)+$", "(a|aa)+b", "(a|a?)+c",
	"^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a)(.*a)(.*a)(.*a)(.*a)z",
	"((a*)*)*$z", "(a?)(a?)(a?)(a?)(a?)(a?)aaaaaaz", "([a-b]+)*=", "(a*)*b",
	"(a|a)*(a|a)*c", "(x+x+)+y", "a.............z",
	"(.*)(.*)(.*)(.*)(.*)[0-9]", ".*\\/a*b",
	"(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c", "^TO_nobody",
	"^FROM_DAEMON", "[^a]*\\/.*$.*z", "^aab.*z", "^to: ax.*x", "a.*a.*a.*z",
	"b.*bb", "(a|b)aab.*z" };

static uint64_t
work(const char *pattern, size_t n)
{
	static const char unit[] = "aab\nTo: ax ba";
	struct buf text = BUF_EMPTY, plain = BUF_EMPTY;
	enum regex_error error;
	bool fold = true;
	struct regex_hit hit;
	struct regex *re;
	uint64_t steps;

	while (text.n < n)
		buf_add(&text, unit, sizeof(unit) - 1);
	regex_macros(&plain, span_str(pattern), &fold);
	re = regex_new(buf_span(&plain), fold, &error);
	(void)regex_find(re, buf_span(&text), 0, true, &hit);
	steps = regex_steps(re);
	regex_free(&re);
	buf_free(&plain);
	buf_free(&text);
	return steps;
}

START_TEST(linear)
{
	uint64_t once = work(hard[_i], 20000), twice = work(hard[_i], 40000);

	ck_assert_msg(twice * 2 <= once * 5, "%s: %llu steps, then %llu",
	    hard[_i], (unsigned long long)once, (unsigned long long)twice);
}
END_TEST

/* Behind and before much text, where what a pattern needs is asked for first.
 */
static const struct {
	const char *text, *pattern, *want;
} much[] = {
	{ "an Invoice number 12", "(invoice|receipt) NUMBER 12", yes },
	{ "an Invoice number 1", "(invoice|receipt) number 12", no },
	{ "abc", "x*abc", yes },
	{ "abc", "(abc)*", yes },
	{ "abc", "(q|abc)", yes },
	{ "abc", "(q)?bc", yes },
	{ "abc", "q+bc", no },
	{ "abc", "a\\/bc", "bc" },
	{ "ABC", "[Aa]b[^x]", yes },
	{ "bbbbc", "bbc", yes },
	{ "q", "q^^", no },
	{ "quiz", "(q|ui)+iz", no },
	{ "quiz", "(q|u|i)+iz", yes },
	{ "sale", "sale|(never)", yes },
};

START_TEST(in_much)
{
	for (unsigned before = 0; before < 2; before++) {
		struct buf text = BUF_EMPTY, got = BUF_EMPTY;

		for (int i = 0; before == 0 && i < 3000; i++)
			buf_add_str(&text, "-=-\n");
		buf_add_str(&text, much[_i].text);
		for (int i = 0; i < 3000; i++)
			buf_add_str(&text, "\n-=-");
		answer(buf_span(&text), span_str(much[_i].pattern), &got);
		ck_assert_msg(span_is(buf_span(&got), much[_i].want),
		    "%s in much and \"%s\": got %s", much[_i].pattern,
		    much[_i].text, buf_str(&got));
		buf_free(&text);
		buf_free(&got);
	}
}
END_TEST

START_TEST(errors)
{
	struct buf large = BUF_EMPTY;
	enum regex_error error;
	struct regex *re = regex_new(SPAN("(a"), true, &error);

	ck_assert_int_eq(error, REGEX_UNBALANCED);
	regex_free(&re);
	re = regex_new(SPAN("a)"), true, &error);
	ck_assert_int_eq(error, REGEX_UNBALANCED);
	regex_free(&re);
	while (large.n <= REGEX_PATTERN_MAX)
		buf_add_str(&large, "[ab]*(c|");
	re = regex_new(buf_span(&large), true, &error);
	ck_assert_int_eq(error, REGEX_TOO_LARGE);
	ck_assert_ptr_null(re);
	buf_cut(&large, REGEX_PATTERN_MAX);
	re = regex_new(buf_span(&large), true, &error);
	ck_assert_ptr_nonnull(re);
	regex_free(&re);
	buf_free(&large);
}
END_TEST

/* A search begun in the middle answers as one on the rest does, but for the
 * newline before the text. */
START_TEST(from_anywhere)
{
	struct span text = SPAN("x one\ntwo x one");
	enum regex_error error;
	struct regex *re = regex_new(SPAN("one\\/."), true, &error);
	struct regex_hit whole, part;

	for (size_t from = 1; from <= text.n; from++) {
		struct span rest = span_skip(text, from);
		bool a = regex_find(re, text, from + 1, true, &whole);
		bool b = regex_find(re, rest, 0, true, &part);

		ck_assert_int_eq(a, b);
		if (a)
			ck_assert_uint_eq(whole.end, part.end + from);
	}
	regex_free(&re);
}
END_TEST

static const struct {
	const char *pattern;
	bool plain, joined; /* can it match a body, a header? */
} possible[] = {
	{ "a", true, true },
	{ "", true, true },
	{ "^^a", true, true },
	{ "a^^", true, true },
	{ "a^^b", false, false },
	{ "^^^^", true, true },
	{ "^^^^^^", false, false },
	{ "a$^^", true, true },
	{ "^Subject: .*$[ \t]+b", true, false },
	{ "^Subject: .*$.*b", true, true },
	{ "a$ b|c", true, true },
	{ "a($ b|^^c)", true, false },
	{ "^ a", true, true },
	{ "(unbalanced", true, true },
	{ "a\\/^^b", false, false },
};

START_TEST(can_match)
{
	struct span pattern = span_str(possible[_i].pattern);

	ck_assert_msg(
	    regex_can_match(pattern, true, false) == possible[_i].plain &&
		regex_can_match(pattern, true, true) == possible[_i].joined,
	    "%s", possible[_i].pattern);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, can_match, 0, UNIT_COUNT(possible));
	tcase_add_loop_test(t, found, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, same_in_parentheses, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, counted, 0, UNIT_COUNT(counts));
	tcase_add_loop_test(t, counted_at_edges, 0, UNIT_COUNT(edge_counts));
	tcase_add_loop_test(t, linear, 0, UNIT_COUNT(hard));
	tcase_add_loop_test(t, in_much, 0, UNIT_COUNT(much));
	tcase_add_test(t, errors);
	tcase_add_test(t, from_anywhere);
}

int
main(void)
{
	return unit_main("rules/regex", fill);
}
