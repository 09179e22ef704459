/* test_courier.c - config/courier.h */

#include "config/courier.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/why.h"
#include "config/notes.h"
#include "config/places.h"
#include "config/remarks.h"
#include "os/file.h"
#include "tests/unit.h"

static bool
remarked(const struct courier *c, const char *says)
{
	const struct notes *notes = courier_notes(c);

	for (size_t i = 0; i < notes->n; i++)
		if (strstr(notes->rows[i].text, says) != NULL)
			return true;
	return false;
}

/* value NULL: refused, says is in the reason; else says is in a remark. */
static const struct {
	const char *text, *name, *value, *says;
} cases[] = {
	{ "A=b", "A", "b", NULL },
	{ "A=", "A", "", NULL },
	{ "A=\"\"", "A", "", NULL },
	{ "A=\"b c\"\n", "A", "b c", NULL },
	{ "A='b c'", "A", "b c", NULL },
	{ "A= \"sigui.ci\"", "A", "sigui.ci", NULL },
	{ "A = b", "A", "b", NULL },
	{ "  A=b", "A", "b", NULL },
	{ "export A=b", "A", "b", NULL },
	{ "A=b; export A", "A", "b", "behind the ;" },
	{ "A=b;", "A", "b", NULL },
	{ "A=b # remark", "A", "b", NULL },
	{ "A=b#c", "A", "b#c", NULL },
	{ "A=b c", "A", "b c", "wants quotes" },
	{ "A=b\"c d\"'e f'g", "A", "bc de fg", NULL },
	{ "A=\"x \\\" \\\\ \\$B \\n\"", "A", "x \" \\ $B \\n", NULL },
	{ "A='x \\'", "A", "x \\", NULL },
	{ "A=x\\ y", "A", "x y", NULL },
	{ "B=1\nA=$B", "A", "1", NULL },
	{ "B=1\nA=\"x${B}y\"", "A", "x1y", NULL },
	{ "B=1\nA='$B'", "A", "$B", NULL },
	{ "A=\"$B\"", "A", "", "$B is not set" },
	{ "A=5$", "A", "5$", NULL },
	{ "A=1\nA=2", "A", "2", "line 2: A was set before, in line 1" },
	{ "##NAME: A:0\n#\n# A=x\nA=b", "A", "b", NULL },
	{ "A=b<br/>", "A", "b", "<br/>" },
	{ "A=b\r\nB=c\r\n", "A", "b", NULL },
	{ "A=\xc3\xa9", "A", "\xc3\xa9", NULL },
	{ "if true\nA=b", "A", "b", "line 1: not understood" },
	{ "1A=b\nA=c", "A", "c", "not understood" },
	{ "A=$(id)", "A", NULL, "line 1: \"(id)\": commands are not run" },
	{ "A=`id`", "A", NULL, "commands are not run" },
	{ "A=\"`id`\"", "A", NULL, "commands are not run" },
	{ "\nA=\"b", "A", NULL, "line 2: \"\"b\": the closing \" is missing" },
	{ "A='b", "A", NULL, "the closing ' is missing" },
	{ "A=${B", "A", NULL, "wanted ${NAME}" },
	{ "A=${B:-c}", "A", NULL, "wanted ${NAME}" },
	{ "A=\x02", "A", NULL, "control byte 0x02" },
};

START_TEST(reads)
{
	struct why why;
	struct courier *c;

	why_init(&why);
	c = courier_parse(span_str(cases[_i].text), "imapd", &why);
	ck_assert_msg((c != NULL) == (cases[_i].value != NULL), "%s: %s",
	    cases[_i].text, why_text(&why));
	if (c == NULL) {
		ck_assert_msg(strstr(why_text(&why), cases[_i].says) != NULL,
		    "%s: %s", cases[_i].text, why_text(&why));
	} else {
		ck_assert_str_eq(
		    courier_get(c, cases[_i].name), cases[_i].value);
		ck_assert_msg(cases[_i].says == NULL
			? courier_notes(c)->n == 0
			: remarked(c, cases[_i].says),
		    "%s", cases[_i].text);
	}
	courier_free(&c);
	why_free(&why);
}
END_TEST

START_TEST(cut_anywhere)
{
	struct span whole = span_str(cases[_i].text);

	for (size_t n = 0; n < whole.n; n++) {
		char *copy = malloc(n + 1);
		struct courier *c;
		struct why why;

		memcpy(copy, whole.p, n);
		why_init(&why);
		c = courier_parse(span_of(copy, n), "imapd", &why);
		ck_assert(c != NULL || why.text.n > 0);
		courier_free(&c);
		why_free(&why);
		free(copy);
	}
}
END_TEST

