/* test_main_cf.c - main.cf as read, and its values */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "config/notes.h"
#include "config/param.h"
#include "os/file.h"
#include "tests/unit.h"

/* value NULL: refused, and the reason holds says. Otherwise says, if not
 * NULL, is part of a remark. */
static const struct {
	const char *text, *name, *value, *says;
} cases[] = {
	{ "a=b", "a", "b", NULL },
	{ "a = b\n", "a", "b", NULL },
	{ "a\t=\tb \t\n", "a", "b", NULL },
	{ "a=", "a", "", NULL },
	{ "a =\n b", "a", "b", NULL },
	{ "a = b\n\tc\n", "a", "b\tc", NULL },
	{ "a = b,\n# remark\n\n  # another\n   c\nd=e\n", "a", "b,   c", NULL },
	{ "a = b\r\nc = d\r\n", "a", "b", NULL },
	{ "a = b = c", "a", "b = c", NULL },
	{ "a = x#y", "a", "x#y", NULL },
	{ "# a = b\na = c", "a", "c", NULL },
	{ "a = b\na = c\n", "a", "c", "overriding earlier entry: a=b" },
	{ " a = b\nc = d", "c", "d", "begins with a blank" },
	{ "a = b<br/>\nc = d", "a", "b", "<br/>" },
	{ "a = b <BR /> <br>\n", "a", "b", "<br/>" },
	{ "# x <br/>\na = b", "a", "b", NULL },
	{ "\xef\xbb\xbf"
	  "a = b",
	    "a", "b", "invisible mark" },
	{ "a = \xc3\xa9t\xc3\xa9\n", "a", "\xc3\xa9t\xc3\xa9", NULL },
	{ "x-y_destination_recipient_limit = 1",
	    "x-y_destination_recipient_limit", "1", NULL },
	{ "# form feed \f\na = b", "a", "b", NULL },
	{ "foo", "a", NULL, "line 1: \"foo\": missing =" },
	{ "\n\nfoo bar = x", "a", NULL, "line 3: \"foo bar = x\": missing =" },
	{ "= x", "a", NULL, "missing name" },
	{ "a = b\n= x\n", "a", NULL, "line 2" },
	{ "a = b\x01", "a", NULL, "line 1: control byte 0x01" },
	{ "a = b\n\nc = \x7f", "a", NULL, "line 3: control byte 0x7f" },
};

static bool
remarked(const struct main_cf *m, const char *says)
{
	const struct notes *notes = main_cf_notes(m);

	for (size_t i = 0; i < notes->n; i++)
		if (strstr(notes->rows[i].text, says) != NULL)
			return true;
	return false;
}

START_TEST(reads)
{
	struct main_cf *m;
	struct why why;

	why_init(&why);
	m = main_cf_parse(span_str(cases[_i].text), "main.cf", &why);
	ck_assert_msg((m != NULL) == (cases[_i].value != NULL), "%s: %s",
	    cases[_i].text, why_text(&why));
	if (m == NULL) {
		ck_assert_msg(strstr(why_text(&why), cases[_i].says) != NULL,
		    "%s: %s", cases[_i].text, why_text(&why));
	} else {
		ck_assert_str_eq(
		    main_cf_raw(m, cases[_i].name), cases[_i].value);
		ck_assert_msg(cases[_i].says == NULL
			? main_cf_notes(m)->n == 0
			: remarked(m, cases[_i].says),
		    "%s", cases[_i].text);
	}
	main_cf_free(&m);
	why_free(&why);
}
END_TEST

START_TEST(cut_anywhere)
{
	struct span whole = span_str(cases[_i].text);

	for (size_t n = 0; n < whole.n; n++) {
		char *copy = malloc(n + 1);
		struct main_cf *m;
		struct why why;

		memcpy(copy, whole.p, n);
		why_init(&why);
		m = main_cf_parse(span_of(copy, n), "main.cf", &why);
		ck_assert(m != NULL || why.text.n > 0);
		main_cf_free(&m);
		why_free(&why);
		free(copy);
	}
}
END_TEST

