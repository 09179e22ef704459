/* test_rules.c - maps/rules.h */

#include "maps/rules.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *line;
	bool good;
	enum rule_kind kind;
	bool negate;
	const char *text, *flags, *second, *result;
} rules[] = {
	{ "/^a$/ x y", true, RULE_MATCH, false, "^a$", "", NULL, "x y" },
	{ "!/a/i  x", true, RULE_MATCH, true, "a", "i", NULL, "x" },
	{ "! ! /a/ x", true, RULE_MATCH, false, "a", "", NULL, "x" },
	{ "~a/b~xm ok", true, RULE_MATCH, false, "a/b", "xm", NULL, "ok" },
	{ "/a\\/b/ ok", true, RULE_MATCH, false, "a\\/b", "", NULL, "ok" },
	{ "/a/!/b/ ok", true, RULE_MATCH, false, "a", "", "b", "ok" },
	{ "/a/i!/b/m ok", true, RULE_MATCH, false, "a", "i", "b", "ok" },
	{ "/a/", true, RULE_MATCH, false, "a", "", NULL, "" },
	{ "if /a/", true, RULE_IF, false, "a", "", NULL, "" },
	{ "IF !/a/ x", true, RULE_IF, true, "a", "", NULL, "x" },
	{ "if/a/", true, RULE_IF, false, "a", "", NULL, "" },
	{ "endif", true, RULE_ENDIF, false, NULL, NULL, NULL, "" },
	{ "endif x", true, RULE_ENDIF, false, NULL, NULL, NULL, "x" },
	{ "/a", false, 0, false, NULL, NULL, NULL, NULL },
	{ "/a\\", false, 0, false, NULL, NULL, NULL, NULL },
	{ "/a\\/", false, 0, false, NULL, NULL, NULL, NULL },
	{ "/", false, 0, false, NULL, NULL, NULL, NULL },
	{ "!", false, 0, false, NULL, NULL, NULL, NULL },
	{ "if", false, 0, false, NULL, NULL, NULL, NULL },
	{ "foo /a/ x", false, 0, false, NULL, NULL, NULL, NULL },
	{ "iffy", false, 0, false, NULL, NULL, NULL, NULL },
	{ "", false, 0, false, NULL, NULL, NULL, NULL },
};

START_TEST(parse)
{
	struct rule r;
	const char *line = rules[_i].line;
	const char *wrong = rule_parse(span_str(line), &r);

	ck_assert_msg((wrong == NULL) == rules[_i].good, "%s: %s", line, wrong);
	if (wrong != NULL)
		return;
	ck_assert_msg(r.kind == rules[_i].kind, "%s", line);
	ck_assert_msg(r.first.negate == rules[_i].negate, "%s", line);
	ck_assert_msg(
	    span_eq(r.first.text, span_str(rules[_i].text)), "%s", line);
	ck_assert_msg(
	    span_eq(r.first.flags, span_str(rules[_i].flags)), "%s", line);
	ck_assert_msg((r.second.text.p != NULL) == (rules[_i].second != NULL),
	    "%s", line);
	ck_assert_msg(
	    span_eq(r.second.text, span_str(rules[_i].second)), "%s", line);
	ck_assert_msg(span_is(r.result, rules[_i].result), "%s", line);
}
END_TEST

START_TEST(parse_cut)
{
	struct span line = span_str(rules[_i].line);

	for (size_t n = 0; n <= line.n; n++) {
		struct rule r;

		if (rule_parse(span_head(line, n), &r) == NULL)
			ck_assert_uint_le(r.first.text.n + r.result.n, n);
	}
}
END_TEST

static const struct {
	const char *line;
	bool good;
	enum rule_kind kind;
	bool negate;
	const char *text, *result;
} addresses[] = {
	{ "1.2.3.0/24 OK then", true, RULE_MATCH, false, "1.2.3.0/24",
	    "OK then" },
	{ "!1.2.3.4 x", true, RULE_MATCH, true, "1.2.3.4", "x" },
	{ "! 1.2.3.4 x", true, RULE_MATCH, true, "1.2.3.4", "x" },
	{ "if 10.0.0.0/8", true, RULE_IF, false, "10.0.0.0/8", "" },
	{ "if !10.0.0.0/8", true, RULE_IF, true, "10.0.0.0/8", "" },
	{ "endif", true, RULE_ENDIF, false, NULL, "" },
	{ "1.2.3.4", false, 0, false, NULL, NULL },
	{ "!", false, 0, false, NULL, NULL },
	{ "if", false, 0, false, NULL, NULL },
};

START_TEST(parse_address)
{
	struct rule r;
	const char *line = addresses[_i].line;
	const char *wrong = rule_parse_address(span_str(line), &r);

	ck_assert_msg(
	    (wrong == NULL) == addresses[_i].good, "%s: %s", line, wrong);
	if (wrong != NULL)
		return;
	ck_assert_msg(r.kind == addresses[_i].kind, "%s", line);
	ck_assert_msg(r.first.negate == addresses[_i].negate, "%s", line);
	ck_assert_msg(
	    span_eq(r.first.text, span_str(addresses[_i].text)), "%s", line);
	ck_assert_msg(span_is(r.result, addresses[_i].result), "%s", line);
}
END_TEST

static const struct {
	const char *result;
	int largest; /* -1: bad */
	const char *expanded;
} results[] = {
	{ "plain", 0, "plain" },
	{ "$1", 1, "one" },
	{ "a${2}b$(1)c", 2, "atwobonec" },
	{ "$$1", 0, "$1" },
	{ "$3.", 3, "." },
	{ "$1-$2", 2, "one-two" },
	{ "$", -1, NULL },
	{ "a$", -1, NULL },
	{ "$x", -1, NULL },
	{ "$1x", -1, NULL },
	{ "${1", -1, NULL },
	{ "${}", -1, NULL },
	{ "$0", -1, NULL },
	{ "$100", -1, NULL },
	{ "$4294967297", -1, NULL },
	{ "$99", 99, NULL },
};

START_TEST(result)
{
	const struct span groups[] = { SPAN("all"), SPAN("one"), SPAN("two"),
		{ NULL, 0 } };
	struct span text = span_str(results[_i].result), bad;
	struct buf out = BUF_EMPTY;
	unsigned largest;
	bool good = rule_result_check(text, &largest, &bad);

	ck_assert_msg(good == (results[_i].largest >= 0), "%s", text.p);
	if (good)
		ck_assert_int_eq((int)largest, results[_i].largest);
	if (results[_i].expanded != NULL) {
		rule_result_expand(text, groups, 4, &out);
		ck_assert_str_eq(buf_str(&out), results[_i].expanded);
	}
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rules));
	tcase_add_loop_test(t, parse_cut, 0, UNIT_COUNT(rules));
	tcase_add_loop_test(t, parse_address, 0, UNIT_COUNT(addresses));
	tcase_add_loop_test(t, result, 0, UNIT_COUNT(results));
}

int
main(void)
{
	return unit_main("maps/rules", fill);
}