static struct courier *
parsed(const char *text)
{
	struct why why;
	struct courier *c;

	why_init(&why);
	c = courier_parse(span_str(text), "imapd", &why);
	ck_assert_msg(c != NULL, "%s", why_text(&why));
	why_free(&why);
	return c;
}

START_TEST(typed)
{
	static const struct courier_range range = { 1, 99, 40 };
	struct courier *c = parsed("Y=YES\nN=no\nO=1\nE=\nM=maybe\nD=7\nB=100");
	struct courier_setting setting;
	size_t at = 0;
	bool yes;
	int64_t number;
	struct why why;

	why_init(&why);
	ck_assert(courier_yes(c, "Y", false, &yes, &why) && yes);
	ck_assert(courier_yes(c, "N", true, &yes, &why) && !yes);
	ck_assert(courier_yes(c, "O", false, &yes, &why) && yes);
	ck_assert(courier_yes(c, "E", true, &yes, &why) && yes);
	ck_assert(courier_yes(c, "absent", true, &yes, &why) && yes);
	ck_assert(!courier_yes(c, "M", true, &yes, &why));
	ck_assert_str_eq(
	    why_text(&why), "imapd, line 5: M=maybe: wanted YES or NO");
	ck_assert(courier_number(c, "D", &range, &number, &why));
	ck_assert_int_eq(number, 7);
	ck_assert(courier_number(c, "absent", &range, &number, &why));
	ck_assert_int_eq(number, 40);
	ck_assert(!courier_number(c, "B", &range, &number, &why));
	ck_assert_str_eq(why_text(&why),
	    "imapd, line 7: B=100: wanted a number from 1 to 99");
	ck_assert_uint_eq(courier_line(c, "N"), 2);
	ck_assert_uint_eq(courier_line(c, "absent"), 0);
	ck_assert(courier_next(c, &at, &setting));
	ck_assert_str_eq(setting.name, "Y");
	ck_assert_uint_eq(setting.line, 1);
	for (int i = 0; i < 6; i++)
		ck_assert(courier_next(c, &at, &setting));
	ck_assert(!courier_next(c, &at, &setting));
	courier_free(&c);
	why_free(&why);
}
END_TEST

/* Values that double must not fill the memory. */
START_TEST(bounded)
{
	struct buf text = BUF_EMPTY;
	struct why why;

	buf_add_str(&text, "A=xxxxxxxxxxxxxxxx\n");
	for (int i = 0; i < 12; i++)
		buf_add_str(&text, "A=$A$A\n");
	why_init(&why);
	for (int i = 0; i < 10000; i++)
		buf_add_str(&text, "B=$A\n");
	ck_assert_ptr_null(courier_parse(buf_span(&text), "imapd", &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "too long"));
	buf_clear(&text);
	buf_add_str(&text, "A=xxxxxxxxxxxxxxxx\n");
	for (int i = 0; i < 30; i++)
		buf_add_str(&text, "A=$A$A\n");
	ck_assert_ptr_null(courier_parse(buf_span(&text), "imapd", &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "too long"));
	buf_free(&text);
	why_free(&why);
}
END_TEST

static const struct {
	const char *file, *name, *value;
} tutorial[] = {
	{ "tests/data/tutorial/imapd", "DEFDOMAIN", "sigui.ci" },
	{ "tests/data/tutorial/imapd", "IMAPDSTART", "YES" },
	{ "tests/data/tutorial/imapd", "MAILDIRPATH", "Maildir" },
	{ "tests/data/tutorial/authdaemonrc", "authmodulelist", "authpam" },
	{ "etc/imapd", "IMAPDSTART", "YES" },
	{ "etc/imapd", "MAILDIRPATH", "Maildir" },
	{ "etc/pop3d", "POP3DSTART", "YES" },
	{ "etc/authdaemonrc", "authmodulelist", "authpam" },
};

START_TEST(as_they_stand)
{
	struct why why;
	struct courier *c;
	struct courier_setting s;
	size_t at = 0;

	why_init(&why);
	c = courier_load(tutorial[_i].file, false, &why);
	ck_assert_msg(c != NULL, "%s", why_text(&why));
	ck_assert_uint_eq(courier_notes(c)->n, 0);
	ck_assert_str_eq(courier_get(c, tutorial[_i].name), tutorial[_i].value);
	while (courier_next(c, &at, &s))
		ck_assert_msg(
		    courier_use(s.name) == COURIER_USED, "%s", s.name);
	courier_free(&c);
	why_free(&why);
}
END_TEST

/* Each setting of Courier's files as Debian 12 has them (imapd, imapd-ssl,
 * pop3d, pop3d-ssl, authdaemonrc): it takes effect, has no object here, or is
 * named at the start where it asks for something. */
