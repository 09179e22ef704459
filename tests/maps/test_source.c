/* test_source.c - maps/source.h */

#include "maps/source.h"

#include <stdio.h>

#include "tests/unit.h"

static const struct {
	const char *text;
	struct {
		size_t at;
		const char *line;
	} lines[4];
} texts[] = {
	{ "a  b\n # note\n  c\n#x\n\n  d\ne f\n",
	    { { 1, "a  b  c  d" }, { 7, "e f" } } },
	{ "", { { 0, NULL } } },
	{ "\n \n\t\n# x", { { 0, NULL } } },
	{ "a", { { 1, "a" } } },
	{ "a\r\n b \r\n", { { 1, "a b" } } },
	{ "  lead\nx", { { 1, "  lead" }, { 2, "x" } } },
	{ "#c\nx\n", { { 2, "x" } } },
};

START_TEST(lines)
{
	struct source s;
	struct span line;
	size_t n = 0;

	source_init(&s, span_str(texts[_i].text));
	while (source_next(&s, &line)) {
		const char *want = texts[_i].lines[n].line;

		ck_assert_msg(want != NULL && span_is(line, want),
		    "\"%s\": line %zu is \"%.*s\"", texts[_i].text, n,
		    (int)line.n, line.p);
		ck_assert_uint_eq(s.first, texts[_i].lines[n].at);
		n++;
	}
	ck_assert_ptr_null(texts[_i].lines[n].line);
	source_done(&s);
}
END_TEST

/* Cut anywhere, a text gives lines that are parts of it. */
START_TEST(lines_cut)
{
	struct span whole = span_str(texts[_i].text), line;

	for (size_t n = 0; n <= whole.n; n++) {
		struct source s;
		size_t sum = 0;

		source_init(&s, span_head(whole, n));
		while (source_next(&s, &line))
			sum += line.n;
		ck_assert_uint_le(sum, n);
		source_done(&s);
	}
}
END_TEST

static const struct {
	const char *line, *key, *value; /* key NULL: wrong */
} pairs[] = {
	{ "a b", "a", "b" },
	{ "User@X.org\t x, y ", "User@X.org", "x, y" },
	{ "\"q k\" v1", "\"q k\"", "v1" },
	{ "\"a\\\" b\" v", "\"a\\\" b\"", "v" },
	{ "ke\\ y v", "ke\\ y", "v" },
	{ "a\\", NULL, NULL },
	{ "a", NULL, NULL },
	{ "  a", NULL, NULL },
	{ "\"un bal v", NULL, NULL },
	{ "", NULL, NULL },
};

START_TEST(pair)
{
	struct span key, value;
	const char *wrong = source_pair(span_str(pairs[_i].line), &key, &value);

	ck_assert_msg((wrong == NULL) == (pairs[_i].key != NULL), "%s: %s",
	    pairs[_i].line, wrong);
	if (wrong != NULL)
		return;
	ck_assert_msg(span_is(key, pairs[_i].key), "%s", pairs[_i].line);
	ck_assert_msg(span_is(value, pairs[_i].value), "%s", pairs[_i].line);
}
END_TEST

static const struct {
	const char *line, *name, *value;
} aliases[] = {
	{ "root: \"|prog a, b\", /x", "root", "\"|prog a, b\", /x" },
	{ "\"a b\": c", "a b", "c" },
	{ "\"q:c\" : z", "q:c", "z" },
	{ "\"x@y\": z", "x@y", "z" },
	{ "\"a\\\"b\": z", "a\"b", "z" },
	{ "Name :v", "Name", "v" },
	{ "x@y: z", NULL, NULL },
	{ "nocolon x", NULL, NULL },
	{ "empty:", NULL, NULL },
	{ ": x", NULL, NULL },
	{ "\"open: x", NULL, NULL },
	{ "\"a\"b: x", NULL, NULL },
};

START_TEST(alias)
{
	struct buf name = BUF_EMPTY;
	struct span value;
	const char *wrong =
	    source_alias(span_str(aliases[_i].line), &name, &value);

	ck_assert_msg((wrong == NULL) == (aliases[_i].name != NULL), "%s: %s",
	    aliases[_i].line, wrong);
	if (wrong == NULL) {
		ck_assert_str_eq(buf_str(&name), aliases[_i].name);
		ck_assert_msg(
		    span_is(value, aliases[_i].value), "%s", aliases[_i].line);
	}
	buf_free(&name);
}
END_TEST

