/* test_program.c - rules/program.h */

#include "rules/program.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "rules/letter.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *env_pairs[] = { NULL, NULL };

static void
setup(void)
{
	env_pairs[0] = mem_str("PATH=/usr/bin:/bin");
	(void)signal(SIGPIPE, SIG_IGN);
}

static void
teardown(void)
{
	free(env_pairs[0]);
}

static void
run(struct program *p, const char *script, struct span input)
{
	char *argv[] = { mem_str("/bin/sh"), mem_str("-c"), mem_str(script),
		NULL };
	struct pieces in = { .count = 0 };

	pieces_add(&in, input);
	p->argv = argv;
	p->env = env_pairs;
	p->input = &in;
	p->output_fd = p->error_fd = -1;
	if (p->limit_ms == 0)
		p->limit_ms = 20000;
	program_run(p);
	pieces_free(&in);
	for (int i = 0; i < 3; i++)
		free(argv[i]);
}

START_TEST(in_and_out)
{
	struct buf out = BUF_EMPTY;
	struct program p = { .output = &out, .output_max = 100, .wait = true };

	run(&p, "cat; echo \"$PATH $HOME\"; exit 3", SPAN("hello\n"));
	ck_assert_int_eq(p.status, 3);
	ck_assert(span_is(buf_span(&out), "hello\n/usr/bin:/bin \n"));
	buf_free(&out);
}
END_TEST

/* More than any pipe holds, both ways at once. */
START_TEST(large_both_ways)
{
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	struct program p = {
		.output = &out, .output_max = 10000000, .wait = true
	};

	while (text.n < 2000000)
		buf_add_str(&text, "a line of text\n");
	run(&p, "cat", buf_span(&text));
	ck_assert_int_eq(p.status, 0);
	ck_assert(span_eq(buf_span(&text), buf_span(&out)));
	buf_free(&text);
	buf_free(&out);
}
END_TEST

START_TEST(does_not_read)
{
	struct buf text = BUF_EMPTY;
	struct program p = { .wait = true };

	while (text.n < 2000000)
		buf_add_str(&text, "a line of text\n");
	run(&p, "exec true", buf_span(&text));
	ck_assert(p.write_failed);
	ck_assert_int_eq(p.status, 0);
	buf_free(&text);
}
END_TEST

/* Little text: the pipe takes it before there is a program. */
START_TEST(does_not_read_little)
{
	struct program p = { .wait = true };

	run(&p, "exec true", SPAN("a line\n"));
	ck_assert(!p.write_failed && p.left_unread);
	ck_assert_int_eq(p.status, 0);
	run(&p, "cat >/dev/null", SPAN("a line\n"));
	ck_assert(!p.write_failed && !p.left_unread);
	run(&p, "exec true", SPAN(""));
	ck_assert(!p.left_unread);
}
END_TEST

START_TEST(output_limit)
{
	struct buf out = BUF_EMPTY;
	struct program p = { .output = &out, .output_max = 1000, .wait = true };

	run(&p, "exec yes", SPAN(""));
	ck_assert(p.output_cut);
	ck_assert_int_lt(p.status, 0);
	buf_clear(&out);
	p = (struct program){ .output = &out,
		.output_max = 1000,
		.output_spills = true,
		.wait = true };
	run(&p, "yes | head -n 10000; exit 4", SPAN(""));
	ck_assert_int_eq(p.status, 4);
	ck_assert_uint_eq(out.n, 1000);
	buf_free(&out);
}
END_TEST

/* The whole group ends, also what was started in the background. */
START_TEST(time_limit)
{
	char *base = scratch_new(), *script;
	struct program p = { .wait = true, .limit_ms = 200 };

	script = mem_printf("trap '' HUP; sleep 60000 & echo $! >%s/pid; "
			    "sleep 60000",
	    base);
	run(&p, script, SPAN(""));
	ck_assert(p.timed_out);
	ck_assert_int_eq(p.status, -SIGTERM);
	free(script);
	script = scratch_read(base, "pid");
	UNIT_WAIT(kill((pid_t)strtol(script, NULL, 10), 0) == -1);
	ck_assert_int_eq(errno, ESRCH);
	free(script);
	scratch_free(&base);
}
END_TEST

START_TEST(not_found)
{
	struct buf out = BUF_EMPTY;
	char *argv[] = { mem_str("no-such-program-here"), NULL };
	struct pieces none = { .count = 0 };
	struct program p = { .argv = argv,
		.env = env_pairs,
		.input = &none,
		.output = &out,
		.output_max = 1000,
		.error_to_output = true,
		.output_fd = -1,
		.wait = true,
		.limit_ms = 10000 };

	program_run(&p);
	ck_assert_int_eq(p.status, PROGRAM_NOT_FOUND);
	ck_assert(span_is(
	    buf_span(&out), "procmail: no-such-program-here: not found\n"));
	free(argv[0]);
	buf_free(&out);
}
END_TEST

START_TEST(limits)
{
	const struct program_limits l = {
		.file_size = 1000, .files = 20, .memory = 64 << 20
	};
	char *base = scratch_new(), *script;
	struct program p = { .wait = true, .limits = &l };

	script = mem_printf("head -c 5000 /dev/zero >%s/file; test $(wc -c <"
			    "%s/file) = 1000 && test $(ulimit -n) = 20 && "
			    "test $(ulimit -d) = 65536",
	    base, base);
	run(&p, script, SPAN(""));
	ck_assert_int_eq(p.status, 0);
	free(script);
	scratch_free(&base);
}
END_TEST

START_TEST(stopped)
{
	volatile sig_atomic_t stop = 1;
	struct program p = { .wait = true, .stop = &stop };

	run(&p, "sleep 60000", SPAN(""));
	ck_assert_int_eq(p.status, -SIGTERM);
}
END_TEST

/* Nothing of ours is open in it, whatever its flags. */
START_TEST(descriptors)
{
	struct program p = { .wait = true };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(dup2(fd, 57), 57);
	run(&p, "test -e /proc/self/fd/0 && test ! -e /proc/self/fd/57",
	    SPAN(""));
	ck_assert_int_eq(p.status, 0);
	(void)close(57);
	file_close(&fd);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, in_and_out);
	tcase_add_test(t, large_both_ways);
	tcase_add_test(t, does_not_read);
	tcase_add_test(t, does_not_read_little);
	tcase_add_test(t, output_limit);
	tcase_add_test(t, time_limit);
	tcase_add_test(t, not_found);
	tcase_add_test(t, limits);
	tcase_add_test(t, stopped);
	tcase_add_test(t, descriptors);
}

int
main(void)
{
	return unit_main("rules/program", fill);
}
