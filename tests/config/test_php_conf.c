/* test_php_conf.c - config/php_conf.h */

#include "config/php_conf.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/why.h"
#include "config/notes.h"
#include "os/file.h"
#include "tests/unit.h"

static bool
remarked(const struct php_conf *c, const char *says)
{
	const struct notes *notes = php_conf_notes(c);

	for (size_t i = 0; i < notes->n; i++)
		if (strstr(notes->rows[i].text, says) != NULL)
			return true;
	return false;
}

static void
print(const struct php_value *v, struct buf *out)
{
	static const char *const kinds[] = { "null", "bool ", "int ", "", "" };

	if (v->type == PHP_STRING)
		buf_printf(out, "'%s'", v->text.p);
	else if (v->type != PHP_ARRAY)
		buf_printf(out, "%s", kinds[v->type]);
	if (v->type == PHP_BOOL || v->type == PHP_INT)
		buf_printf(out, "%lld", (long long)v->number);
	if (v->type != PHP_ARRAY)
		return;
	buf_add_byte(out, '[');
	for (size_t i = 0; i < v->n; i++) {
		if (v->items[i].key != NULL)
			buf_printf(out, "%s:", v->items[i].key);
		else
			buf_printf(out, "%lld:", (long long)v->items[i].index);
		print(&v->items[i].value, out);
		buf_add_byte(out, ' ');
	}
	buf_add_byte(out, ']');
}

/* want is $x as print() shows it; "" when it is not set; NULL: refused, says
 * is in the reason; else says is in a remark. */
static const struct {
	const char *text, *want, *says;
} cases[] = {
	{ "", "", NULL },
	{ "<?php\n$x = 'a';\n?>\n", "'a'", NULL },
	{ "$x = 'a';", "'a'", NULL },
	{ "$x='a'", "'a'", NULL },
	{ "<html><?php $x = 1; ?></html> $x = 2; <?php\n$y = 1;", "int 1",
	    NULL },
	{ "$x = 'it\\'s \\\\ \\n $y';", "'it's \\ \\n $y'", NULL },
	{ "$x = \"a\\\"b\\\\c\\n\\t\\$d\\q\";", "'a\"b\\c\n\t$d\\q'", NULL },
	{ "$y = 'v'; $x = \"a $y b{$y}c${y}\";", "'a v bvcv'", NULL },
	{ "$x = \"a $z b\";", "'a  b'", "$z is not set" },
	{ "$x = \"5$ {a}\";", "'5$ {a}'", NULL },
	{ "$x = 25;", "int 25", NULL },
	{ "$x = -1;", "int -1", NULL },
	{ "$x = 0x1F;", "int 31", NULL },
	{ "$x = 0644;", "int 420", NULL },
	{ "$x = 0b101;", "int 5", NULL },
	{ "$x = TRUE;", "bool 1", NULL },
	{ "$x = false ;", "bool 0", NULL },
	{ "$x = NULL;", "null", NULL },
	{ "$x = SM_PATH . 'images/x.png';", "'/usr/share/sm/images/x.png'",
	    NULL },
	{ "$x = 'a' . 1 . true . \"b\";", "'a11b'", NULL },
	{ "$y = 'v'; $x = $y . 'w';", "'vw'", NULL },
	{ "$x = array();", "[]", NULL },
	{ "$x = array('a', 2, 'k' => 'v', 5 => true, 'w',);",
	    "[0:'a' 1:int 2 k:'v' 5:bool 1 6:'w' ]", NULL },
	{ "$x = ['a' => ['b' => 1]];", "[a:[b:int 1 ] ]", NULL },
	{ "$x = Array('7' => 'n', '07' => 's');", "[7:'n' 07:'s' ]", NULL },
	{ "$x[0] = 'a'; $x[] = 'b'; $x['k'] = 'c'; $x[0] = 'd';",
	    "[0:'d' 1:'b' k:'c' ]", NULL },
	{ "$x[0]['P'] = SM_PATH . 't'; $x[0]['N'] = 'n';",
	    "[0:[P:'/usr/share/sm/t' N:'n' ] ]", NULL },
	{ "$x = 1; $x = 2;", "int 2", NULL },
	{ "global $a, $b;\n$x = 1;", "int 1", NULL },
	{ "# one\n// two ?>\n<?php /* three\n*/ $x /* four */ = 1; # end",
	    "int 1", NULL },
	{ "$x = 'a';<br/>\n$y = 1;<br/>\n", "'a'", "line 1: <br/>" },
	{ "$x = 'a<br/>';\n", "'a<br/>'", NULL },
	{ "#remark<br/>\n$x = 1;", "int 1", NULL },
	{ "$x = 'two\nlines';", "'two\nlines'", NULL },
	{ "$x = 'a'; if ($y) { $x = 'b'; $z = 2; } else { $x = 'c'; }", "'a'",
	    "if ($y)" },
	{ "function f($a) { return array('}' => 1); }\n$x = 1;", "int 1",
	    "function f" },
	{ "$x = getenv('A');\n$x = 1;", "int 1", "line 1: $x: not understood" },
	{ "$x = array('a' => f(1), 'b' => ';');\n$y = 1;", "",
	    "line 1: $x: not" },
	{ "$x .= 'a';", "", "$x .: not" },
	{ "$x = 1.5;", "", "$x: not" },
	{ "$x = 99999999999999999999;", "", "$x: not" },
	{ "$x = <<<EOT\na;\nEOT;\n$y = 1;", "", "$x: not" },
	{ "$x = 1 + 1;", "", "$x: not" },
	{ "$x == 1;", "", "$x: not" },
	{ "$y = array(1); $x = $y;", "", "$x: not" },
	{ "$x = 1; $x[0] = 2;", "int 1", "$x[0]: not" },
	{ "define('A', 1);\n$x = 2;", "int 2", "define('A', 1): not" },
	{ "; ; $x = 1 ;;", "int 1", NULL },
	{ "} ) ] $y = 1; $x = 1;", "int 1", "not understood" },
	{ "$x[1][2][3][4][5] = 1;", "", "not understood" },
	{ "$x = array(array(array(array(array(array(array(array(array(1)))))"
	  "))));",
	    NULL, "nested too deep" },
	{ "\n$x = 'a;\n$y = 1;\n", NULL, "line 2: the string" },
	{ "$x = \"a;", NULL, "line 1: the string" },
	{ "\n\n/* x", NULL, "line 3: the comment" },
	{ "$x = '\x01';", NULL, "line 1: control byte 0x01" },
};

