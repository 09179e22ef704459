/* test_postconf.c - the program postconf, run on folders of its own */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/file.h"
#include "tests/unit.h"

static char folder[] = "/tmp/facteur-test-XXXXXX";

static void
write_file(const char *name, const char *text)
{
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "%s/%s", folder, name);
	ck_assert_int_eq(
	    file_replace(AT_FDCWD, buf_str(&path), span_str(text), 0640), 0);
	buf_free(&path);
}

static void
read_file(const char *name, struct buf *text)
{
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "%s/%s", folder, name);
	ck_assert_int_eq(file_read_path(buf_str(&path), 1 << 20, text), 0);
	buf_free(&path);
}

static const char main_text[] =
    "# top\nmyhostname = mail.x.ci\nfoo = bar\nmydestination = a,\n  # in\n"
    "   b\nrelayhost=\nmydestination = $myhostname,   localhost\n"
    "smtpd_timeout = ${stress?{1}:{9}}s\nforward_path = $home/x\n";
static const char master_text[] =
    "smtp inet n - y - - smtpd\n# in\n  -o foo=baz\n"
    "relay unix - - n - - smtp\n  -o syslog_name=postfix/$service_name\n";

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_file("main.cf", main_text);
	write_file("master.cf", master_text);
}

static void
teardown(void)
{
	struct buf command = BUF_EMPTY;

	buf_printf(&command, "rm -rf %s", folder);
	ck_assert_int_eq(system(buf_str(&command)), 0);
	buf_free(&command);
}

/* Run postconf -c FOLDER words; its exit code. */
static int
postconf(const char *words, struct buf *out, struct buf *err)
{
	struct buf command = BUF_EMPTY;
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status;

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	buf_printf(&command, "%s/../../bin/postconf -c %s %s >%s/out 2>%s/err",
	    self, folder, words, folder, folder);
	status = system(buf_str(&command));
	ck_assert(WIFEXITED(status));
	buf_clear(out);
	buf_clear(err);
	read_file("out", out);
	read_file("err", err);
	buf_free(&command);
	return WEXITSTATUS(status);
}

/* out NULL: not looked at; err NULL: nothing may stand there. */
static const struct {
	const char *words, *out, *err;
	int code;
} shows[] = {
	{ "-h myhostname", "mail.x.ci\n", "unused parameter: foo=bar", 0 },
	{ "myhostname relayhost", "myhostname = mail.x.ci\nrelayhost =\n", "",
	    0 },
	{ "-h queue_directory", "/var/spool/facteur\n", "", 0 },
	{ "-d relayhost mail_owner", "relayhost =\nmail_owner = _facteur\n",
	    NULL, 0 },
	{ "-d -h myorigin", "$myhostname\n", NULL, 0 },
	{ "mydestination", "mydestination = $myhostname, localhost\n",
	    "main.cf, line 8: overriding earlier entry: mydestination=a,   b",
	    0 },
	{ "-x mydestination smtpd_timeout forward_path",
	    "mydestination = mail.x.ci, localhost\nsmtpd_timeout = 9s\n"
	    "forward_path = $home/x\n",
	    "", 0 },
	{ "-x -o 'stress = yes' smtpd_timeout", "smtpd_timeout = 1s\n", "", 0 },
	{ "-H myhostname", "myhostname\n", "", 0 },
	{ "nosuch", "", "warning: nosuch: unknown parameter", 0 },
	{ "-n myhostname mydomain", "myhostname = mail.x.ci\n", "", 0 },
	{ "-M",
	    "smtp       inet  n       -       y       -       -       "
	    "smtpd -o foo=baz\nrelay      unix  -       -       n       -  "
	    "     -       smtp -o syslog_name=postfix/$service_name\n",
	    "master.cf, line 1: unused parameter: foo=baz", 0 },
	{ "-Mf smtp/inet",
	    "smtp       inet  n       -       y       -       -       "
	    "smtpd\n    -o foo=baz\n",
	    "", 0 },
	{ "-n -C user myhostname", "myhostname = mail.x.ci\n", "", 0 },
	{ "-n -C service", "", "", 0 },
	{ "-n -C builtin -H",
	    "config_directory\nforward_path\nmydestination\nmyhostname\n"
	    "relayhost\nsmtpd_timeout\n",
	    "unused parameter: foo=bar", 0 },
	{ "-C nosuch", "", "wanted builtin, service, user or all", 1 },
	{ "-n -H -C service,user", "", "", 0 },
	{ "-Mx relay",
	    "relay      unix  -       -       n       -       -       "
	    "smtp -o syslog_name=postfix/relay\n",
	    "", 0 },
	{ "-Px relay/unix", "relay/unix/syslog_name = postfix/relay\n", "", 0 },
	{ "-F smtp/inet/nosuch", "",
	    "invalid service attribute name: \"nosuch\"", 1 },
	{ "-T nosuch", "", "wanted compile-version", 1 },
	{ "-T public-key-algorithms", "ecdsa\nrsa\n", "", 0 },
	{ "-A", "facteur\n", "", 0 },
	{ "-Mh", "", "with option -M, do not specify -h", 1 },
	{ "-n myhostname", "myhostname = mail.x.ci\n",
	    "master.cf, line 1: unused parameter: foo=baz", 0 },
	{ "-M nosuch", "", "unmatched request: \"nosuch\"", 0 },
	{ "-F smtp/inet/chroot '*/unix/command'",
	    "smtp/inet/chroot = y\nrelay/unix/command = smtp -o "
	    "syslog_name=postfix/$service_name\n",
	    "", 0 },
	{ "-P",
	    "smtp/inet/foo = baz\n"
	    "relay/unix/syslog_name = postfix/$service_name\n",
	    "", 0 },
	{ "-l", "fcntl\ndotlock\n", NULL, 0 },
	{ "-a", "facteur\n", NULL, 0 },
	{ "-m | grep -x hash", "hash\n", NULL, 0 },
	{ "-d config_directory", "config_directory = /etc/facteur\n", NULL, 0 },
	{ "-o qmqpd_timeout=1 -n qmqpd_timeout", "qmqpd_timeout = 1\n",
	    "parameter without effect in Facteur: qmqpd_timeout=1", 0 },
	{ "-d -n", "", "fatal: specify one of -d -n", 1 },
	{ "-M -P", "", "fatal: specify one of -M -F -P", 1 },
	{ "-z", "", "no option -z", 1 },
	{ "-e", "", "-e requires name=value arguments", 1 },
	{ "-c /nonexistent myhostname", "",
	    "fatal: open /nonexistent/main.cf: No such file", 1 },
};

