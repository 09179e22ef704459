/* test_facteur.c - facteur rc: what it says of rc files, and leaves undone */

#include <fcntl.h>
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/file.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;

static void
setup(void)
{
	base = scratch_new();
}

static void
teardown(void)
{
	scratch_free(&base);
}

/* Text into the file name of the scratch folder. */
static void
put(const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", base, name);
	int fd = file_open(AT_FDCWD, path, O_WRONLY | O_CREAT, 0600);

	ck_assert_int_eq(file_write(fd, span_str(text)), 0);
	file_close(&fd);
	free(path);
}

/* Run "facteur rc words" in the scratch folder; its exit code, and in out what
 * it prints. */
static int
run(const char *words, struct buf *out)
{
	char self[PATH_MAX], *command;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status, got;
	FILE *f;

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	command = mem_printf(
	    "cd %s && exec %s/../../bin/facteur rc %s 2>&1", base, self, words);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	buf_clear(out);
	got = file_read_all(fileno(f), 100000, out);
	status = pclose(f);
	free(command);
	ck_assert_int_eq(got, 0);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
has(const struct buf *out, const char *text)
{
	return span_search(buf_span(out), span_str(text)) < out->n;
}

START_TEST(check)
{
	struct buf out = BUF_EMPTY;

	put("good", ":0:\nbox\n");
	put("odd", "A=1\n:0\nbox\n");
	put("bad", ":0\n* (a\nx/\n");
	ck_assert_int_eq(run("check good", &out), 0);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(run("check odd", &out), 0);
	ck_assert(has(&out, "odd:2: warning: "));
	ck_assert_int_eq(run("check good bad odd", &out), 1);
	ck_assert(has(&out, "bad:2: error: invalid regexp \"(a\"; close"));
	ck_assert_int_eq(run("check none", &out), 66);
	ck_assert_int_eq(run("check", &out), 64);
	ck_assert_int_eq(run("trace", &out), 64);
	ck_assert_int_eq(run("trace -z good", &out), 64);
	ck_assert_int_eq(run("trace none </dev/null", &out), 66);
	buf_free(&out);
}
END_TEST

static const char rc[] = "MAILDIR=%s\nLOGFILE=log\nLOCKFILE=global.lock\n"
			 "V=`echo $1`\n:0 c\n* ^Subject: \\/.*\ncopy-$MATCH/\n"
			 ":0 c\n{\n:0:\nbox\n}\n"
			 ":0\n* 3^1 ^\n* ? false\nnone\n"
			 ":0 w\n* ^To: nobody\n/dev/null\n"
			 ":0 A\nx/\n:0 w\n| cat >>out\n";

/* In their order. */
static const char *const steps[] = { "rc:1: assigned \"MAILDIR=",
	"would run \"echo\" \"un\" (taken for successful)",
	"rc:6:  * \"^Subject: \\/.*\": holds", "rc:5: the recipe matches",
	"would deliver to \"copy-bonjour/\" (Maildir)", "a copy of the process",
	"would deliver to \"box\" (mailbox file)", "exit code 0",
	"the first process goes on", "rc:14:  * \"3^1 ^\": score ",
	"rc:15:  * \"? false\": holds", "would deliver to \"none\"",
	"exit code 0", NULL };
static const char *const steps_run[] = { "  runs \"echo\" \"un\"\n",
	"assigned \"V=un\"", "runs \"false\"\n  exit code 1",
	"\"? false\": does not hold", "does not match",
	"\"^To: nobody\": does not hold", "rc:20: passed over",
	"would run \"/bin/", "cat >>out", "exit code 0", NULL };

static void
follow(const struct buf *out, const char *const *wanted)
{
	struct span rest = buf_span(out);

	for (; *wanted != NULL; wanted++) {
		size_t at = span_search(rest, span_str(*wanted));

		ck_assert_msg(at < rest.n, "no \"%s\" in: %s", *wanted, out->p);
		rest = span_skip(rest, at + strlen(*wanted));
	}
}

START_TEST(trace)
{
	struct buf out = BUF_EMPTY;
	char *text = mem_printf(rc, base);

	put("rc", text);
	put("mail", "Subject: bonjour\n\nun\n");
	ck_assert_int_eq(run("trace -a un rc <mail", &out), 0);
	(void)buf_str(&out);
	follow(&out, steps);
	ck_assert_int_eq(run("trace -x -a un rc <mail", &out), 0);
	(void)buf_str(&out);
	follow(&out, steps_run);
	/* and nothing was done: the two files are all */
	ck_assert_uint_eq(scratch_count(base, "."), 2);
	free(text);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, check);
	tcase_add_test(t, trace);
}

int
main(void)
{
	return unit_main("tools/facteur", fill);
}