START_TEST(reads)
{
	struct buf got = BUF_EMPTY;
	struct php_conf *c;
	struct why why;

	why_init(&why);
	c = php_conf_parse(
	    span_str(cases[_i].text), "config.php", "/usr/share/sm/", &why);
	ck_assert_msg((c != NULL) == (cases[_i].want != NULL), "%s: %s",
	    cases[_i].text, why_text(&why));
	if (c == NULL) {
		ck_assert_msg(strstr(why_text(&why), cases[_i].says) != NULL,
		    "%s: %s", cases[_i].text, why_text(&why));
	} else {
		if (php_conf_get(c, "x") != NULL)
			print(php_conf_get(c, "x"), &got);
		ck_assert_msg(span_is(buf_span(&got), cases[_i].want),
		    "%s gave %s", cases[_i].text, buf_str(&got));
		for (size_t i = 0;
		     cases[_i].says == NULL && i < php_conf_notes(c)->n; i++)
			ck_abort_msg("%s: %s", cases[_i].text,
			    php_conf_notes(c)->rows[i].text);
		ck_assert_msg(
		    cases[_i].says == NULL || remarked(c, cases[_i].says), "%s",
		    cases[_i].text);
	}
	php_conf_free(&c);
	buf_free(&got);
	why_free(&why);
}
END_TEST