START_TEST(show)
{
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;

	ck_assert_int_eq(postconf(shows[_i].words, &out, &err), shows[_i].code);
	ck_assert_str_eq(buf_str(&out), shows[_i].out);
	if (shows[_i].err == NULL)
		ck_assert_uint_eq(err.n, 0);
	else
		ck_assert_msg(strstr(buf_str(&err), shows[_i].err) != NULL,
		    "%s: %s", shows[_i].words, buf_str(&err));
	buf_free(&out);
	buf_free(&err);
}
END_TEST

START_TEST(whole_list)
{
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;
	struct span rest, line, before = { NULL, 0 };
	size_t n = 0;

	ck_assert_int_eq(postconf("-n", &out, &err), 0);
	ck_assert_ptr_nonnull(strstr(buf_str(&out), "config_directory = /"));
	ck_assert_ptr_null(strstr(buf_str(&out), "foo"));
	ck_assert_int_eq(postconf("", &out, &err), 0);
	ck_assert_ptr_nonnull(
	    strstr(buf_str(&out), "\nmyhostname = mail.x.ci\n"));
	rest = buf_span(&out);
	while (span_line(&rest, &line)) {
		struct span name = span_head(line, span_find(line, ' '));

		ck_assert(n == 0 || span_cmp(before, name) < 0);
		before = name;
		n++;
	}
	ck_assert_uint_gt(n, 400);
	buf_free(&out);
	buf_free(&err);
}
END_TEST

