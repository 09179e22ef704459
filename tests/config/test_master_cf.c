/* test_master_cf.c - config/master_cf.h */

#include "config/master_cf.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/why.h"
#include "config/notes.h"
#include "config/print.h"
#include "os/file.h"
#include "tests/unit.h"

static struct master_cf *
parsed(const char *text)
{
	struct why why;
	struct master_cf *m;

	why_init(&why);
	m = master_cf_parse(span_str(text), "master.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	why_free(&why);
	return m;
}

static const struct {
	const char *text;
	struct master_row want; /* of the one row, what is compared */
} rows[] = {
	{ "smtp inet n - y - 2 smtpd",
	    { .type = MASTER_INET,
		.port = 25,
		.unprivileged = true,
		.chroot = true,
		.maxproc = 2 } },
	{ "smtp unix - - - - - smtp\n",
	    { .type = MASTER_UNIX,
		.private_socket = true,
		.unprivileged = true,
		.maxproc = -1 } },
	{ "pickup\tunix n n n 60? 1 pickup\n# end",
	    { .type = MASTER_UNIX,
		.wakeup = 60,
		.wakeup_if_used = true,
		.maxproc = 1 } },
	{ "# first\n\nx unix-dgram\n n n\n# between\n n\n 300 0 x",
	    { .type = MASTER_UNIX_DGRAM, .wakeup = 300, .maxproc = 0 } },
	{ "127.0.0.1:10025 inet n n n - - smtpd",
	    { .type = MASTER_INET,
		.host = "127.0.0.1",
		.port = 10025,
		.maxproc = -1 } },
	{ "[::1]:submissions inet n n n - - smtpd",
	    { .type = MASTER_INET,
		.host = "::1",
		.port = 465,
		.maxproc = -1 } },
	{ "localhost:imaps inet n n n - - login",
	    { .type = MASTER_INET,
		.host = "localhost",
		.port = 993,
		.maxproc = -1 } },
	{ "a/b fifo n n n - - x", { .type = MASTER_FIFO, .maxproc = -1 } },
	{ "smtpd pass - n n - - smtpd",
	    { .type = MASTER_PASS, .private_socket = true, .maxproc = -1 } },
	{ "smtp inet n n n - - smtpd<br/>",
	    { .type = MASTER_INET, .port = 25, .maxproc = -1 } },
};

START_TEST(row)
{
	struct master_cf *m = parsed(rows[_i].text);
	const struct master_row *want = &rows[_i].want, *got;
	size_t n;

	got = master_cf_rows(m, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(got->type, want->type);
	ck_assert_int_eq(got->port, want->port);
	ck_assert_int_eq(got->private_socket, want->private_socket);
	ck_assert_int_eq(got->unprivileged, want->unprivileged);
	ck_assert_int_eq(got->chroot, want->chroot);
	ck_assert_int_eq(got->wakeup, want->wakeup);
	ck_assert_int_eq(got->wakeup_if_used, want->wakeup_if_used);
	ck_assert_int_eq(got->maxproc, want->maxproc);
	if (want->host == NULL)
		ck_assert_ptr_null(got->host);
	else
		ck_assert_str_eq(got->host, want->host);
	master_cf_free(&m);
}
END_TEST

static const struct {
	const char *words;
	const char *args; /* each ended by | */
	const char *options; /* name=value, each ended by | */
	const char *printed;
	int verbose;
} commands[] = {
	{ "", "", "", "", 0 },
	{ " -o a=b -o c=d", "-o|a=b|-o|c=d|", "a=b|c=d|", " -o a=b -o c=d", 0 },
	{ "\n\t-o a=b\n# x\n\t-o c=d", "-o|a=b|-o|c=d|", "a=b|c=d|",
	    " -o a=b -o c=d", 0 },
	{ " -oa=b -v -vv", "-oa=b|-v|-vv|", "a=b|", " -o a=b -v -vv", 3 },
	{ " -o { a = b c, d }", "-o|a = b c, d|", "a=b c, d|", " -o {a=b c, d}",
	    0 },
	{ " -o {a=}", "-o|a=|", "a=|", " -o a=", 0 },
	{ " -o a=b=c", "-o|a=b=c|", "a=b=c|", " -o a=b=c", 0 },
	{ " -o a={x y}", "-o|a={x y}|", "a={x y}|", " -o {a={x y}}", 0 },
	{ " flags=R user=x argv=/bin/y -o z {a  b} {} ${user}",
	    "flags=R|user=x|argv=/bin/y|-o|z|a  b||${user}|", "",
	    " flags=R user=x argv=/bin/y -o z {a  b} {} ${user}", 0 },
};

START_TEST(arguments)
{
	struct buf text = BUF_EMPTY, args = BUF_EMPTY, options = BUF_EMPTY;
	struct buf printed = BUF_EMPTY;
	const struct master_row *got;
	struct master_cf *m;
	size_t n;

	buf_printf(&text, "x unix - n n - - y%s", commands[_i].words);
	m = parsed(buf_str(&text));
	got = master_cf_rows(m, &n);
	ck_assert_uint_eq(n, 1);
	for (size_t i = 0; i < got->n_args; i++)
		buf_printf(&args, "%s|", got->args[i]);
	for (size_t i = 0; i < got->n_options; i++)
		buf_printf(&options, "%s=%s|", got->options[i].name,
		    got->options[i].value);
	print_master_row(false, got, &printed);
	buf_drop(&printed,
	    strlen("x          unix  -       n       n       -       "
		   "-       y"));
	buf_cut(&printed, printed.n - 1);
	ck_assert_str_eq(buf_str(&args), commands[_i].args);
	ck_assert_str_eq(buf_str(&options), commands[_i].options);
	ck_assert_str_eq(buf_str(&printed), commands[_i].printed);
	ck_assert_int_eq(got->verbose, commands[_i].verbose);
	master_cf_free(&m);
	buf_free(&text);
	buf_free(&args);
	buf_free(&options);
	buf_free(&printed);
}
END_TEST

static const struct {
	const char *text, *says;
} refused[] = {
	{ "smtp inet n - n - -",
	    "line 1: \"smtp inet n - n - -\": wanted "
	    "eight columns" },
	{ "\n\nsmtp", "master.cf, line 3: \"smtp\"" },
	{ "smtp tcp n - n - - smtpd", "\"tcp\": column type" },
	{ "smtp inet x - n - - smtpd", "\"x\": column private" },
	{ "smtp inet n x n - - smtpd", "\"x\": column unpriv" },
	{ "smtp inet n - x - - smtpd", "\"x\": column chroot" },
	{ "smtp inet n - n x - smtpd", "\"x\": column wakeup" },
	{ "smtp inet n - n ? - smtpd", "\"?\": column wakeup" },
	{ "smtp inet n - n - -1 smtpd", "\"-1\": column maxproc" },
	{ "smtp inet n - n - x smtpd", "\"x\": column maxproc" },
	{ "smtp inet - - n - - smtpd", "cannot be private" },
	{ "nosuchname inet n - n - - smtpd", "port's number" },
	{ "0 inet n - n - - smtpd", "port's number" },
	{ "65536 inet n - n - - smtpd", "port's number" },
	{ "localhost: inet n - n - - smtpd", "port's number" },
	{ "::1:25 inet n - n - - smtpd", "[brackets]" },
	{ "[::1:25 inet n - n - - smtpd", "[brackets]" },
	{ "x]:25 inet n - n - - smtpd", "host's name" },
	{ "../x unix n - n - - smtpd", "without .." },
	{ "/x unix n - n - - smtpd", "without / at" },
	{ "x unix n - n - - /bin/sh", "without its folder" },
	{ "x unix n - n - - -o", "without its folder" },
	{ "x unix n - n - - y -o", "\"-o\": wanted -o name=value" },
	{ "x unix n - n - - y -o z", "\"z\": wanted -o name=value" },
	{ "x unix n - n - - y -o =z", "\"=z\": wanted -o name=value" },
	{ "x unix n - n - - y -o {z = 1", "closing }" },
	{ "x unix n - n - - y -o {z=1}x", "behind the }" },
	{ "x unix n - n - - y\x01", "control byte 0x01" },
};

START_TEST(refuses)
{
	struct why why;
	struct master_cf *m;

	why_init(&why);
	m = master_cf_parse(span_str(refused[_i].text), "master.cf", &why);
	ck_assert_msg(m == NULL, "%s", refused[_i].text);
	ck_assert_msg(strstr(why_text(&why), refused[_i].says) != NULL,
	    "%s: %s", refused[_i].text, why_text(&why));
	why_free(&why);
}
END_TEST

START_TEST(cut_anywhere)
{
	static const char whole[] = "smtp inet n - y - 2 smtpd\n\t-o { a = b "
				    "}\n[::1]:25 inet n n n 60? "
				    "- smtpd -v -o a={b c}\n";

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		char *copy = malloc(n + 1);
		struct master_cf *m;
		struct why why;

		memcpy(copy, whole, n);
		why_init(&why);
		m = master_cf_parse(span_of(copy, n), "master.cf", &why);
		ck_assert(m != NULL || why.text.n > 0);
		master_cf_free(&m);
		why_free(&why);
		free(copy);
	}
}
END_TEST

START_TEST(given_twice)
{
	struct master_cf *m = parsed("  stray\nsmtp inet n n n - 1 smtpd\n"
				     "smtp unix n n n - 2 smtp\n"
				     "smtp inet n n n - 3 smtpd\n");
	const struct notes *notes = master_cf_notes(m);
	size_t n;

	master_cf_rows(m, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(master_cf_find(m, "smtp", MASTER_INET)->maxproc, 3);
	ck_assert_int_eq(master_cf_find(m, "smtp", MASTER_UNIX)->maxproc, 2);
	ck_assert_ptr_null(master_cf_find(m, "smtp", MASTER_PASS));
	ck_assert_uint_eq(notes->n, 2);
	ck_assert_ptr_nonnull(strstr(notes->rows[0].text, "line 1: "));
	ck_assert_ptr_nonnull(strstr(notes->rows[1].text, "line 4: "));
	master_cf_free(&m);
	ck_assert_ptr_null(m);
}
END_TEST

static const struct {
	const char *text;
	bool folded;
} postfix[] = {
	{ "smtp inet n - y - - smtpd", false },
	{ "smtp inet n - y - 1 postscreen", true },
	{ "pickup unix n - y 60 1 pickup", false },
	{ "cleanup unix n - y - 0 cleanup", true },
	{ "qmgr unix n - n 300 1 qmgr", false },
	{ "rewrite unix - - y - - trivial-rewrite", true },
	{ "defer unix - - y - 0 bounce", true },
	{ "bounce unix - - y - 0 bounce", false },
	{ "relay unix - - y - - smtp", true },
	{ "local unix - n n - - local", true },
	{ "postlog unix-dgram n - n - 1 postlogd", true },
	{ "maildrop unix - n n - - pipe", true },
	{ "error unix - - y - - error", true },
	{ "26 inet n - y - - smtpd", false },
};

START_TEST(folded_away)
{
	struct master_cf *m = parsed(postfix[_i].text);
	size_t n;

	ck_assert_msg(
	    master_row_folded(master_cf_rows(m, &n)) == postfix[_i].folded,
	    "%s", postfix[_i].text);
	master_cf_free(&m);
}
END_TEST

/* The file that is shipped has the rows that the other programs count on. */
START_TEST(shipped)
{
	static const char *const services[] = { "smtp", "submission",
		"submissions", "imap", "imaps", "pop3", "pop3s" };
	struct buf text = BUF_EMPTY;
	struct master_cf *m;
	size_t n;

	ck_assert_int_eq(file_read_path("etc/master.cf", 1 << 20, &text), 0);
	m = parsed(buf_str(&text));
	master_cf_rows(m, &n);
	ck_assert_uint_eq(n, 24);
	ck_assert_uint_eq(master_cf_notes(m)->n, 0);
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		ck_assert_ptr_nonnull(
		    master_cf_find(m, services[i], MASTER_INET));
	ck_assert_str_eq(
	    master_cf_find(m, "lmtp", MASTER_UNIX)->column[MASTER_COMMAND],
	    "smtp");
	ck_assert_uint_eq(
	    master_cf_find(m, "submission", MASTER_INET)->n_options, 3);
	/* mail for both lies there until they look */
	ck_assert_int_gt(master_cf_find(m, "pickup", MASTER_UNIX)->wakeup, 0);
	ck_assert_int_gt(master_cf_find(m, "sts", MASTER_UNIX)->wakeup, 0);
	master_cf_free(&m);
	buf_free(&text);
}
END_TEST

/* What master makes of it is not in the row, which postconf writes again. */
START_TEST(lmtp)
{
	struct master_cf *m = parsed("box unix - - n - - lmtp -o a=b\n");
	const struct master_row *box = master_cf_find(m, "box", MASTER_UNIX);

	ck_assert_str_eq(box->column[MASTER_COMMAND], "lmtp");
	ck_assert_str_eq(master_row_program(box), "smtp");
	ck_assert_uint_eq(box->n_options, 1);
	ck_assert_str_eq(box->options[0].name, "a");
	master_cf_free(&m);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, arguments, 0, UNIT_COUNT(commands));
	tcase_add_loop_test(t, refuses, 0, UNIT_COUNT(refused));
	tcase_add_test(t, lmtp);
	tcase_add_test(t, cut_anywhere);
	tcase_add_test(t, given_twice);
	tcase_add_loop_test(t, folded_away, 0, UNIT_COUNT(postfix));
	tcase_add_test(t, shipped);
}

int
main(void)
{
	return unit_main("config/master_cf", fill);
}