START_TEST(cut_anywhere)
{
	struct span whole = span_str(cases[_i].text);

	for (size_t n = 0; n < whole.n; n++) {
		char *copy = malloc(n + 1);
		struct php_conf *c;
		struct why why;

		memcpy(copy, whole.p, n);
		why_init(&why);
		c = php_conf_parse(span_of(copy, n), "config.php", "/", &why);
		ck_assert(c != NULL || why.text.n > 0);
		php_conf_free(&c);
		why_free(&why);
		free(copy);
	}
}
END_TEST

static struct php_conf *
parsed(const char *text)
{
	struct why why;
	struct php_conf *c;

	why_init(&why);
	c = php_conf_parse(span_str(text), "config.php", "/sm/", &why);
	ck_assert_msg(c != NULL, "%s", why_text(&why));
	why_free(&why);
	return c;
}

START_TEST(typed)
{
	struct php_conf *c = parsed("$s = 'a'; $n = '143'; $t = true; $o = '1';"
				    "\n$a = array('k' => 'v', 3 => 'w');\n"
				    "$z = ''; $u = null; $w = 'yes';");
	const char *s, *name;
	const struct php_value *v;
	size_t at = 0, count = 0;
	bool b;
	int64_t n;
	struct why why;

	why_init(&why);
	ck_assert(php_conf_string(c, "s", "d", &s, &why));
	ck_assert_str_eq(s, "a");
	ck_assert(php_conf_string(c, "absent", "d", &s, &why));
	ck_assert_str_eq(s, "d");
	ck_assert(php_conf_string(c, "t", "d", &s, &why));
	ck_assert_str_eq(s, "1");
	ck_assert(!php_conf_string(c, "a", "d", &s, &why));
	ck_assert_str_eq(why_text(&why),
	    "config.php, line 2: $a: wanted a string in quotes");
	ck_assert(php_conf_int(c, "n", 1, &n, &why));
	ck_assert_int_eq(n, 143);
	ck_assert(php_conf_int(c, "absent", 7, &n, &why));
	ck_assert_int_eq(n, 7);
	ck_assert(!php_conf_int(c, "s", 7, &n, &why));
	ck_assert(php_conf_bool(c, "t", false, &b, &why) && b);
	ck_assert(php_conf_bool(c, "o", false, &b, &why) && b);
	ck_assert(php_conf_bool(c, "z", true, &b, &why) && !b);
	ck_assert(php_conf_bool(c, "u", true, &b, &why) && b);
	ck_assert(!php_conf_bool(c, "w", true, &b, &why));
	ck_assert_str_eq(why_text(&why),
	    "config.php, line 3: $w: wanted true or false, without quotes");
	v = php_conf_get(c, "a");
	ck_assert(span_is(php_value_key(v, "k")->text, "v"));
	ck_assert(span_is(php_value_index(v, 3)->text, "w"));
	ck_assert_ptr_null(php_value_key(v, "x"));
	ck_assert_ptr_null(php_value_index(php_conf_get(c, "s"), 0));
	ck_assert_ptr_null(php_value_index(NULL, 0));
	while (php_conf_next(c, &at, &name, &v))
		count++;
	ck_assert_uint_eq(count, 8);
	why_free(&why);
	php_conf_free(&c);
}
END_TEST

START_TEST(local_file)
{
	struct php_conf *c =
	    parsed("$a = 1; $b = 1; $smtpServerAdress = 'wrong';\n"
		   "include_once(SM_PATH . 'config/config_local.php');\n"
		   "@include 'x.php'; require($y);");
	const char *file;
	size_t at = 0;
	struct why why;

	why_init(&why);
	ck_assert(php_conf_include_next(c, &at, &file));
	ck_assert_str_eq(file, "/sm/config/config_local.php");
	ck_assert(php_conf_include_next(c, &at, &file));
	ck_assert_str_eq(file, "x.php");
	ck_assert(!php_conf_include_next(c, &at, &file));
	ck_assert(remarked(c, "line 3: require($y): not understood"));
	ck_assert(remarked(c, "line 1: $smtpServerAdress is misspelt"));
	ck_assert(
	    php_conf_add(c, SPAN("<?php\n$b = 2;$smtpServerAddress = 'right';"),
		"local.php", &why));
	ck_assert_int_eq(php_conf_get(c, "a")->number, 1);
	ck_assert_int_eq(php_conf_get(c, "b")->number, 2);
	ck_assert_str_eq(php_conf_where(c, "a"), "config.php, line 1");
	ck_assert_str_eq(php_conf_where(c, "b"), "local.php, line 2");
	ck_assert(span_is(php_conf_get(c, "smtpServerAddress")->text, "right"));
	ck_assert(!php_conf_add(c, SPAN("$b = 'x"), "local.php", &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "local.php, line 1"));
	why_free(&why);
	php_conf_free(&c);
}
END_TEST

