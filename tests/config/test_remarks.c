/* test_remarks.c - config/remarks.h: what is said in vain, as lines */

#include "config/remarks.h"

#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "os/file.h"
#include "tests/unit.h"

#define ROWS \
	"pickup unix n - y 60 1 pickup\nqmgr unix - - y - 1 qmgr\n" \
	"bounce unix - - y - 1 bounce\nsmtp unix - - y - 1 smtp\n" \
	"deliver unix - n n - 1 deliver\nlookup unix - - n - 2 lookup\n" \
	"resolver unix - - y - 1 resolver\nkeys unix - - y - 1 keys\n" \
	"connector unix - - n - 1 connector\nauth unix - n n - 1 auth\n"

/* want: lines, - before what is only worth knowing */
static const struct {
	const char *main_cf, *master_cf, *want;
} cases[] = {
	{ "myhostname = a.b\n", ROWS, "" },
	{ "myhostnam = a.b\n", NULL,
	    "main.cf, line 1: unused parameter: myhostnam=a.b\n" },
	{ "\nqmqpd_timeout = 5s\n", ROWS,
	    "main.cf, line 2: parameter without effect in Facteur: "
	    "qmqpd_timeout=5s\n" },
	{ "smtp_tls_per_site = hash:/x\n", ROWS,
	    "main.cf, line 1: parameter without effect in Facteur: "
	    "smtp_tls_per_site=hash:/x; mail goes as if it were not there; see "
	    "smtp_tls_policy_maps\n" },
	{ "postscreen_cache_map = btree:$data_directory/c\n"
	  "postscreen_blacklist_action = drop\n"
	  "postscreen_dnsbl_whitelist_threshold = -1\n",
	    ROWS "smtp inet n - y - 2 smtpd -o postscreen_helo_required=yes\n",
	    "master.cf, line 11: parameter without effect in Facteur: "
	    "-o postscreen_helo_required=yes; see smtpd_helo_required\n"
	    "main.cf, line 1: parameter without effect in Facteur: "
	    "postscreen_cache_map=btree:$data_directory/c; smtpd remembers "
	    "clients itself: see postscreen_greet_ttl\n" },
	{ "relayhost = $x\n", ROWS,
	    "main.cf, line 1: undefined parameter: x\n" },
	{ "x = 1\nx = 2\nmyorigin = $x\n", ROWS,
	    "main.cf, line 2: overriding earlier entry: x=1\n" },
	{ "x = \302\205\n", ROWS, "main.cf, line 1: unused parameter: x=?\n" },
	{ "", ROWS "smtp inet n - y - 2 smtpd -o foo=1 -o smtpd_timeout=5s\n",
	    "master.cf, line 11: unused parameter: -o foo=1\n" },
	{ "", ROWS "smtp inet n - y - 2 smtpd -o myorigin=$foo\n",
	    "master.cf, line 11: undefined parameter: foo\n" },
	{ "y = 1\nmyorigin = $x\n",
	    ROWS "smtp inet n - y - 2 smtpd -o x=1 -o myorigin=$x$y\n",
	    "main.cf, line 2: undefined parameter: x\n" },
	{ "myorigin = $foo\nfoo = 1\n",
	    ROWS "smtp inet n - y - 2 smtpd -o foo=1\n", "" },
	{ "", ROWS "smtp inet n - y - 2 smtpd -o qmqpd_timeout=1\n",
	    "master.cf, line 11: parameter without effect in Facteur: "
	    "-o qmqpd_timeout=1\n" },
	{ "", ROWS "cleanup unix n - y - 0 cleanup\n",
	    "-master.cf, line 11: cleanup: its work is done elsewhere here; "
	    "the line starts nothing\n" },
	{ "", ROWS "imap inet n - y - 2 login\n",
	    "master.cf: there is no row \"imapd unix\": nobody's IMAP session "
	    "begins\n" },
	{ "",
	    ROWS "pop3s inet n - y - 2 login\n"
		 "imapd unix - n n - - imapd\n",
	    "master.cf: there is no row \"pop3d unix\": nobody's POP3 session "
	    "begins\n" },
	{ "", ROWS "sieve inet n - y - 2 login\n",
	    "master.cf: there is no row \"managesieve unix\": nobody's "
	    "ManageSieve session begins\n" },
	{ "",
	    ROWS "127.0.0.1:4190 inet n - y - 2 login\n"
		 "managesieve unix - n n - - managesieve\n",
	    "" },
	{ "",
	    ROWS "2000 inet n - y - 2 login -o login_protocol=sieve\n"
		 "managesieve unix - n n - - managesieve\n",
	    "" },
	{ "smtp_mta_sts_enable = yes\nsmtp_tlsrpt_enable = yes\n", ROWS,
	    "master.cf: there is no row \"sts unix\": mail for other hosts "
	    "waits, for smtp_mta_sts_enable is set\n"
	    "master.cf: there is no row \"sts unix\": smtp_tlsrpt_enable has "
	    "no effect\n" },
	{ "smtp_mta_sts_enable = yes\n", ROWS "sts unix - - y - 1 sts\n", "" },
	{ "login_clientcerts = hash:/x\n", NULL,
	    "main.cf: login_clientcerts is set, but no client is asked for a "
	    "certificate: see smtpd_tls_ask_ccert\n"
	    "main.cf: login_clientcerts is set, but "
	    "smtpd_sasl_mechanism_filter does not let EXTERNAL through: it has "
	    "no effect in SMTP\n" },
	{ "login_clientcerts = hash:/x\nsmtpd_tls_ask_ccert = yes\n"
	  "smtpd_sasl_mechanism_filter = static:rest\n",
	    NULL, "" },
};

