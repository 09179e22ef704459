/* test_plugin_expand.c - maps/plugin_expand.h and maps/plugin_filter.h */

#include "maps/plugin_expand.h"

#include "base/buf.h"
#include "base/why.h"
#include "maps/plugin_conf.h"
#include "maps/plugin_filter.h"
#include "tests/unit.h"

/* As an escape: each byte with a mark before it, but '!' is refused. */
static size_t
mark(void *arg, char *out, const char *in, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n; i++) {
		if (in[i] == '!')
			return (size_t)-1;
		out[i * 2] = '\\';
		out[i * 2 + 1] = in[i];
	}
	return n * 2;
}

static const struct {
	const char *template, *key, *value; /* NULL: a query */
	const char *want; /* NULL: nothing is to be asked */
} rows[] = {
	{ "a '%s'", "joe", NULL, "a '\\j\\o\\e'" },
	{ "%%s%%", "joe", NULL, "%s%" },
	{ "%u-%d", "a@b", NULL, "\\a-\\b" },
	{ "%U-%D-%S", "a@b", NULL, "\\a-\\b-\\a\\@\\b" },
	{ "%u", "joe", NULL, "\\j\\o\\e" },
	{ "%d", "joe", NULL, NULL },
	{ "%u", "@b", NULL, NULL },
	{ "%d", "@b", NULL, "\\b" },
	{ "%s", "@b", NULL, "\\@\\b" },
	{ "%d", "a@", NULL, NULL },
	{ "%u@%d", "a@x@b", NULL, "\\a\\@\\x@\\b" },
	{ "%1,%2,%3", "a@x.y.z", NULL, "\\z,\\y,\\x" },
	{ "%4", "a@x.y.z", NULL, NULL },
	{ "%1", "joe", NULL, NULL },
	{ "%1", "a@x..", NULL, NULL },
	{ "%9", "a@1.2.3.4.5.6.7.8.9", NULL, "\\1" },
	{ "%s", "a!b", NULL, NULL },
	{ "%s", "k", "v", "v" },
	{ "<%s>", "k", "", NULL },
	{ "%u at %d", "k", "a@b", "a at b" },
	{ "%d", "k", "a", NULL },
	{ "%u", "k", "@b", NULL },
	{ "%s %S %U %D %1", "a@b.c", "v", "v a@b.c a b.c c" },
	{ "x", "k", "v", "x" },
};

START_TEST(expanding)
{
	struct plugin_expand e = { .template = span_str(rows[_i].template),
		.key = span_str(rows[_i].key),
		.value = span_str(rows[_i].value),
		.escape = rows[_i].value == NULL ? mark : NULL };
	struct buf out = BUF_EMPTY;
	bool got = plugin_expand(&e, &out);

	ck_assert_msg(got == (rows[_i].want != NULL), "%s of %s",
	    rows[_i].template, rows[_i].key);
	if (got)
		ck_assert_str_eq(buf_str(&out), rows[_i].want);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *conf, *key;
	enum map_result want;
} filters[] = {
	{ "query = SELECT '%s'", "a", MAP_FOUND },
	{ "query = SELECT '%s'", "\xff", MAP_NONE },
	{ "query = SELECT '%s'", "\xc3\xa9", MAP_FOUND },
	{ "query = SELECT '%d'", "a", MAP_NONE },
	{ "query = SELECT '%d'", "@a", MAP_FOUND },
	{ "query = SELECT 1\nresult_format = %U", "@a", MAP_NONE },
	{ "query = SELECT 1\nresult_format = %u", "@a", MAP_FOUND },
	{ "query = SELECT 1\ndomain = a.test, b.test", "x@B.test", MAP_FOUND },
	{ "query = SELECT 1\ndomain = a.test, b.test", "x@c.test", MAP_NONE },
	{ "query = SELECT 1\ndomain = a.test, b.test", "@a.test", MAP_NONE },
	{ "query = SELECT 1\ndomain = a.test, b.test", "a.test", MAP_NONE },
	{ "query = SELECT 1\ndomain = inline:{a.test=1}", "x@a.test",
	    MAP_FOUND },
	{ "query = SELECT 1\ndomain = fail:x", "x@a.test", MAP_ERROR },
};

START_TEST(filtering)
{
	struct plugin_filter *f;
	struct plugin_conf *c;
	struct why why;

	why_init(&why);
	c = plugin_conf_parse(
	    "pgsql", span_str(filters[_i].conf), "x", true, &why);
	ck_assert_msg(c != NULL, "%s", why_text(&why));
	f = plugin_filter_new(c);
	ck_assert_msg(plugin_filter_test(f, span_str(filters[_i].key), &why) ==
		filters[_i].want,
	    "%s: %s", filters[_i].conf, filters[_i].key);
	ck_assert(!plugin_filter_changed(f));
	plugin_filter_free(&f);
	plugin_conf_free(&c);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, expanding, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, filtering, 0, UNIT_COUNT(filters));
}

int
main(void)
{
	return unit_main("maps/plugin_expand", fill);
}