START_TEST(bounded)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	why_init(&why);
	buf_add_str(&text, "$a = 'xxxxxxxxxxxxxxxx';\n");
	for (int i = 0; i < 40; i++)
		buf_add_str(&text, "$a = \"$a$a\";\n");
	ck_assert_ptr_null(php_conf_parse(buf_span(&text), "f", "", &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "too long"));
	buf_clear(&text);
	for (int i = 0; i < 5000; i++)
		buf_add_str(&text, "$a[] = 1;");
	ck_assert_ptr_null(php_conf_parse(buf_span(&text), "f", "", &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "too many items"));
	buf_free(&text);
	why_free(&why);
}
END_TEST

static const struct {
	const char *name, *want;
} tutorial[] = {
	{ "domain", "'sigui.ci'" },
	{ "imapServerAddress", "'sigui.ci'" },
	{ "imapPort", "int 143" },
	{ "useSendmail", "bool 0" },
	{ "smtpServerAddress", "'mail.sigui.ci'" },
	{ "smtpPort", "int 25" },
	{ "pop_before_smtp", "bool 0" },
	{ "imap_server_type", "'other'" },
	{ "default_folder_prefix", "''" },
	{ "trash_folder", "'INBOX.Trash'" },
	{ "sent_folder", "'INBOX.Sent'" },
	{ "draft_folder", "'INBOX.Drafts'" },
};

/* As it stands, and as it was printed: each line ends in <br/>. */
START_TEST(tutorial_as_it_stands)
{
	struct buf text = BUF_EMPTY, printed = BUF_EMPTY;
	struct span rest, line;

	ck_assert_int_eq(
	    file_read_path("tests/data/tutorial/config.php", 1 << 20, &text),
	    0);
	rest = buf_span(&text);
	while (span_line(&rest, &line)) {
		buf_add_span(&printed, line);
		buf_add_str(&printed, "<br/>\n");
	}
	for (int i = 0; i < 2; i++) {
		struct php_conf *c = parsed(buf_str(i == 0 ? &text : &printed));
		struct buf got = BUF_EMPTY;

		ck_assert_ptr_nonnull(php_conf_get(c, tutorial[_i].name));
		print(php_conf_get(c, tutorial[_i].name), &got);
		ck_assert_str_eq(buf_str(&got), tutorial[_i].want);
		ck_assert(remarked(c, "misspelt"));
		ck_assert(remarked(c, "<br/>") == (i == 1));
		ck_assert(!remarked(c, "not understood"));
		php_conf_free(&c);
		buf_free(&got);
	}
	buf_free(&text);
	buf_free(&printed);
}
END_TEST

START_TEST(shipped)
{
	struct buf text = BUF_EMPTY;
	struct php_conf *c;

	ck_assert_int_eq(file_read_path("etc/config.php", 1 << 20, &text), 0);
	c = parsed(buf_str(&text));
	ck_assert_uint_eq(php_conf_notes(c)->n, 0);
	ck_assert_ptr_nonnull(php_conf_get(c, "imapServerAddress"));
	php_conf_free(&c);
	buf_free(&text);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, reads, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(t, cut_anywhere, 0, UNIT_COUNT(cases));
	tcase_add_test(t, typed);
	tcase_add_test(t, local_file);
	tcase_add_test(t, bounded);
	tcase_add_loop_test(t, tutorial_as_it_stands, 0, UNIT_COUNT(tutorial));
	tcase_add_test(t, shipped);
}

int
main(void)
{
	return unit_main("config/php_conf", fill);
}