#define A(text) \
	{ \
		ALIAS_ADDRESS, text \
	}
#define C(text) \
	{ \
		ALIAS_COMMAND, text \
	}
#define F(text) \
	{ \
		ALIAS_FILE, text \
	}
#define I(text) \
	{ \
		ALIAS_INCLUDE, text \
	}

static const struct {
	const char *value;
	struct {
		enum alias_kind kind;
		const char *text;
	} members[5];
} values[] = {
	{ "a, b@c ,,d", { A("a"), A("b@c"), A("d") } },
	{ "\"|prog a, b\", /x/y", { C("prog a, b"), F("/x/y") } },
	{ "|\"prog a, b\", c", { C("prog a, b"), A("c") } },
	{ "|prog (x <y, z", { C("prog (x <y"), A("z") } },
	{ "\"| /bin/x \\\"q\\\"\"", { C("/bin/x \"q\"") } },
	{ ":include:/etc/list, :INCLUDE: \"/a b\"",
	    { I("/etc/list"), I("/a b") } },
	{ "\":include:/l\"", { I("/l") } },
	{ "\"/a, b\"", { F("/a, b") } },
	{ "Joe User <joe@x>, (a, b) c",
	    { A("Joe User <joe@x>"), A("(a, b) c") } },
	{ "\"d e\"@f, \"g h\"", { A("\"d e\"@f"), A("\"g h\"") } },
	{ "\"Roe, Jane\" <j@x>", { A("\"Roe, Jane\" <j@x>") } },
	{ "a\\,b, c", { A("a\\,b"), A("c") } },
	{ "a b@c  \"d e\" f", { A("a"), A("b@c"), A("\"d e\""), A("f") } },
	{ "a @ b .c", { A("a @ b .c") } },
	{ "\"|x y\" joe", { C("x y"), A("joe") } },
	{ "a (b c) d, e", { A("a (b c) d"), A("e") } },
	{ "a b <c@d>, e f", { A("a b <c@d>"), A("e"), A("f") } },
	{ "\\joe", { A("\\joe") } },
	{ ", ,", { { 0, NULL } } },
	{ "", { { 0, NULL } } },
	{ "\"open, x", { A("\"open, x") } },
	{ "(open, x", { A("(open, x") } },
	{ "|", { C("") } },
};

START_TEST(members)
{
	struct span rest = span_str(values[_i].value);
	struct buf out = BUF_EMPTY;
	enum alias_kind kind;
	size_t n = 0;

	while (source_member(&rest, &kind, &out)) {
		const char *want = values[_i].members[n].text;

		ck_assert_msg(want != NULL &&
			kind == values[_i].members[n].kind &&
			span_is(buf_span(&out), want),
		    "%s: member %zu is %d \"%s\"", values[_i].value, n, kind,
		    buf_str(&out));
		n++;
	}
	ck_assert_msg(values[_i].members[n].text == NULL, "%s: only %zu",
	    values[_i].value, n);
	buf_free(&out);
}
END_TEST

/* Cut anywhere, it ends, and members are no longer than what there was. */
START_TEST(members_cut)
{
	struct span whole = span_str(values[_i].value);

	for (size_t n = 0; n <= whole.n; n++) {
		struct span rest = span_head(whole, n);
		struct buf out = BUF_EMPTY;
		enum alias_kind kind;
		size_t sum = 0;

		while (source_member(&rest, &kind, &out))
			sum += out.n;
		ck_assert_uint_le(sum, n);
		buf_free(&out);
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, lines, 0, UNIT_COUNT(texts));
	tcase_add_loop_test(t, lines_cut, 0, UNIT_COUNT(texts));
	tcase_add_loop_test(t, pair, 0, UNIT_COUNT(pairs));
	tcase_add_loop_test(t, alias, 0, UNIT_COUNT(aliases));
	tcase_add_loop_test(t, members, 0, UNIT_COUNT(values));
	tcase_add_loop_test(t, members_cut, 0, UNIT_COUNT(values));
}

int
main(void)
{
	return unit_main("maps/source", fill);
}
