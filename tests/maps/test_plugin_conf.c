/* test_plugin_conf.c - maps/plugin_conf.h: files of databases' tables */

#include "maps/plugin_conf.h"

#include "base/buf.h"
#include "base/why.h"
#include "tests/unit.h"

#define SQLITE "dbpath = /x\n"
#define QUERY  "query = SELECT a FROM b WHERE c = '%s'\n"

/* A key's value in a file, or what is wrong with the file. */
static const struct {
	const char *type, *text, *key, *want;
} rows[] = {
	{ "sqlite", SQLITE QUERY, "dbpath", "/x" },
	{ "sqlite", SQLITE QUERY, "query", "SELECT a FROM b WHERE c = '%s'" },
	{ "sqlite", SQLITE QUERY, "result_format", "%s" },
	{ "sqlite", SQLITE QUERY, "hosts", NULL },
	{ "sqlite", "# c\n\n" SQLITE "query = SELECT 1\n  WHERE 'a' = '%u'",
	    "query", "SELECT 1  WHERE 'a' = '%u'" },
	{ "sqlite", SQLITE QUERY "nosuch = 1\n", "domain", "" },
	{ "sqlite", SQLITE QUERY "dbpath=/y\n", "dbpath", "/y" },
	{ "pgsql", QUERY, "hosts", "localhost" },
	{ "pgsql", QUERY "hosts = a, unix:/b\n", "hosts", "a, unix:/b" },
	{ "pgsql", QUERY "hosts =\n", "hosts", "!there is no host in hosts" },
	{ "pgsql", "select_function = f\n", "query", "SELECT f('%s')" },
	{ "mysql", "table = t\nselect_field = a\nwhere_field = b\n", "query",
	    "SELECT a FROM t WHERE b = '%s' " },
	{ "mysql",
	    "table = t\nselect_field = a\nwhere_field = b\n"
	    "additional_conditions = AND c = 1",
	    "query", "SELECT a FROM t WHERE b = '%s' AND c = 1" },
	{ "mysql", "table = t\nselect_field = a\n", "query",
	    "!there is no query" },
	{ "sqlite", QUERY, "query", "!there is no dbpath" },
	{ "sqlite", SQLITE "query = SELECT '%x'\n", "query",
	    "!query = SELECT '%x': only %s %u %d %S %U %D %1..%9 and %% in it "
	    "is wanted" },
	{ "sqlite", SQLITE "query = SELECT '%", "query",
	    "!query = SELECT '%: only %s %u %d %S %U %D %1..%9 and %% in it "
	    "is wanted" },
	{ "sqlite", SQLITE "query = SELECT %s", "query",
	    "!'%' and a letter outside of quotes: what is filled in there "
	    "could not be told from SQL" },
	{ "sqlite", SQLITE QUERY "expansion_limit = -1\n", "query",
	    "!expansion_limit = -1: a number in bounds is wanted" },
	{ "sqlite", SQLITE QUERY "what\n", "query",
	    "!\"what\" is not key = value" },
	{ "sqlite", SQLITE QUERY "= x\n", "query",
	    "!\"= x\" is not key = value" },
	{ "mysql", QUERY "tls_verify_cert = maybe\n", "query",
	    "!tls_verify_cert = maybe: yes or no is wanted" },
	{ "ldap", "search_base = dc=x\n", "server_host", "localhost" },
	{ "ldap", "search_base = dc=x\n", "version", "3" },
	{ "ldap", "search_base = dc=x\nresult_filter = x-%s\n", "result_format",
	    "x-%s" },
	{ "ldap",
	    "search_base = dc=x\nresult_filter = x-%s\nresult_format = %u\n",
	    "result_format", "%u" },
	{ "ldap", "search_base = dc=x\nresult_attribute =\n",
	    "result_attribute", "" },
	{ "ldap", "search_base = dc=x\ncache = yes\n", "bind", "yes" },
	{ "ldap", "search_base = dc=x\nbind = sasl\n", "bind",
	    "!bind = sasl: one of the words for it (SASL is not supported) is "
	    "wanted" },
	{ "ldap", "search_base = dc=x\nscope = tree\n", "scope",
	    "!scope = tree: one of the words for it (SASL is not supported) "
	    "is wanted" },
	{ "ldap", "query_filter = (a=%s)\n", "scope",
	    "!there is no search_base" },
};

START_TEST(reading)
{
	struct why why;
	struct plugin_conf *c;
	const char *want = rows[_i].want;

	why_init(&why);
	c = plugin_conf_parse(
	    rows[_i].type, span_str(rows[_i].text), "x", true, &why);
	if (want != NULL && want[0] == '!') {
		ck_assert_ptr_null(c);
		ck_assert_str_eq(why_text(&why), want + 1);
		ck_assert_int_eq(why.outcome, DEFER);
	} else if (want == NULL) {
		ck_assert_ptr_null(plugin_conf_get(c, rows[_i].key));
	} else {
		ck_assert_msg(c != NULL, "%s", why_text(&why));
		ck_assert_str_eq(plugin_conf_get(c, rows[_i].key), want);
	}
	plugin_conf_free(&c);
	why_free(&why);
}
END_TEST