static struct main_cf *
parsed(const char *text)
{
	struct why why;
	struct main_cf *m;

	why_init(&why);
	m = main_cf_parse(span_str(text), "main.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	why_free(&why);
	return m;
}

START_TEST(nul_is_refused)
{
	static const char *const texts[] = { "a = b", "# remark" };

	for (size_t i = 0; i < 2; i++) {
		struct span with = { texts[i], strlen(texts[i]) + 1 };
		struct main_cf *m;
		struct why why;

		why_init(&why);
		m = main_cf_parse(with, "main.cf", &why);
		ck_assert_ptr_null(m);
		ck_assert_ptr_nonnull(strstr(why_text(&why), "0x00"));
		why_free(&why);
	}
}
END_TEST

/* The value, expanded, of a parameter. */
static const struct {
	const char *text, *name, *value, *says;
} values[] = {
	{ "", "mail_name", "Facteur", NULL },
	{ "", "myorigin", "localhost.localdomain", NULL },
	{ "", "mydomain", "localdomain", NULL },
	{ "", "mydestination",
	    "localhost.localdomain, localhost.localdomain, localhost", NULL },
	{ "", "mynetworks", "127.0.0.1/32 [::1]/128", NULL },
	{ "", "smtpd_timeout", "300s", NULL },
	{ "stress = yes", "smtpd_timeout", "10s", NULL },
	{ "", "syslog_name", "postfix", NULL },
	{ "", "nobody_knows_this", "", NULL },
	{ "myhostname = a.b.c", "mydomain", "b.c", NULL },
	{ "mydomain = b.c", "myhostname", "localhost.b.c", NULL },
	{ "myhostname = a", "mydomain", "localdomain", NULL },
	{ "myhostname = mail.$mydomain\nmydomain = x.ci", "myhostname",
	    "mail.x.ci", NULL },
	{ "myhostname = mail.$mydomain", "myhostname", NULL,
	    "refers to itself" },
	{ "myorigin = $myorigin", "myorigin", NULL,
	    "main.cf, line 1: \"myorigin\": the value refers to itself" },
	{ "\nrelayhost = ${x", "relayhost", NULL,
	    "main.cf, line 2: relayhost" },
	{ "\nx = ${y\nrelayhost = $x", "relayhost", NULL,
	    "main.cf, line 2: \"{y" },
	{ "mynetworks_style = near", "mynetworks", NULL,
	    "line 1: mynetworks_style = near: wanted host" },
};

START_TEST(expands)
{
	struct main_cf *m = parsed(values[_i].text);
	struct buf out = BUF_EMPTY;
	struct why why;
	bool ok;

	why_init(&why);
	ok = main_cf_value(m, values[_i].name, &out, &why);
	if (values[_i].value != NULL) {
		ck_assert_msg(ok, "%s: %s", values[_i].text, why_text(&why));
		ck_assert_str_eq(buf_str(&out), values[_i].value);
	} else {
		ck_assert_msg(
		    !ok && strstr(why_text(&why), values[_i].says) != NULL,
		    "%s: %s", values[_i].text, why_text(&why));
	}
	buf_free(&out);
	why_free(&why);
	main_cf_free(&m);
}
END_TEST

START_TEST(set_and_walk)
{
	struct main_cf *m = parsed("b = 1\na = 2\nb = 3\nd = hash:/$a\n"
				   "e = hash:/$c\nf = hash:/$mydomain\n");
	struct arena *a = arena_new();
	const char *before = main_cf_raw(m, "mydomain");
	const char *name, *value;
	size_t at = 0;

	ck_assert_str_eq(main_cf_where(m, "b"), "main.cf, line 3");
	ck_assert_ptr_null(main_cf_where(m, "mydomain"));
	ck_assert(!main_cf_is_set(m, "mydomain"));
	ck_assert_ptr_null(main_cf_raw(m, "c"));
	main_cf_set(m, "c", "4");
	main_cf_set(m, "myhostname", "x.y.z");
	ck_assert_str_eq(before, "localdomain");
	ck_assert_str_eq(main_cf_raw(m, "mydomain"), "y.z");
	ck_assert_str_eq(main_cf_where(m, "c"), "option -o c");
	ck_assert(main_cf_is_option(m, "c") && !main_cf_is_option(m, "b"));
	ck_assert(!main_cf_is_option(m, "mydomain"));
	main_cf_set(m, "alias_maps", "hash:/$mydomain, hash:/b");
	ck_assert_str_eq(
	    main_cf_table(m, a, "alias_maps"), "alias_maps hash:/y.z, hash:/b");
	ck_assert_str_eq(
	    main_cf_table(m, a, "transport_maps"), "transport_maps");
	ck_assert_str_eq(main_cf_table(m, a, "d"), "d");
	ck_assert_str_eq(main_cf_table(m, a, "e"), "e hash:/4");
	ck_assert_str_eq(main_cf_table(m, a, "f"), "f hash:/y.z");
	ck_assert(main_cf_next(m, &at, &name, &value));
	ck_assert_str_eq(name, "b");
	ck_assert_str_eq(value, "3");
	ck_assert(main_cf_next(m, &at, &name, &value));
	ck_assert_str_eq(name, "a");
	for (int i = 0; i < 4; i++)
		ck_assert(main_cf_next(m, &at, &name, &value));
	ck_assert_str_eq(name, "c");
	ck_assert(main_cf_next(m, &at, &name, &value));
	ck_assert(main_cf_next(m, &at, &name, &value));
	ck_assert(!main_cf_next(m, &at, &name, &value));
	arena_free(&a);
	main_cf_free(&m);
	ck_assert_ptr_null(m);
}
END_TEST

START_TEST(too_long)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	buf_add_str(&text, "a = ");
	memset(buf_room(&text, 1 << 20), 'x', 1 << 20);
	text.n += 1 << 20;
	why_init(&why);
	ck_assert_ptr_null(main_cf_parse(buf_span(&text), "main.cf", &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "longer than"));
	why_free(&why);
	buf_free(&text);
}
END_TEST

