/* test_expand.c - rules/expand.h; the answers are those of procmail 3.22 */

#include "rules/expand.h"

#include "base/mem.h"
#include "tests/unit.h"

static bool
value(void *ctx, struct span name, struct span *out)
{
	static const char *const known[][2] = { { "A", "alpha" },
		{ "B", "b c" }, { "EMPTY", "" }, { "RE", "a.b*(c)" },
		{ "1", "one" }, { "#", "2" }, { "?", "7" }, { "_", "rc" },
		{ "=", "42" } };

	(void)ctx;
	ck_assert(name.n > 0);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!span_is(name, known[i][0]))
			continue;
		*out = span_str(known[i][1]);
		return true;
	}
	return false;
}

static void
command(void *ctx, struct span text, size_t room, struct buf *out)
{
	(void)ctx;
	ck_assert_uint_gt(room, 0);
	buf_add_str(out, "<");
	buf_add_span(out, text);
	buf_add_str(out, "> x");
}

static void
bad(void *ctx, struct span name)
{
	buf_add_span(ctx, name);
	buf_add_str(ctx, "!");
}

/* Words are shown with '|' between them; what ends the text is left over. */
static const struct {
	enum expand_mode mode;
	const char *text, *want;
	size_t left; /* bytes not taken */
} rows[] = {
	{ EXPAND_VALUE, "$A", "alpha", 0 },
	{ EXPAND_VALUE, "${A}x", "alphax", 0 },
	{ EXPAND_VALUE, "${}x", "x", 0 },
	{ EXPAND_VALUE, "$Ax", "", 0 },
	{ EXPAND_VALUE, "'$A'", "$A", 0 },
	{ EXPAND_VALUE, "$A$B", "alphab c", 0 },
	{ EXPAND_VALUE, "a\\ b", "a b", 0 },
	{ EXPAND_VALUE, "\"a\\\"b\"", "a\"b", 0 },
	{ EXPAND_VALUE, "\"a\\b\"", "a\\b", 0 },
	{ EXPAND_VALUE, "a\\\\b", "a\\b", 0 },
	{ EXPAND_VALUE, "a\\nb", "anb", 0 },
	{ EXPAND_VALUE, "\\$A", "$A", 0 },
	{ EXPAND_VALUE, "${EMPTY-x}", "", 0 },
	{ EXPAND_VALUE, "${EMPTY:-x}", "x", 0 },
	{ EXPAND_VALUE, "${NO-x}", "x", 0 },
	{ EXPAND_VALUE, "${A-x}", "alpha", 0 },
	{ EXPAND_VALUE, "${EMPTY+x}", "x", 0 },
	{ EXPAND_VALUE, "${EMPTY:+x}", "", 0 },
	{ EXPAND_VALUE, "${NO+x}", "", 0 },
	{ EXPAND_VALUE, "${NO:-${B:-y}}", "b c", 0 },
	{ EXPAND_VALUE, "${A:+[$A]}", "[alpha]", 0 },
	{ EXPAND_VALUE, "\"${NO:-a b}\"", "a b", 0 },
	{ EXPAND_VALUE, "${NO:-a b}", "a", 3 },
	{ EXPAND_VALUE, "\"${NO:-\"x y\"}e\"", "\"x y\"e", 0 },
	{ EXPAND_VALUE, "${NO:-'x}y'}e", "x}ye", 0 },
	{ EXPAND_VALUE, "${NO:-\\}}e", "}e", 0 },
	{ EXPAND_VALUE, "${NO-{x}}", "{x}", 0 },
	{ EXPAND_VALUE, "p${A:-a$B b}", "pa", 3 },
	{ EXPAND_VALUE, "${NO+a$A", "a", 0 },
	{ EXPAND_VALUE, "a#b", "a#b", 0 },
	{ EXPAND_VALUE, "y\\#x", "y\\#x", 0 },
	{ EXPAND_VALUE, "\\#x", "#x", 0 },
	{ EXPAND_VALUE, "# note", "", 0 },
	{ EXPAND_VALUE, "$", "$", 0 },
	{ EXPAND_VALUE, "a$ b", "a$", 2 },
	{ EXPAND_VALUE, "mots apres", "mots", 6 },
	{ EXPAND_VALUE, "x\"y\"'z' q", "xyz", 2 },
	{ EXPAND_VALUE, "\"a\nb\"\nc", "a\nb", 2 },
	{ EXPAND_VALUE, "a\\\nb", "ab", 0 },
	{ EXPAND_VALUE, "$\\RE", "()a\\.b\\*\\(c\\)", 0 },
	{ EXPAND_VALUE, "`cmd`y", "<cmd> xy", 0 },
	{ EXPAND_VALUE, "`a \\`b\\` \\$c \\n`", "<a `b` $c \\n> x", 0 },
	{ EXPAND_VALUE, "'`no`'", "`no`", 0 },
	{ EXPAND_VALUE, "$#$1$2$?$=$_q", "2one742rcq", 0 },
	{ EXPAND_VALUE, "${A!x}y", "x}y", 0 },
	{ EXPAND_WORDS, "a $B 'c d' \"$B\" # z", "a|b|c|c d|b c", 0 },
	{ EXPAND_WORDS, "\"\" x", "|x", 0 },
	{ EXPAND_WORDS, "$NO $EMPTY", "", 0 },
	{ EXPAND_WORDS, "x $EMPTY # z", "x", 0 },
	{ EXPAND_WORDS, "p \"$@\" q", "p||q", 0 },
	{ EXPAND_WORDS, "p${A:-x y}q", "palphaq", 0 },
	{ EXPAND_WORDS, "p ${NO:-x y}q", "p|x|yq", 0 },
	{ EXPAND_WORDS, "${-x}y${+x}", "xy", 0 },
	{ EXPAND_WORDS, "\"`a \"b c\"", "<a > xb c", 0 },
	{ EXPAND_WORDS, "\"`a \\\"b\\\"`\"", "<a \"b\"> x", 0 },
	{ EXPAND_WORDS, "${A\nx}", "x}", 0 },
	{ EXPAND_LINE, " a  $B 'c  d'  # z", "a b c c  d ", 0 },
	{ EXPAND_LINE, "$EMPTY x", " x", 0 },
	{ EXPAND_LINE, "> 100", "> 100", 0 },
	{ EXPAND_WORDS, "`c`\"`c`\"", "<c>|x<c> x", 0 },
	{ EXPAND_WORDS, "a\\\n b\nrest", "a|b", 5 },
	{ EXPAND_QUOTED, "^X: $A \\$z \"q  r\" # s", "^X: alpha $z q r # s",
	    0 },
	{ EXPAND_QUOTED, "don't \\< $B", "don't \\< b c", 0 },
	{ EXPAND_QUOTED, "a  b\" c  d\" e  f", "a  b c d e  f", 0 },
	{ EXPAND_QUOTED, "a\" 'b\"c'", "a b\"c", 0 },
};

