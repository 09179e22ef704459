/* test_php_names.c - config/php_names.c: sorted, told apart, written down */

#include <string.h>

#include "base/buf.h"
#include "base/why.h"
#include "config/php_conf.h"
#include "os/file.h"
#include "tests/unit.h"

static const struct {
	const char *text, *name;
	enum php_use use;
} cases[] = {
	{ "$domain = 'x';", "domain", PHP_USED },
	{ "$Domain = 'x';", "Domain", PHP_UNKNOWN },
	{ "$imapPort = 143;", "imapPort", PHP_MOOT },
	{ "$pop_before_smtp = true;", "pop_before_smtp", PHP_MOOT },
	{ "$plugins = array();", "plugins", PHP_MOOT },
	{ "$plugins[0] = 'filters';", "plugins", PHP_MISSING },
	{ "$prefs_dsn = '';", "prefs_dsn", PHP_MOOT },
	{ "$prefs_dsn = 'mysql://x';", "prefs_dsn", PHP_MISSING },
	{ "$default_use_mdn = true;", "default_use_mdn", PHP_MOOT },
	{ "$default_use_mdn = false;", "default_use_mdn", PHP_MISSING },
	{ "$disable_security_tokens = 0;", "disable_security_tokens",
	    PHP_MOOT },
	{ "$disable_security_tokens = true;", "disable_security_tokens",
	    PHP_MISSING },
	{ "$zzz = 1;", "zzz", PHP_UNKNOWN },
};

START_TEST(use)
{
	struct why why;
	struct php_conf *c;

	why_init(&why);
	c = php_conf_parse(
	    span_str(cases[_i].text), "config.php", PHP_SM_PATH, &why);
	ck_assert_ptr_nonnull(c);
	ck_assert_msg(php_conf_use(cases[_i].name,
			  php_conf_get(c, cases[_i].name)) == cases[_i].use,
	    "%s", cases[_i].text);
	php_conf_free(&c);
	why_free(&why);
}
END_TEST

START_TEST(sorted)
{
	enum php_use now;
	const char *before = "", *name;

	for (size_t i = 0; (name = php_conf_known(i, &now)) != NULL; i++) {
		ck_assert_msg(strcmp(before, name) < 0, "%s", name);
		before = name;
	}
	ck_assert_str_ne(before, "");
}
END_TEST

/* The page and the program agree about what is honoured. */
START_TEST(written_down)
{
	struct buf page = BUF_EMPTY, code = BUF_EMPTY, word = BUF_EMPTY;
	enum php_use now;
	const char *name;

	ck_assert_int_eq(file_read_path("man/config.php.5", 1 << 20, &page), 0);
	ck_assert_int_eq(
	    file_read_path("webmail-cgi/conf.c", 1 << 20, &code), 0);
	for (size_t i = 0; (name = php_conf_known(i, &now)) != NULL; i++) {
		buf_clear(&word);
		buf_printf(&word, "$%s", name);
		if (now == PHP_USED)
			ck_assert_msg(span_search(buf_span(&page),
					  buf_span(&word)) < page.n,
			    "%s is not in config.php(5)", name);
		buf_clear(&word);
		buf_printf(&word, "\"%s\",", name);
		/* mail goes to this system wherever it points */
		if (strcmp(name, "smtpServerAddress") != 0)
			ck_assert_msg(
			    (span_search(buf_span(&code), buf_span(&word)) <
				code.n) == (now == PHP_USED),
			    "%s: table and webmail differ", name);
	}
	buf_free(&page);
	buf_free(&code);
	buf_free(&word);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, use, 0, UNIT_COUNT(cases));
	tcase_add_test(t, sorted);
	tcase_add_test(t, written_down);
}

int
main(void)
{
	return unit_main("config/php_names", fill);
}