static void
take(void *arg, bool warning, const char *text)
{
	buf_printf(arg, "%s%s\n", warning ? "" : "-", text);
}

START_TEST(of_main)
{
	struct buf got = BUF_EMPTY;
	struct why why;
	struct main_cf *m;
	struct master_cf *services = NULL;

	why_init(&why);
	m = main_cf_parse(span_str(cases[_i].main_cf), "main.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	if (cases[_i].master_cf != NULL) {
		services = master_cf_parse(
		    span_str(cases[_i].master_cf), "master.cf", &why);
		ck_assert_msg(services != NULL, "%s", why_text(&why));
	}
	remarks_main(m, services, take, &got);
	ck_assert_str_eq(buf_str(&got), cases[_i].want);
	master_cf_free(&services);
	main_cf_free(&m);
	buf_free(&got);
	why_free(&why);
}
END_TEST

/* Without a row that all need, each is named with what is lost. */
START_TEST(of_empty_master)
{
	struct buf got = BUF_EMPTY;
	struct why why;
	struct main_cf *m;
	struct master_cf *services;
	struct span rest, line;
	size_t n = 0;

	why_init(&why);
	m = main_cf_parse(SPAN(""), "main.cf", &why);
	services = master_cf_parse(SPAN(""), "master.cf", &why);
	remarks_main(m, services, take, &got);
	rest = buf_span(&got);
	while (span_line(&rest, &line)) {
		ck_assert(span_starts(line, "master.cf: there is no row \""));
		n++;
	}
	ck_assert_uint_eq(n, 10);
	master_cf_free(&services);
	main_cf_free(&m);
	buf_free(&got);
	why_free(&why);
}
END_TEST

static char folder[] = "/tmp/facteur-test-XXXXXX";

static void
put_file(const char *name, const char *text)
{
	int fd = file_open_dir(AT_FDCWD, folder, false);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_replace(fd, name, span_str(text), 0600), 0);
	file_close(&fd);
}

/* The file itself and its -ssl file. */
START_TEST(of_courier)
{
	struct buf got = BUF_EMPTY;
	struct why why;

	why_init(&why);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert(remarks_courier(folder, PLACE_IMAPD, take, &got, &why));
	ck_assert_uint_eq(got.n, 0);
	put_file("imapd",
	    "MAILDIRPATH=Maildir\nIMAP_PROXY=1\nx "
	    "y\nPIDFILE=x\nPOP3_PROXY=0\n");
	put_file("imapd-ssl", "NOSUCHNAME=1\n");
	ck_assert(remarks_courier(folder, PLACE_IMAPD, take, &got, &why));
	ck_assert_ptr_nonnull(
	    strstr(buf_str(&got), "imapd, line 2: IMAP_PROXY=1 is not"));
	ck_assert_ptr_nonnull(strstr(buf_str(&got), "-/tmp"));
	ck_assert_ptr_nonnull(
	    strstr(buf_str(&got), "imapd: nothing to set here: PIDFILE\n"));
	ck_assert_ptr_null(strstr(buf_str(&got), "POP3_PROXY"));
	ck_assert_ptr_nonnull(strstr(buf_str(&got), "imapd, line 3: "));
	ck_assert_ptr_nonnull(strstr(buf_str(&got),
	    "imapd-ssl, line 1: NOSUCHNAME is no name that Courier knows"));
	put_file("authdaemonrc", "authmodulelist=`id`\n");
	ck_assert(
	    !remarks_courier(folder, PLACE_AUTHDAEMONRC, take, &got, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "authdaemonrc, line 1"));
	buf_clear(&got);
	buf_printf(&got, "rm -rf %s", folder);
	ck_assert_int_eq(system(buf_str(&got)), 0);
	buf_free(&got);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, of_main, 0, UNIT_COUNT(cases));
	tcase_add_test(t, of_empty_master);
	tcase_add_test(t, of_courier);
}

int
main(void)
{
	return unit_main("config/remarks", fill);
}
