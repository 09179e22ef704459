/* test_pattern_map.c - regexp:, pcre: and cidr: tables */

#include "maps/map.h"

#include "base/mem.h"
#include "tests/maps/scratch.h"

/* What Postfix 3.7 answers for the same table was written down beside it. */
static const char regexp_text[] = "/^a(b*)c$/ got-$1-$$-${1}x\n"
				  "!/^n/ if-no-$1\n"
				  "/^n(e)?/i  opt-$1-\n"
				  "/^N/   x\n"
				  "if /^n/\n"
				  "/^nf/m ok\n"
				  "/[/ bad\n"
				  "/x/q bad\n"
				  "/unclosed bad\n"
				  "/x/\n"
				  "endif\n"
				  "/^y/!/z$/ yy\n"
				  "endif\n"
				  "if !/foo/\n"
				  "/^(q+)$/ $1\n"
				  "/x$2(/ z\n"
				  "/(r)/ $2\n";

static const struct {
	const char *key, *answer;
} regexp_asks[] = {
	{ "aBBc", "=got-BB-$-BBx" },
	{ "abc", "=got-b-$-bx" },
	{ "ac", "=got--$-x" },
	{ "Nq", "=x" },
	{ "nf", "=opt--" },
	{ "ne", "=opt-e-" },
	{ "zz", "-" },
	{ "ye", "=yy" },
	{ "yz", "-" },
	{ "qQ", "=qQ" },
	{ "qfoo", "-" },
	{ "r", "-" },
};

START_TEST(regexp)
{
	char spec[256];

	scratch_make();
	scratch_write("re", regexp_text, sizeof(regexp_text) - 1);
	snprintf(spec, sizeof(spec), "regexp:%s", scratch_path("re"));
	ck_assert_str_eq(
	    ask(spec, regexp_asks[_i].key), regexp_asks[_i].answer);
	scratch_remove();
}
END_TEST

static const struct {
	const char *spec, *key, *answer;
} inline_asks[] = {
	{ "regexp:{ {/a b/ x y}, {/c/ z} }", "A B", "=x y" },
	{ "regexp:{{/a/ x}{/b/ y}}", "b", "-" },
	{ "regexp:{{/^.b$/ x}, {/^a$/m y}}", "q\na", "=y" },
	{ "regexp:{{/a(b)*c/ <$1>}}", "ac", "=<>" },
	{ "pcre:{{/^(?<n>\\w+)@x$/ $1!}}", "Joe@X", "=Joe!" },
	{ "pcre:{{/^joe$/i y}}", "Joe", "-" },
	{ "pcre:{{/a.b/ y}}", "a\nb", "=y" },
	{ "pcre:{{/a.b/s y}}", "a\nb", "-" },
	{ "pcre:{{/^b/m y}}", "a\nb", "=y" },
	{ "pcre:{{/a b/x y}}", "ab", "=y" },
	{ "pcre:{{/b/A y}}", "ab", "-" },
	{ "pcre:{{/a$/X y}}", "a", "=y" },
	{ "pcre:{{/a/z y}}", "a", "-" },
	{ "pcre:{{/^.$/ one}}", "\xc3\xa9", "=one" },
	{ "pcre:{{/b$/ y}}", "\xff\xfe b", "=y" },
	{ "pcre:{{/(a)(b)?/ <$2>}}", "a", "=<>" },
	{ "pcre:{{!/a/ y}}", "b", "=y" },
	{ "pcre:{{!/a/ y$1}}", "b", "-" },
	{ "pcre:{{if /a/}, {/b/ y}, {endif}, {/./ z}}", "ab", "=y" },
	{ "pcre:{{if /a/}, {/b/ y}, {endif}, {/./ z}}", "b", "=z" },
	{ "cidr:{{1.2.3.0/24 x y}}", "1.2.3.4", "=x y" },
};

