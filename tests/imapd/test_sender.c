/* test_sender.c - imapd/sender.h */

#include "imapd/sender.h"

#include <stdio.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "imapd/session.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base, *program;
static struct imap_conf conf;

static void
setup(void)
{
	base = scratch_new();
	program = mem_printf("%s/program", base);
	conf.sendmail = program;
	conf.outbox_header = "X-Sender";
	conf.origin = "example.test";
}

static void
teardown(void)
{
	free(program);
	scratch_free(&base);
}

static void
write_program(const char *body)
{
	char *text = mem_printf("#!/bin/sh\ncd %s\n%s\n", base, body);

	scratch_write(base, "program", text);
	ck_assert_int_eq(chmod(program, 0700), 0);
	free(text);
}

static int
send_text(int sender, const char *text)
{
	char *path = mem_printf("%s/message", base);
	int fd, code;

	scratch_write(base, "message", text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	code = sender_send(sender, fd);
	close(fd);
	free(path);
	return code;
}

static void
has(const char *file, const char *text)
{
	char *got = scratch_read(base, file);

	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, text);
	free(got);
}

/* Nothing of a name is an option or a header of its own. */
static const struct {
	const char *user, *address, *header;
} users[] = {
	{ "fb00", "fb00@example.test", "fb00@example.test" },
	{ "a@b.test", "a@b.test", "a@b.test" },
	{ "-x", "-x@example.test", "-x@example.test" },
	{ "a\nTo: b", "a\nTo: b@example.test", "a?To: b@example.test" },
	{ "\xc3\xa9", "\xc3\xa9@example.test", "??@example.test" },
};

START_TEST(arguments)
{
	int sender = sender_start(&conf, span_str(users[_i].user));
	char *args = mem_printf("-oi\n-t\n-f\n%s\n", users[_i].address);
	char *mail =
	    mem_printf("X-Sender: %s\nTo: a\n\n.\nx\n", users[_i].header);

	write_program("printf '%s\\n' \"$@\" >args; cat >mail");
	ck_assert_int_ne(sender, -1);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(send_text(sender, "To: a\n\n.\nx\n"), EX_OK);
		has("args", args);
		has("mail", mail);
	}
	close(sender);
	free(args);
	free(mail);
}
END_TEST

static const struct {
	const char *body;
	int code;
} programs[] = {
	{ "cat >/dev/null; exit 75", EX_TEMPFAIL },
	{ "exit 64", EX_USAGE },
	{ "cat >/dev/null; kill -9 $$", EX_TEMPFAIL },
	/* it has not read what it says it has sent */
	{ "exit 0", EX_TEMPFAIL },
	{ NULL, EX_UNAVAILABLE },
};

START_TEST(failures)
{
	int sender = sender_start(&conf, span_str("fb00"));
	char *large = mem_resize(NULL, 200001, 1);

	memset(large, 'x', 200000);
	large[200000] = '\0';
	if (programs[_i].body != NULL)
		write_program(programs[_i].body);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(send_text(sender, large), programs[_i].code);
	close(sender);
	free(large);
}
END_TEST

/* It has nothing of what the session has, and ends with it. */
START_TEST(alone)
{
	int ends[2], sender, status;
	char c;

	ck_assert_int_eq(pipe(ends), 0);
	sender = sender_start(&conf, span_str("fb00"));
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &c, 1), 0);
	close(sender);
	ck_assert_int_gt(wait(&status), 0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(ends[0]);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, arguments, 0, UNIT_COUNT(users));
	tcase_add_loop_test(t, failures, 0, UNIT_COUNT(programs));
	tcase_add_test(t, alone);
}

int
main(void)
{
	return unit_main("imapd/sender", fill);
}
