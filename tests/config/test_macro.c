/* test_macro.c - config/macro.h, answers as Postfix 3.7's postconf -x gives
 * them */

#include "config/macro.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/why.h"
#include "tests/unit.h"

static const struct {
	const char *name, *value;
} values[] = {
	{ "yes", "Y" },
	{ "emp", "" },
	{ "ind", "$emp" },
	{ "n10", "10" },
	{ "self", "x$self" },
	{ "ring1", "$ring2" },
	{ "ring2", "${emp:{$ring1}}" },
	{ "twice", "$deep$deep" },
	{ "deep", "$yes-${n10}" },
};

static bool
lookup(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	*value = (struct macro_value){ NULL, NULL };
	(void)from;
	if (span_is(name, "broken")) {
		why_set(why, "4.3.5", "broken cannot be had");
		return false;
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (span_is(name, values[i].name))
			*value = (struct macro_value){ values[i].value,
				"file, line 3" };
	return true;
}

static const struct macro_source source = { lookup, NULL };

/* want NULL: refused, and the reason holds says. */
static const struct {
	const char *text, *want, *says;
} cases[] = {
	{ "", "", NULL },
	{ "plain", "plain", NULL },
	{ "${yes ? {a} : {b}}", "a", NULL },
	{ "${yes?{a}:b}", "a", NULL },
	{ "${emp?{a}:b}", "b", NULL },
	{ "${emp?{a}: b }", " b ", NULL },
	{ "${ yes }", "Y", NULL },
	{ "${yes?{a} junk}", NULL, "wanted :" },
	{ "${{a} == {b}?x:y}", "", NULL },
	{ "${{a} == {a}?x:y}", "x:y", NULL },
	{ "${{a} == {a}?{x} : {y}}", "x", NULL },
	{ "${{a}}", NULL, "== != <" },
	{ "${{a} = {b}?{x}:{y}}", NULL, "== != <" },
	{ "${{a} == b}", NULL, "wanted {text}" },
	{ "${yes?a:b}", "a:b", NULL },
	{ "${emp?a:b}", "", NULL },
	{ "${yes:a}", "", NULL },
	{ "${emp:a}", "a", NULL },
	{ "${ind?a}", "a", NULL },
	{ "${ind:a}", "", NULL },
	{ "${b.c}", NULL, "wanted ? or :" },
	{ "$b.c", ".c", NULL },
	{ "${yes?a}}", "a}", NULL },
	{ "${yes", NULL, "closing }" },
	{ "$(yes", NULL, "closing )" },
	{ "$(yes)", "Y", NULL },
	{ "$", NULL, "behind $" },
	{ "$ a", NULL, "behind $" },
	{ "a$", NULL, "behind $" },
	{ "${}", NULL, "parameter's name" },
	{ "$$$yes", "$Y", NULL },
	{ "$$yes", "$yes", NULL },
	{ "${yes?{$n10}:{$nope}}", "10", NULL },
	{ "$(yes?{a}:{b})", "a", NULL },
	{ "${(a) == (b)?{x}:{y}}", NULL, "parameter's name" },
	{ "$({a} == {a}?{x}:{y})", "x", NULL },
	{ "${{2} < {10}?{lt}:{ge}}", "lt", NULL },
	{ "${{a2} < {a10}?{lt}:{ge}}", "ge", NULL },
	{ "${{3.10} >level {3.9}?{gt}:{le}}", "gt", NULL },
	{ "${{3} ==level {3.0}?{eq}:{ne}}", "eq", NULL },
	{ "${{x} ==level {3.0}?{eq}:{ne}}", NULL, "compatibility level" },
	{ "${{1.2.3.4} ==level {3.0}}", NULL, "compatibility level" },
	{ "${yes?}", "", NULL },
	{ "${emp:}", "", NULL },
	{ "${{ a } == {a}?{eq}:{ne}}", "ne", NULL },
	{ "${yes?{ a }:{b}}", " a ", NULL },
	{ "${yes?  a }", "  a ", NULL },
	{ "${{$yes} == {Y}}", "true", NULL },
	{ "${{$yes} != {Y}}", "", NULL },
	{ "${yes?${emp?{a}:{b}}}", "b", NULL },
	{ "${yes?a}b}c", "ab}c", NULL },
	{ "${{$yes} == {Y} ? {${n10}} : {}}", "10", NULL },
	{ "${{a}=={a}?{x}:{y}}", "x", NULL },
	{ "${yes+a}", NULL, "wanted ? or :" },
	{ "${x y}", NULL, "wanted ? or :" },
	{ "$yes$emp$n10", "Y10", NULL },
	{ "${{a} == {b} ? {c}}", "", NULL },
	{ "${{a} == {b} : {c}}", "c", NULL },
	{ "${{a} == {a} : {c}}", "", NULL },
	{ "${{a} == {a} ? {c} : d}", "c", NULL },
	{ "${yes?{a}:{b} }", "a", NULL },
	{ "${yes?{a}:{b}c}", NULL, "nothing behind" },
	{ "${emp:{b}:{c}}", NULL, "nothing behind" },
	{ "${emp:{b}?{c}}", NULL, "nothing behind" },
	{ "${{1} <=level {1}}", "true", NULL },
	{ "${{1} <= {1}}", "true", NULL },
	{ "${{1} >= {1}}", "true", NULL },
	{ "${{2} > {1}}", "true", NULL },
	{ "${{1} > {1}}", "", NULL },
	{ "${{01} == {1}}", "true", NULL },
	{ "${{-1} < {1}}", "true", NULL },
	{ "${{99999999999999999999999} > {9}}", "true", NULL },
	{ "${{} == {}?{e}:{n}}", "e", NULL },
	{ "${yes?{a{b}c}:{d}}", "a{b}c", NULL },
	{ "$twice", "Y-10Y-10", NULL },
	{ "$self", NULL, "refers to itself" },
	{ "$ring1", NULL, "refers to itself" },
	{ "a $broken b", NULL, "broken cannot be had" },
	{ "${unknown?x}${unknown:y}$unknown", "y", NULL },
};

START_TEST(postconf_says)
{
	struct buf out = BUF_EMPTY;
	struct why why;
	bool ok;

	why_init(&why);
	ok =
	    macro_expand(&source, "here", span_str(cases[_i].text), &out, &why);
	ck_assert_msg(ok == (cases[_i].want != NULL), "\"%s\": %s",
	    cases[_i].text, why_text(&why));
	if (ok)
		ck_assert_msg(span_is(buf_span(&out), cases[_i].want),
		    "\"%s\" gave \"%s\"", cases[_i].text, buf_str(&out));
	else
		ck_assert_msg(strstr(why_text(&why), cases[_i].says) != NULL,
		    "\"%s\": %s", cases[_i].text, why_text(&why));
	why_free(&why);
	buf_free(&out);
}
END_TEST

/* Whatever is cut off, it ends, and says so when it is no good. */
START_TEST(cut_anywhere)
{
	struct span whole = span_str(cases[_i].text);

	for (size_t n = 0; n < whole.n; n++) {
		struct buf out = BUF_EMPTY;
		char *copy = malloc(n + 1);
		struct why why;

		memcpy(copy, whole.p, n);
		why_init(&why);
		if (!macro_expand(
			&source, "here", span_of(copy, n), &out, &why))
			ck_assert_uint_gt(why.text.n, 0);
		why_free(&why);
		buf_free(&out);
		free(copy);
	}
}
END_TEST

/* Each level doubles the work: it must end early. */
static bool
lookup_doubling(const void *from, struct span name, struct macro_value *value,
    struct why *why)
{
	static char text[64][64];
	int level = atoi(name.p + 1);

	(void)from;
	(void)why;
	snprintf(text[level % 64], sizeof(text[0]), "$d%d$d%d", level + 1,
	    level + 1);
	*value = (struct macro_value){ level == 40 ? "" : text[level % 64],
		"file, line 1" };
	return true;
}

START_TEST(bounded)
{
	static const struct macro_source doubling = { lookup_doubling, NULL };
	struct buf out = BUF_EMPTY, deep = BUF_EMPTY;
	struct why why;

	why_init(&why);
	ck_assert(!macro_expand(&doubling, "here", SPAN("$d0"), &out, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "too deep"));
	for (int i = 0; i < 200; i++)
		buf_add_str(&deep, "${yes?");
	for (int i = 0; i < 200; i++)
		buf_add_byte(&deep, '}');
	ck_assert(!macro_expand(&source, "here", buf_span(&deep), &out, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "too deep"));
	why_free(&why);
	buf_free(&deep);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *text, *names; /* joined by blanks */
} referred[] = {
	{ "", "" },
	{ "a $b ${c} $(d) $$e", "b c d " },
	{ "${a?{$b}:{${c:$d}}}", "a b c d " },
	{ "${{$x} == {$y} ? {z} : {$w}}", "x y w " },
	{ "$", "" },
	{ "${", "" },
	{ "${ a ?b}$", "a " },
};

START_TEST(names)
{
	struct buf got = BUF_EMPTY;
	struct span name;
	size_t at = 0;

	while (macro_name_next(span_str(referred[_i].text), &at, &name)) {
		buf_add_span(&got, name);
		buf_add_byte(&got, ' ');
	}
	ck_assert_str_eq(buf_str(&got), referred[_i].names);
	buf_free(&got);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, postconf_says, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(t, cut_anywhere, 0, UNIT_COUNT(cases));
	tcase_add_test(t, bounded);
	tcase_add_loop_test(t, names, 0, UNIT_COUNT(referred));
}

int
main(void)
{
	return unit_main("config/macro", fill);
}
