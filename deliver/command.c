/*
 * command.c - a command gets the message, as the user
 *
 * Run directly where no byte of it means anything to a shell. What it prints
 * goes into the reason of a failure. Data of the message reach it on standard
 * input and, filtered, in the environment, never in its words.
 */

#include "deliver/command.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "calls/delivery_call.h"
#include "deliver/conf.h"
#include "deliver/forward.h"
#include "deliver/mail.h"
#include "os/users.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "rules/vars.h"

enum { OUTPUT_MAX = 4096, OUTPUT_SHOWN = 400, PROCESSES_MAX = 1000 };

static const struct {
	int code;
	const char *status;
	const char *words;
} codes[] = {
	{ 64, "5.3.0", "command line usage error" },
	{ 65, "5.6.0", "data format error" },
	{ 66, "5.3.0", "cannot open input" },
	{ 67, "5.1.1", "user unknown" },
	{ 68, "5.1.2", "host name unknown" },
	{ 69, "5.3.0", "service unavailable" },
	{ 70, "5.3.0", "internal software error" },
	{ 71, "5.3.0", "system resource problem" },
	{ 72, "5.3.0", "critical OS file missing" },
	{ 73, "5.2.0", "can't create user output file" },
	{ 74, "5.3.0", "input/output error" },
	{ 75, "4.3.0", "temporary failure" },
	{ 76, "5.3.0", "remote error in protocol" },
	{ 77, "5.7.0", "permission denied" },
	{ 78, "5.3.5", "local configuration error" },
};

bool
command_wants_shell(struct span command)
{
	/* also words that only a shell knows: "exec", "test", "exit" ... */
	static const char *const builtins[] = { "exec", "exit", "cd", "umask",
		"set", "eval", "if", "for", "while", "case", "export", ".",
		":" };
	struct span rest = command, word;

	if (span_find_any(command, "*?[]{}()<>|&;$\"'`\\~!#\n=%") < command.n)
		return true;
	if (!span_word(&rest, " \t", &word))
		return true;
	for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++)
		if (span_is(word, builtins[i]))
			return true;
	return false;
}

void
command_limits(const struct mail *m, struct program_limits *out)
{
	const struct deliver_conf *c = m->place->conf;

	/* who asks for them is about to begin one */
	*m->place->begun = true;
	*out = (struct program_limits){
		.cpu_s = (uint64_t)c->command_time_limit,
		.file_size = c->mailbox_size_limit,
		.processes = PROCESSES_MAX,
	};
}

void
command_add_output(
    struct why *why, struct span output, const char *before, const char *after)
{
	struct buf line = BUF_EMPTY;
	struct span part;
	char status[sizeof(why->status)];

	output = span_trim(output);
	if (output.n == 0)
		return;
	memcpy(status, why->status, sizeof(status));
	buf_add_str(&line, why_text(why));
	while (span_word(&output, " \t\r\n", &part)) {
		buf_add_str(&line, before);
		log_quote(&line, part, OUTPUT_SHOWN);
		before = " ";
	}
	buf_cut(&line, OUTPUT_SHOWN * 2);
	buf_add_str(&line, after);
	why_set(why, status, "%.*s", (int)line.n, line.p);
	buf_free(&line);
}

enum outcome
command_outcome(
    int status, struct span command, struct span output, struct why *why)
{
	int n = command.n < 200 ? (int)command.n : 200;
	size_t i = 0, count = sizeof(codes) / sizeof(*codes);

	if (status == 0) {
		why_set(
		    why, "2.0.0", "delivered to command: %.*s", n, command.p);
		return DONE;
	}
	while (i < count && codes[i].code != status)
		i++;
	if (i < count)
		why_set(why, codes[i].status, "%s", codes[i].words);
	else if (status < 0)
		why_set(why, "4.3.0", "Command died with signal %d: \"%.*s\"",
		    -status, n, command.p);
	else if (status == PROGRAM_NOT_FOUND || status == PROGRAM_NOT_RUN)
		why_set(why, "4.3.0", "Command could not be run: \"%.*s\"", n,
		    command.p);
	else
		why_set(why, "5.3.0", "Command died with status %d: \"%.*s\"",
		    status, n, command.p);
	command_add_output(why, output, ". Command output: ", "");
	return why->outcome;
}

static char **
words_of(struct mail *m, struct span command)
{
	const char *shell = m->place->conf->local_command_shell;
	size_t n = 0, room;
	struct span rest, word;
	char **argv;

	if (shell[0] == '\0' && command_wants_shell(command))
		shell = "/bin/sh -c";
	rest = span_str(shell);
	room = (rest.n + command.n) / 2 + 4;
	argv = arena_array(m->arena, room, sizeof(*argv));
	while (span_word(&rest, " \t", &word))
		argv[n++] = arena_span_str(m->arena, word);
	if (n > 0) {
		argv[n++] = arena_span_str(m->arena, command);
		return argv;
	}
	rest = command;
	while (span_word(&rest, " \t", &word))
		argv[n++] = arena_span_str(m->arena, word);
	return argv;
}

void
command_program(
    const struct mail *m, struct program_limits *limits, struct program *out)
{
	command_limits(m, limits);
	*out = (struct program){ .output_max = OUTPUT_MAX,
		.output_spills = true,
		.output_fd = -1,
		.error_fd = -1,
		.error_to_output = true,
		.wait = true,
		.limit_ms = m->place->conf->command_time_limit * 1000,
		.limits = limits };
}

static enum outcome
run(struct mail *m, struct span command, struct span message, struct why *why)
{
	struct vars *env = mail_environment(m);
	struct pieces input = { .count = 0 };
	struct buf output = BUF_EMPTY;
	struct program_limits limits;
	struct program p;

	command_program(m, &limits, &p);
	p.input = &input;
	p.output = &output;
	pieces_add(&input, message);
	p.argv = words_of(m, command);
	p.env = vars_environment(env, m->arena);
	program_run(&p);
	if (p.not_started)
		why_set(
		    why, "4.3.0", "cannot run a command: %s", strerror(errno));
	else if (p.timed_out)
		why_set(why, "4.3.0", "Command time limit exceeded: \"%.*s\"",
		    (int)span_head(command, 200).n, command.p);
	else
		(void)command_outcome(
		    p.status, command, buf_span(&output), why);
	vars_free(&env);
	pieces_free(&input);
	buf_free(&output);
	return why->outcome;
}

/* command_execution_directory, where there is one. */
static bool
directory_enter(const struct mail *m, struct why *why)
{
	struct span text =
	    span_str(m->place->conf->command_execution_directory);
	struct buf path = BUF_EMPTY;
	bool good = text.n == 0;

	if (!good) {
		*m->place->at_home = false;
		good = forward_expand(m, text, &path) &&
		    chdir(buf_str(&path)) == 0;
		if (!good)
			why_set(why, "4.3.5",
			    "cannot enter command_execution_directory \"%s\"",
			    buf_str(&path));
	}
	buf_free(&path);
	return good;
}

enum outcome
command_deliver(struct mail *m, struct span command, struct why *why)
{
	struct buf message = BUF_EMPTY;
	enum outcome got;

	command = span_trim(command);
	if (command.n == 0)
		why_set(why, "5.3.5", "empty command");
	else if (!directory_enter(m, why))
		log_warning("%s: %s", m->place->user->name, why_text(why));
	else if (!mail_read(m, true, m->trace_command, &message))
		why_set(why, "4.3.0", "cannot read the queue file: %s",
		    strerror(errno));
	else
		(void)run(m, command, buf_span(&message), why);
	got = why->outcome;
	buf_free(&message);
	return got;
}
