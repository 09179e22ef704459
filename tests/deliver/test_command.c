/* test_command.c - deliver/command.h, and what names procmail */

#include "deliver/command.h"

#include "deliver/filter.h"
#include "tests/unit.h"

static const struct {
	int status;
	const char *output;
	enum outcome outcome;
	const char *dsn, *text;
} ends[] = {
	{ 0, "ignored", DONE, "2.0.0", "delivered to command: cmd" },
	{ 67, "", BOUNCE, "5.1.1", "user unknown" },
	{ 75, "later\nplease\n", DEFER, "4.3.0",
	    "temporary failure. Command output: later please" },
	{ 73, "", BOUNCE, "5.2.0", "can't create user output file" },
	{ 1, "\x1b[1mno\r\n", BOUNCE, "5.3.0",
	    "Command died with status 1: \"cmd\". Command output: ?[1mno" },
	{ 127, "", DEFER, "4.3.0", "Command could not be run: \"cmd\"" },
	{ -9, "", DEFER, "4.3.0", "Command died with signal 9: \"cmd\"" },
};

START_TEST(ended)
{
	struct why why;

	why_init(&why);
	ck_assert_int_eq(command_outcome(ends[_i].status, SPAN("cmd"),
			     span_str(ends[_i].output), &why),
	    ends[_i].outcome);
	ck_assert_str_eq(why.status, ends[_i].dsn);
	ck_assert_str_eq(why_text(&why), ends[_i].text);
	why_free(&why);
}
END_TEST

static const struct {
	const char *command;
	bool shell, ours;
} commands[] = {
	{ "/usr/bin/procmail", false, true },
	{ "/usr/bin/procmail -a \"$EXTENSION\" -t", true, true },
	{ "exec /usr/bin/procmail -t", true, true },
	{ "procmail", false, true },
	{ "/usr/bin/procmail -t || exit 75", true, false },
	{ "/usr/bin/procmail2", false, false },
	{ "/usr/bin/maildrop -d ${USER}", true, false },
	{ "/usr/bin/maildrop -x", false, false },
	{ "exit 3", true, false },
	{ "A=b cmd", true, false },
	{ "", true, false },
};

START_TEST(kinds)
{
	struct span c = span_str(commands[_i].command);

	ck_assert_msg(command_wants_shell(c) == commands[_i].shell, "%s",
	    commands[_i].command);
	ck_assert_msg(
	    filter_is_ours(c) == commands[_i].ours, "%s", commands[_i].command);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, ended, 0, UNIT_COUNT(ends));
	tcase_add_loop_test(t, kinds, 0, UNIT_COUNT(commands));
}

int
main(void)
{
	return unit_main("deliver/command", fill);
}
