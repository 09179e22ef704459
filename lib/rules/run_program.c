/*
 * run_program.c - commands: cutting them into words, running them
 *
 * No shell unless a byte of SHELLMETAS stands in the line. The environment is
 * the run's variables and nothing else.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "rules/run.h"
#include "rules/vars.h"

enum {
	TIMEOUT_MAX = 86400,
	CODE_OF_TRAP = -2,
	CODE_NONE = -1,
	CODE_MASK = 255
};

/* What has a byte of SHELLMETAS is the shell's, and "test", and what is too
 * long to be cut by us. */
void
run_command_make(struct agent *a, struct span text, struct run_command *out)
{
	const char *metas = vars_text(a->vars, "SHELLMETAS");

	*out = (struct run_command){ .shell =
					 span_find_any(text, metas) < text.n };
	if (!out->shell && run_expand(a, text, EXPAND_WORDS, &out->words) &&
	    !span_is(word_at(&out->words, 0), "test"))
		return;
	out->shell = true;
	words_clear(&out->words);
	words_add(&out->words, text);
}

bool
run_command_is_empty(const struct run_command *c)
{
	return !c->shell && c->words.count == 1 && c->words.bytes.n == 1;
}

void
run_command_free(struct run_command *c)
{
	words_free(&c->words);
}

struct span
run_command_name(const struct run_command *c)
{
	return word_at(&c->words, 0);
}

void
run_command_folder(const struct run_command *c, struct buf *out)
{
	words_join(&c->words, 0, out);
}

/* The words of the command with the run's arguments where "$@" was. */
static void
whole(struct agent *a, const struct run_command *c, struct words *out)
{
	struct span rest = buf_span(&c->words.bytes), word;
	size_t given = a->s.arg_count - a->shifted;

	for (size_t i = 0; i < c->words.count; i++) {
		(void)span_cut(&rest, '\0', &word);
		if (!c->words.has_args || given == 0 ||
		    (size_t)(word.p + word.n - c->words.bytes.p) !=
			c->words.args_at) {
			words_add(out, word);
			continue;
		}
		for (size_t n = 0; n < given; n++)
			words_add(out, span_str(a->s.args[a->shifted + n]));
	}
}

static char **
arguments(struct agent *a, const struct run_command *c,
    const struct words *words, struct arena *mem)
{
	char **argv = arena_array(mem, words->count + 4, sizeof(*argv));
	struct span rest = buf_span(&words->bytes), word;
	size_t n = 0;

	if (c->shell) {
		argv[n++] = arena_str(mem, vars_text(a->vars, "SHELL"));
		if (argv[0][0] == '\0')
			argv[0] = arena_str(mem, "/bin/sh");
		argv[n++] = arena_str(mem, vars_text(a->vars, "SHELLFLAGS"));
	}
	for (size_t i = 0; i < words->count; i++) {
		(void)span_cut(&rest, '\0', &word);
		argv[n++] = arena_span_str(mem, word);
	}
	return argv;
}

static void
say_executing(struct agent *a, const struct words *words)
{
	struct buf line = BUF_EMPTY;

	if (!run_is_verbose(a))
		return;
	buf_add_span(&line, buf_span(&words->bytes));
	buf_cut(&line, line.n - 1);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\0')
			line.p[i] = ',';
	run_say_name(a, "Executing", buf_span(&line));
	buf_free(&line);
}

/* TIMEOUT, and no more than is left of the run. */
static int64_t
time_limit_ms(struct agent *a)
{
	long seconds = a->numbers[NUMBER_TIMEOUT];
	int64_t left = run_time_left_ms(a), own;

	own = 1000 *
	    (int64_t)(seconds <= 0 || seconds > TIMEOUT_MAX ? TIMEOUT_MAX
							    : seconds);
	return own < left ? own : left;
}

void
run_command(struct agent *a, const struct run_command *c, struct program *p)
{
	struct words words = { .count = 0 };
	struct arena *mem;

	if (run_late(a) || !run_may_start(a)) {
		p->not_started = true;
		p->status = a->status = PROGRAM_NOT_RUN;
		return;
	}
	mem = arena_new();

	whole(a, c, &words);
	p->argv = arguments(a, c, &words, mem);
	p->env = vars_environment(a->vars, mem);
	p->limits = a->s.limits;
	p->error_fd = run_log_fd(a);
	p->stop = a->s.stop;
	p->limit_ms = time_limit_ms(a);
	say_executing(a, &words);
	words_free(&words);
	a->ops.program(a->s.ctx, p);
	p->argv = p->env = NULL;
	p->limits = NULL;
	arena_free(&mem);
	if (p->timed_out)
		run_say_name(a, "Timeout, terminating", run_command_name(c));
	if (p->not_started)
		agent_say(a, "Couldn't start \"%.*s\": %s",
		    (int)run_command_name(c).n, run_command_name(c).p,
		    strerror(errno));
	if (p->wait)
		a->status = p->status;
}

static void
whole_letter(struct agent *a, struct pieces *out)
{
	const struct letter_how how = { .end_line = true };

	letter_render(a->letter, &how, out);
}

void
run_backtick(void *agent, struct span text, size_t room, struct buf *out)
{
	struct agent *a = agent;
	struct pieces input = { .count = 0 };
	struct program p = { .input = &input,
		.output = out,
		.output_max = SMALL_OUTPUT_MAX,
		.output_fd = -1,
		.wait = true,
		.asks = true };
	struct run_command c;

	letter_show_joined(a->letter, false);
	whole_letter(a, &input);
	run_command_make(a, text, &c);
	c.words.has_args = false; /* as procmail has it */
	run_command(a, &c, &p);
	if (out->n > room || p.output_cut)
		run_say_name(
		    a, "Excessive output quenched from", run_command_name(&c));
	if (out->n > room)
		buf_cut(out, room);
	while (out->n > 0 && out->p[out->n - 1] == '\n')
		out->n--;
	run_command_free(&c);
	pieces_free(&input);
}

static int
trap_ends(struct agent *a, const char *trap)
{
	struct pieces input = { .count = 0 };
	struct program p = { .input = &input, .wait = true };
	struct run_command c;
	char *text = mem_str(trap);

	p.output_fd = run_log_fd(a);
	whole_letter(a, &input);
	run_command_make(a, span_str(text), &c);
	run_command(a, &c, &p);
	run_command_free(&c);
	pieces_free(&input);
	free(text);
	return p.status;
}

int
run_trap(struct agent *a, int code)
{
	const char *trap = vars_text(a->vars, "TRAP");
	const char *set = vars_get_str(a->vars, "EXITCODE");
	long users = CODE_NONE;
	char digits[16];
	int got;

	if (a->exit_set && set != NULL) {
		users = vars_number(set, CODE_OF_TRAP);
	} else if (*trap != '\0') {
		(void)snprintf(digits, sizeof(digits), "%d", code);
		run_verbose(a, "Assigning \"EXITCODE=%s\"", digits);
		vars_set_str(a->vars, "EXITCODE", digits);
	}
	a->code_is_users = users >= 0;
	if (users >= 0)
		code = (int)(users & CODE_MASK);
	got = *trap == '\0' ? 0 : trap_ends(a, trap);
	if (users != CODE_OF_TRAP || got == 0)
		return code;
	a->code_is_users = true;
	return got & CODE_MASK;
}