static const struct {
	const char *words, *file, *want; /* part of the file after */
	const char *err;
	int code;
} changes[] = {
	{ "-e relayhost=[r]:587 'new = 1 2'", "main.cf",
	    "relayhost = [r]:587\nmydestination", "", 0 },
	{ "relayhost=x", "main.cf", "relayhost = x\n", "", 0 },
	{ "-e myhostname=", "main.cf", "# top\nmyhostname =\nfoo", "", 0 },
	{ "-e new=1", "main.cf", "forward_path = $home/x\nnew = 1\n", "", 0 },
	{ "-e mydestination=z", "main.cf",
	    "foo = bar\nmydestination = z\n  # in\nrelayhost=\nmydestination "
	    "= z\n",
	    "multiple entries for \"mydestination\"", 0 },
	{ "-# foo", "main.cf", "mail.x.ci\n#foo = bar\nmydes", "", 0 },
	{ "-X foo", "main.cf", "mail.x.ci\nmydes", "", 0 },
	{ "-X foo=1", "main.cf", main_text, "take names without =", 1 },
	{ "-e foo", "main.cf", main_text, "missing '='", 1 },
	{ "-e =x", "main.cf", main_text, "missing attribute name", 1 },
	{ "-e 'a b=x'", "main.cf", main_text, "no name of a parameter", 1 },
	{ "-e \"a=$(printf 'x\\ny')\"", "main.cf", main_text,
	    "control byte 0x0a", 1 },
	{ "-M -e '26/inet = 26 inet n - n - - smtpd -o a=b'", "master.cf",
	    "26         inet  n       -       n       -       -       "
	    "smtpd\n    -o a=b\n",
	    "", 0 },
	{ "-M -e '26/inet = 26 inet n'", "master.cf", master_text,
	    "wanted eight columns", 1 },
	{ "-M -e '26 = 26 inet n - n - - smtpd'", "master.cf", master_text,
	    "requires service_name/type", 1 },
	{ "-e new=1 new=2", "main.cf", "forward_path = $home/x\nnew = 2\n",
	    "ignoring earlier request: 'new = 1'", 0 },
	{ "-M# '*/inet'", "master.cf", "#smtp", "", 0 },
	{ "-MX '*/*'", "master.cf", "# in\n", "", 0 },
	{ "-MX 'nosuch/*'", "master.cf", master_text,
	    "unmatched service_name/type", 0 },
	{ "-MX relay/unix", "master.cf", "  -o foo=baz\n", "", 0 },
	{ "-M# relay/unix", "master.cf",
	    "#relay unix - - n - - smtp\n#  -o syslog", "", 0 },
	{ "-F '*/*/chroot=n'", "master.cf",
	    "smtp       inet  n       -       n       -       -       smtpd\n"
	    "    -o foo=baz\n# in\nrelay      unix  -       -       n",
	    "", 0 },
	{ "-F smtp/inet/nosuch=n", "master.cf", master_text,
	    "invalid service attribute name", 1 },
	{ "-P smtp/inet/foo=x smtp/inet/bar=y", "master.cf",
	    "smtpd\n    -o foo=x\n    -o bar=y\n", "", 0 },
	{ "-PX smtp/inet/foo", "master.cf", "smtpd\n# in\nrelay", "", 0 },
	{ "-P nosuch/inet/foo=x", "master.cf", master_text,
	    "unmatched service_name/type", 0 },
};

START_TEST(change)
{
	struct buf out = BUF_EMPTY, err = BUF_EMPTY, text = BUF_EMPTY;
	struct buf path = BUF_EMPTY;
	struct stat st;

	ck_assert_int_eq(
	    postconf(changes[_i].words, &out, &err), changes[_i].code);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_msg(strstr(buf_str(&err), changes[_i].err) != NULL, "%s: %s",
	    changes[_i].words, buf_str(&err));
	ck_assert(changes[_i].err[0] != '\0' || err.n == 0);
	read_file(changes[_i].file, &text);
	ck_assert_msg(strstr(buf_str(&text), changes[_i].want) != NULL,
	    "%s: %s", changes[_i].words, buf_str(&text));
	buf_printf(&path, "%s/%s", folder, changes[_i].file);
	ck_assert_int_eq(stat(buf_str(&path), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
	buf_free(&path);
	buf_free(&text);
	buf_free(&out);
	buf_free(&err);
}
END_TEST

/* A link to the file stays a link. */
START_TEST(through_link)
{
	struct buf out = BUF_EMPTY, err = BUF_EMPTY, from = BUF_EMPTY;
	struct buf to = BUF_EMPTY;
	struct stat st;

	buf_printf(&from, "%s/main.cf", folder);
	buf_printf(&to, "%s/real", folder);
	ck_assert_int_eq(rename(buf_str(&from), buf_str(&to)), 0);
	ck_assert_int_eq(symlink("real", buf_str(&from)), 0);
	ck_assert_int_eq(postconf("-e relayhost=r", &out, &err), 0);
	ck_assert_int_eq(lstat(buf_str(&from), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_eq(postconf("-h relayhost", &out, &err), 0);
	ck_assert_str_eq(buf_str(&out), "r\n");
	buf_free(&from);
	buf_free(&to);
	buf_free(&out);
	buf_free(&err);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, show, 0, UNIT_COUNT(shows));
	tcase_add_test(t, whole_list);
	tcase_add_loop_test(t, change, 0, UNIT_COUNT(changes));
	tcase_add_test(t, through_link);
}

int
main(void)
{
	return unit_main("tools/postconf", fill);
}