static void
show(const struct words *w, struct buf *out)
{
	if (w->count == 0)
		buf_add_str(out, "(none)");
	for (size_t i = 0; i < w->count; i++) {
		buf_add_str(out, i == 0 ? "" : "|");
		buf_add_span(out, word_at(w, i));
	}
}

START_TEST(expanded)
{
	struct buf complaints = BUF_EMPTY, got = BUF_EMPTY;
	const struct expand_env env = { &complaints, value, command, bad, 1000,
		false };
	struct span text = span_str(rows[_i].text);
	struct words w = { .count = 0 };
	bool odd;
	size_t taken = expand_scan(text, rows[_i].mode, &odd);

	ck_assert_msg(text.n - taken == rows[_i].left, "%s: %zu bytes left",
	    rows[_i].text, text.n - taken);
	ck_assert(!odd || span_search(text, SPAN("${A")) < text.n);
	ck_assert_int_eq(
	    expand(span_head(text, taken), rows[_i].mode, &env, &w),
	    EXPAND_FINE);
	show(&w, &got);
	ck_assert_msg(span_is(buf_span(&got), rows[_i].want),
	    "%s: got %s, not %s", rows[_i].text, buf_str(&got), rows[_i].want);
	words_free(&w);
	buf_free(&got);
	buf_free(&complaints);
}
END_TEST

/* What the scan takes, the expansion takes as well, wherever it is cut. */
START_TEST(cut_anywhere)
{
	struct buf complaints = BUF_EMPTY;
	const struct expand_env env = { &complaints, value, command, bad, 1000,
		false };
	struct span text = span_str(rows[_i].text);
	struct words w = { .count = 0 };

	for (size_t n = 0; n <= text.n; n++) {
		struct span part = span_head(text, n);
		bool odd;
		size_t taken = expand_scan(part, rows[_i].mode, &odd);
		unsigned end =
		    expand(span_head(part, taken), rows[_i].mode, &env, &w);

		ck_assert(taken <= n);
		ck_assert_msg(
		    odd || !(end & EXPAND_OPEN), "%.*s", (int)n, text.p);
	}
	words_free(&w);
	buf_free(&complaints);
}
END_TEST

START_TEST(limits)
{
	struct buf complaints = BUF_EMPTY;
	const struct expand_env env = { &complaints, value, command, bad, 8,
		false };
	struct words w = { .count = 0 };

	ck_assert_int_eq(
	    expand(SPAN("$A$A"), EXPAND_VALUE, &env, &w), EXPAND_TOO_LONG);
	ck_assert_int_eq(
	    expand(SPAN("12345678"), EXPAND_VALUE, &env, &w), EXPAND_FINE);
	ck_assert_int_eq(
	    expand(SPAN("\"open"), EXPAND_VALUE, &env, &w), EXPAND_OPEN);
	ck_assert_uint_eq(complaints.n, 0);
	ck_assert_int_eq(
	    expand(SPAN("\\"), EXPAND_QUOTED, &env, &w), EXPAND_OPEN);
	(void)expand(SPAN("\"$@\" x\"$@\""), EXPAND_WORDS, &env, &w);
	ck_assert(w.has_args && w.args_at == 2 && w.count == 2);
	(void)expand(SPAN("${12}${A:?}"), EXPAND_VALUE, &env, &w);
	ck_assert(span_is(buf_span(&complaints), "12!A!"));
	words_free(&w);
	buf_free(&complaints);
}
END_TEST

/* A hundred thousand open braces need no stack. */
START_TEST(deep)
{
	struct buf text = BUF_EMPTY;
	bool odd;

	for (int i = 0; i < 100000; i++)
		buf_add_str(&text, "${NO-");
	ck_assert_uint_eq(
	    expand_scan(buf_span(&text), EXPAND_VALUE, &odd), text.n);
	buf_free(&text);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, expanded, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, cut_anywhere, 0, UNIT_COUNT(rows));
	tcase_add_test(t, limits);
	tcase_add_test(t, deep);
}

int
main(void)
{
	return unit_main("rules/expand", fill);
}