START_TEST(inline_text)
{
	ck_assert_str_eq(ask(inline_asks[_i].spec, inline_asks[_i].key),
	    inline_asks[_i].answer);
}
END_TEST

/* What would take hours ends in an error, not in "not found". */
START_TEST(limits)
{
	struct buf key = BUF_EMPTY;

	for (int i = 0; i < 200; i++)
		buf_add_str(&key, "aaaaaaaaaa");
	buf_add_byte(&key, '!');
	ck_assert_int_eq(ask("pcre:{{/^(a+)+$/ x}}", buf_str(&key))[0], '!');
	buf_free(&key);
}
END_TEST

START_TEST(no_substitution)
{
	static const char spec[] = "regexp:{{/^a(b)/ $1}, {/^a/ plain}}";
	struct why why;
	struct map *m;

	why_init(&why);
	m = map_open(span_str(spec), "hash", MAP_NO_SUBSTITUTION, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert(map_is_pattern(m));
	ck_assert_str_eq(ask_map(m, SPAN("ab")), "=plain");
	map_close(&m);
	why_free(&why);
}
END_TEST

/* Postfix 3.7's answers again. */
static const char cidr_text[] = "192.168.1.0/24 A\n"
				"192.168.1.1/24 bad\n"
				"10.0.0.1 ten\n"
				"[::1]/128 six\n"
				"[::2/127] six2\n"
				"if 10.1.0.0/16\n"
				"10.1.2.3 in\n"
				"10.1.0.0/16 second\n"
				"endif\n"
				"10.0.0.0/33 x\n"
				"300.1.1.1 x\n"
				"10.0.0.0/8\n"
				"endif\n"
				"if !10.0.0.0/8\n"
				"!11.0.0.0/8 not11\n"
				"endif\n"
				"if 11.0.0.0/8\n"
				"11.0.0.0/8 last\n";

static const struct {
	const char *key, *answer;
} cidr_asks[] = {
	{ "192.168.1.7", "=A" },
	{ "10.0.0.1", "=ten" },
	{ "::1", "=six" },
	{ "0:0:0:0:0:0:0:2", "=six2" },
	{ "1.2.3.4", "=not11" },
	{ "10.1.2.3", "=in" },
	{ "10.1.9.9", "=second" },
	{ "10.2.2.2", "-" },
	{ "11.1.1.1", "=last" },
	{ "[10.0.0.1]", "-" },
	{ "2001:db8::1", "-" },
	{ "foo", "-" },
};

START_TEST(cidr)
{
	char spec[256];

	scratch_make();
	scratch_write("ci", cidr_text, sizeof(cidr_text) - 1);
	snprintf(spec, sizeof(spec), "cidr:%s", scratch_path("ci"));
	ck_assert_str_eq(ask(spec, cidr_asks[_i].key), cidr_asks[_i].answer);
	scratch_remove();
}
END_TEST

START_TEST(deep_ifs)
{
	struct buf text = BUF_EMPTY;
	char spec[256];

	scratch_make();
	for (int i = 0; i < 150; i++)
		buf_add_str(&text, "if /a/\n");
	buf_add_str(&text, "/a/ deep\n");
	scratch_write("re", text.p, text.n);
	snprintf(spec, sizeof(spec), "regexp:%s", scratch_path("re"));
	ck_assert_str_eq(ask(spec, "a"), "=deep");
	ck_assert_str_eq(ask(spec, "b"), "-");
	buf_free(&text);
	scratch_remove();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, regexp, 0, UNIT_COUNT(regexp_asks));
	tcase_add_loop_test(t, inline_text, 0, UNIT_COUNT(inline_asks));
	tcase_add_test(t, limits);
	tcase_add_test(t, no_substitution);
	tcase_add_loop_test(t, cidr, 0, UNIT_COUNT(cidr_asks));
	tcase_add_test(t, deep_ifs);
}

int
main(void)
{
	return unit_main("maps/pattern_map", fill);
}