static const struct {
	const char *name;
	enum courier_use use;
} debian[] = {
	{ "ADDRESS", COURIER_MISSING },
	{ "AUTH_MKHOMEDIR_SKEL", COURIER_MISSING },
	{ "COURIERTLS", COURIER_MOOT },
	{ "DEBUG_LOGIN", COURIER_MISSING },
	{ "DEFAULTOPTIONS", COURIER_MISSING },
	{ "DEFDOMAIN", COURIER_USED },
	{ "HEADERFROM", COURIER_USED },
	{ "IMAPACCESSFILE", COURIER_MISSING },
	{ "IMAPDEBUGFILE", COURIER_MISSING },
	{ "IMAPDSSLSTART", COURIER_USED },
	{ "IMAPDSTART", COURIER_USED },
	{ "IMAPDSTARTTLS", COURIER_USED },
	{ "IMAP_ACL", COURIER_USED },
	{ "IMAP_CAPABILITY", COURIER_MOOT },
	{ "IMAP_CAPABILITY_ORIG", COURIER_MOOT },
	{ "IMAP_CAPABILITY_TLS", COURIER_MOOT },
	{ "IMAP_CAPABILITY_TLS_ORIG", COURIER_MOOT },
	{ "IMAP_CHECK_ALL_FOLDERS", COURIER_MOOT },
	{ "IMAP_DISABLETHREADSORT", COURIER_MOOT },
	{ "IMAP_EMPTYTRASH", COURIER_USED },
	{ "IMAP_ENHANCEDIDLE", COURIER_MOOT },
	{ "IMAP_IDLE_TIMEOUT", COURIER_MOOT },
	{ "IMAP_ID_FIELDS", COURIER_MISSING },
	{ "IMAP_KEYWORDS", COURIER_USED },
	{ "IMAP_LOG_DELETIONS", COURIER_USED },
	{ "IMAP_MAILBOX_SANITY_CHECK", COURIER_MOOT },
	{ "IMAP_MOVE_EXPUNGE_TO_TRASH", COURIER_USED },
	{ "IMAP_OBSOLETE_CLIENT", COURIER_MOOT },
	{ "IMAP_PROXY", COURIER_MISSING },
	{ "IMAP_PROXY_FOREIGN", COURIER_MOOT },
	{ "IMAP_SHAREDINDEXFILE", COURIER_MOOT },
	{ "IMAP_TLS_REQUIRED", COURIER_USED },
	{ "IMAP_TRASHFOLDERNAME", COURIER_USED },
	{ "IMAP_ULIMITD", COURIER_MOOT },
	{ "IMAP_UMASK", COURIER_USED },
	{ "IMAP_USELOCKS", COURIER_MOOT },
	{ "LDAPTLS_CACERT", COURIER_MISSING },
	{ "LDAPTLS_CERT", COURIER_MISSING },
	{ "LDAPTLS_KEY", COURIER_MISSING },
	{ "LDAPTLS_REQCERT", COURIER_MISSING },
	{ "LOGGEROPTS", COURIER_MOOT },
	{ "MAILDIRPATH", COURIER_USED },
	{ "MAXDAEMONS", COURIER_USED },
	{ "MAXPERIP", COURIER_USED },
	{ "MIME_UNICODE_MESSAGE_TYPE", COURIER_MOOT },
	{ "OUTBOX", COURIER_USED },
	{ "OUTBOX_MULTIPLE_SEND", COURIER_USED },
	{ "PIDFILE", COURIER_MOOT },
	{ "POP3AUTH", COURIER_MOOT },
	{ "POP3AUTH_ORIG", COURIER_MOOT },
	{ "POP3AUTH_TLS", COURIER_MOOT },
	{ "POP3AUTH_TLS_ORIG", COURIER_MOOT },
	{ "POP3DSSLSTART", COURIER_USED },
	{ "POP3DSTART", COURIER_USED },
	{ "POP3_LOG_DELETIONS", COURIER_USED },
	{ "POP3_PROXY", COURIER_MISSING },
	{ "POP3_STARTTLS", COURIER_USED },
	{ "POP3_TLS_REQUIRED", COURIER_USED },
	{ "PORT", COURIER_MISSING },
	{ "PROXY_HOSTNAME", COURIER_MISSING },
	{ "SENDMAIL", COURIER_USED },
	{ "SMAP_CAPABILITY", COURIER_MISSING },
	{ "SSLADDRESS", COURIER_MISSING },
	{ "SSLLOGGEROPTS", COURIER_MOOT },
	{ "SSLPIDFILE", COURIER_MOOT },
	{ "SSLPORT", COURIER_MISSING },
	{ "TCPDOPTS", COURIER_MOOT },
	{ "TLS_CACHEFILE", COURIER_MOOT },
	{ "TLS_CACHESIZE", COURIER_MOOT },
	{ "TLS_CERTFILE", COURIER_USED },
	{ "TLS_CIPHER_LIST", COURIER_USED },
	{ "TLS_COMPRESSION", COURIER_MOOT },
	{ "TLS_DHPARAMS", COURIER_MOOT },
	{ "TLS_KX_LIST", COURIER_MOOT },
	{ "TLS_MIN_DH_BITS", COURIER_MOOT },
	{ "TLS_PRIORITY", COURIER_MISSING },
	{ "TLS_PRIVATE_KEYFILE", COURIER_USED },
	{ "TLS_PROTOCOL", COURIER_USED },
	{ "TLS_STARTTLS_PROTOCOL", COURIER_USED },
	{ "TLS_TRUSTCERTS", COURIER_USED },
	{ "TLS_VERIFYPEER", COURIER_USED },
	{ "authdaemonvar", COURIER_MOOT },
	{ "authmodulelist", COURIER_USED },
	{ "authmodulelistorig", COURIER_MOOT },
	{ "daemons", COURIER_MOOT },
};