/* What is sent to another process says the same there. */
START_TEST(again)
{
	struct buf text = BUF_EMPTY, second = BUF_EMPTY;
	struct why why;
	struct plugin_conf *c;

	why_init(&why);
	c = plugin_conf_parse(
	    rows[_i].type, span_str(rows[_i].text), "x", true, &why);
	if (c != NULL) {
		plugin_conf_text(c, &text);
		plugin_conf_free(&c);
		c = plugin_conf_parse(
		    rows[_i].type, buf_span(&text), "x", true, &why);
		ck_assert_msg(c != NULL, "%s", why_text(&why));
		plugin_conf_text(c, &second);
		ck_assert(span_eq(buf_span(&text), buf_span(&second)));
	}
	plugin_conf_free(&c);
	buf_free(&text);
	buf_free(&second);
	why_free(&why);
}
END_TEST

/* Tables that differ in what they ask share a connection; others do not. */
START_TEST(group)
{
	static const struct {
		const char *text;
		bool same;
	} others[] = {
		{ QUERY "hosts = a\npassword = p\n", true },
		{ "query = SELECT 2\nhosts = a\npassword = p\ndomain = x\n",
		    true },
		{ QUERY "hosts = a\npassword = q\n", false },
		{ QUERY "hosts = b\npassword = p\n", false },
	};
	struct buf first = BUF_EMPTY, other = BUF_EMPTY;
	struct why why;

	why_init(&why);
	for (int i = 0; i < UNIT_COUNT(others); i++) {
		struct plugin_conf *c = plugin_conf_parse(
		    "pgsql", span_str(others[i].text), "x", true, &why);

		ck_assert_ptr_nonnull(c);
		buf_clear(&other);
		plugin_conf_group(c, &other);
		if (i == 0)
			buf_add_span(&first, buf_span(&other));
		ck_assert(span_eq(buf_span(&first), buf_span(&other)) ==
		    others[i].same);
		plugin_conf_free(&c);
	}
	buf_free(&first);
	buf_free(&other);
	why_free(&why);
}
END_TEST

/* Where something may be filled into SQL. */
static const struct {
	const char *type, *sql;
	bool good;
} templates[] = {
	{ "pgsql", "SELECT 1", true },
	{ "pgsql", "SELECT a FROM b WHERE c = '%s'", true },
	{ "pgsql", "SELECT a FROM b WHERE c = 'x%u@%d'", true },
	{ "pgsql", "SELECT '100%%', 5 %% 2", true },
	{ "pgsql", "SELECT a WHERE b = %s", false },
	{ "pgsql", "SELECT a WHERE b = 'x' || %s || 'y'", false },
	{ "pgsql", "SELECT a WHERE b = \"%s\"", false },
	{ "sqlite", "SELECT a WHERE b = \"%s\"", false },
	{ "mysql", "SELECT a WHERE b = \"%s\"", true },
	{ "mysql", "SELECT a WHERE `%s` = 1", false },
	{ "pgsql", "SELECT E'%s'", false },
	{ "pgsql", "SELECT e'it''s %s'", false },
	{ "pgsql", "SELECT U&'%s'", false },
	{ "pgsql", "SELECT E'a', '%s'", true },
	{ "pgsql", "SELECT $$%s$$", false },
	{ "pgsql", "SELECT $x$'%s'$x$", false },
	{ "pgsql", "SELECT 'it''s', '%s'", true },
	{ "pgsql", "SELECT 'it''s %s'", true },
	{ "pgsql", "SELECT 'a\\', '%s'", true },
	{ "mysql", "SELECT 'a\\', '%s'", false },
	{ "mysql", "SELECT 'a\\'%s'", true },
	{ "pgsql", "SELECT 1 -- it's\n, '%s'", false },
	{ "pgsql", "SELECT 1 /* ' */, '%s'", false },
	{ "mysql", "SELECT 1 # '\n, '%s'", false },
	{ "pgsql", "SELECT 'x", false },
	{ "pgsql", "SELECT '%s", false },
};

START_TEST(sql)
{
	const char *wrong =
	    plugin_sql_check(templates[_i].type, span_str(templates[_i].sql));

	ck_assert_msg((wrong == NULL) == templates[_i].good, "%s: %s",
	    templates[_i].sql, wrong == NULL ? "taken" : wrong);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, reading, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, again, 0, UNIT_COUNT(rows));
	tcase_add_test(t, group);
	tcase_add_loop_test(t, sql, 0, UNIT_COUNT(templates));
}

int
main(void)
{
	return unit_main("maps/plugin_conf", fill);
}