static void
write_file(const char *folder, const char *name, const char *text)
{
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "%s/%s", folder, name);
	ck_assert_int_eq(
	    file_replace(AT_FDCWD, buf_str(&path), span_str(text), 0600), 0);
	buf_free(&path);
}

START_TEST(loads)
{
	char folder[] = "/tmp/facteur-test-XXXXXX";
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	struct why why;
	struct main_cf *m;

	why_init(&why);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_ptr_null(main_cf_load(folder, false, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "/main.cf: No such"));
	m = main_cf_load(folder, true, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(main_cf_folder(m), folder);
	ck_assert_str_eq(main_cf_raw(m, "config_directory"), folder);
	main_cf_free(&m);

	write_file(folder, "mailname", " mail.example.org \nsecond\n");
	buf_printf(&text, "myorigin = %s/mailname\n", folder);
	write_file(folder, "main.cf", buf_str(&text));
	m = main_cf_load(folder, false, &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	ck_assert(main_cf_value(m, "myorigin", &out, &why));
	ck_assert_str_eq(buf_str(&out), "mail.example.org");
	buf_clear(&out);
	ck_assert(main_cf_expand(m, SPAN("@$myorigin"), &out, &why));
	ck_assert_str_eq(buf_str(&out), "@mail.example.org");
	main_cf_set(m, "myorigin", "/nowhere/mailname");
	ck_assert(!main_cf_value(m, "myorigin", &out, &why));
	ck_assert_ptr_nonnull(
	    strstr(why_text(&why), "myorigin = /nowhere/mailname: No such"));
	main_cf_free(&m);
	buf_clear(&text);
	buf_printf(&text, "rm -rf %s", folder);
	ck_assert_int_eq(system(buf_str(&text)), 0);
	buf_free(&text);
	buf_free(&out);
	why_free(&why);
}
END_TEST

/* A file found in Postfix's home serves, but says nothing about ours. */
START_TEST(old_home)
{
	char root[] = "/tmp/facteur-test-XXXXXX";
	struct buf command = BUF_EMPTY, old = BUF_EMPTY;
	struct main_cf *m;
	struct why why;

	why_init(&why);
	ck_assert_ptr_nonnull(mkdtemp(root));
	buf_printf(&command, "mkdir -p %s/etc/postfix", root);
	ck_assert_int_eq(system(buf_str(&command)), 0);
	buf_printf(&old, "%s/etc/postfix", root);
	write_file(buf_str(&old), "main.cf",
	    "queue_directory = /var/spool/postfix\nrelayhost = r\n"
	    "mail_owner = postfix\n");
	m = main_cf_load_under(root, "/etc/facteur", false, &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	ck_assert_str_eq(main_cf_folder(m), "/etc/facteur");
	ck_assert_str_eq(main_cf_raw(m, "relayhost"), "r");
	ck_assert_str_eq(
	    main_cf_raw(m, "queue_directory"), "/var/spool/facteur");
	ck_assert_str_eq(main_cf_raw(m, "mail_owner"), "_facteur");
	ck_assert(!main_cf_is_set(m, "mail_owner"));
	ck_assert_uint_eq(main_cf_notes(m)->n, 2);
	ck_assert(remarked(m, "/etc/postfix/main.cf: queue_directory="));
	main_cf_free(&m);
	buf_clear(&command);
	buf_printf(&command, "rm -rf %s", root);
	ck_assert_int_eq(system(buf_str(&command)), 0);
	buf_free(&command);
	buf_free(&old);
	why_free(&why);
}
END_TEST

static const struct {
	const char *name, *value;
} tutorial[] = {
	{ "myhostname", "mail.sigui.ci" },
	{ "mydomain", "sigui.ci" },
	{ "myorigin", "sigui.ci" },
	{ "alias_maps", "hash:/etc/aliases" },
	{ "mydestination", "sigui.ci, , localhost" },
	{ "relayhost", "" },
	{ "mynetworks", "192.168.0.0/24, 127.0.0.0/8" },
	{ "mailbox_size_limit", "0" },
	{ "recipient_delimiter", "+" },
	{ "inet_interfaces", "all" },
	{ "default_transport", "smtp" },
	{ "home_mailbox", "Maildir/" },
	{ "mailbox_command", "/usr/bin/procmail" },
	{ "local_transport", "local:mail.sigui.ci" },
	{ "smtpd_relay_restrictions",
	    "permit_mynetworks, permit_sasl_authenticated, "
	    "permit_pop_before_smtp, reject_unauth_destination" },
};

START_TEST(tutorial_as_it_stands)
{
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	struct main_cf *m;
	struct why why;

	why_init(&why);
	ck_assert_int_eq(
	    file_read_path("tests/data/tutorial/main.cf", 1 << 20, &text), 0);
	m = main_cf_parse(buf_span(&text), "main.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	ck_assert_uint_eq(main_cf_notes(m)->n, 0);
	ck_assert_msg(main_cf_value(m, tutorial[_i].name, &out, &why), "%s",
	    why_text(&why));
	ck_assert_str_eq(buf_str(&out), tutorial[_i].value);
	main_cf_free(&m);
	buf_free(&out);
	buf_free(&text);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, reads, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(t, cut_anywhere, 0, UNIT_COUNT(cases));
	tcase_add_test(t, nul_is_refused);
	tcase_add_loop_test(t, expands, 0, UNIT_COUNT(values));
	tcase_add_test(t, set_and_walk);
	tcase_add_test(t, too_long);
	tcase_add_test(t, loads);
	tcase_add_test(t, old_home);
	tcase_add_loop_test(t, tutorial_as_it_stands, 0, UNIT_COUNT(tutorial));
}

int
main(void)
{
	return unit_main("config/main_cf", fill);
}