static void
hear(void *arg, bool warning, const char *text)
{
	if (warning)
		buf_add_str(arg, text);
}

/* With a value that asks for something it is warned of at the start, or it has
 * its effect, or no object. */
START_TEST(of_debian)
{
	char folder[] = "/tmp/facteur-test-XXXXXX", command[64], line[100];
	struct buf said = BUF_EMPTY;
	struct why why;
	int dir;

	why_init(&why);
	ck_assert_msg(courier_use(debian[_i].name) == debian[_i].use, "%s",
	    debian[_i].name);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	dir = file_open_dir(AT_FDCWD, folder, false);
	snprintf(line, sizeof(line), "%s=./odd\n", debian[_i].name);
	ck_assert_int_eq(file_replace(dir, "imapd", span_str(line), 0600), 0);
	file_close(&dir);
	ck_assert_msg(remarks_courier(folder, PLACE_IMAPD, hear, &said, &why),
	    "%s", why_text(&why));
	/* IMAPACCESSFILE and the like: a file that is not there is none */
	if (debian[_i].use == COURIER_MISSING &&
	    !courier_idle(debian[_i].name, "./odd"))
		ck_assert_msg(strstr(buf_str(&said), debian[_i].name) != NULL,
		    "%s is not named", debian[_i].name);
	else
		ck_assert_msg(said.n == 0, "%s", buf_str(&said));
	buf_free(&said);
	why_free(&why);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(names)
{
	struct why why;
	struct courier *c;

	ck_assert_int_eq(courier_use("IMAP_CAPABILITY"), COURIER_MOOT);
	ck_assert_int_eq(courier_use("MAILDIRPATH"), COURIER_USED);
	ck_assert_int_eq(courier_use("daemons"), COURIER_MOOT);
	ck_assert_int_eq(courier_use("IMAP_PROXY"), COURIER_MISSING);
	ck_assert_int_eq(courier_use("IMAPSTART"), COURIER_UNKNOWN);
	ck_assert_int_eq(courier_use(""), COURIER_UNKNOWN);
	ck_assert_int_eq(courier_use("MAXDAEMONS"), COURIER_USED);
	ck_assert_int_eq(courier_use("IMAP_TLS_REQUIRED"), COURIER_USED);
	ck_assert(courier_idle("IMAP_PROXY", "0"));
	ck_assert(courier_idle("PORT", "110"));
	ck_assert(courier_idle("TLS_PROTOCOL", ""));
	ck_assert(courier_idle("IMAPACCESSFILE", "/nonexistent/file"));
	ck_assert(!courier_idle("IMAPACCESSFILE", "/"));
	ck_assert(!courier_idle("IMAP_PROXY", "1"));
	ck_assert_int_eq(courier_use("IMAP_EMPTYTRASH"), COURIER_USED);
	ck_assert(!courier_idle("NOSUCH", "0"));
	ck_assert_str_eq(
	    courier_instead("POP3_PROXY"), "pop3_proxy_maps in main.cf");
	ck_assert_ptr_null(courier_instead("NOSUCH"));
	why_init(&why);
	ck_assert_ptr_null(courier_load("tests/none", false, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "tests/none: No such"));
	c = courier_load("tests/none", true, &why);
	ck_assert_ptr_nonnull(c);
	ck_assert_ptr_null(courier_get(c, "A"));
	courier_free(&c);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, reads, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(t, cut_anywhere, 0, UNIT_COUNT(cases));
	tcase_add_test(t, typed);
	tcase_add_test(t, bounded);
	tcase_add_loop_test(t, as_they_stand, 0, UNIT_COUNT(tutorial));
	tcase_add_test(t, names);
	tcase_add_loop_test(t, of_debian, 0, UNIT_COUNT(debian));
}

int
main(void)
{
	return unit_main("config/courier", fill);
}
