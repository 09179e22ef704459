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

enum { TIMEOUT_MAX = 86400 };

/* "test" is the shell's, which procmail lets do it. */
static bool
is_test(struct span text)
{
	struct span word = { NULL, 0 };

	return span_word(&text, " \t\n", &word) && span_is(word, "test");
}

bool
run_command_make(struct agent *a, struct span text, struct run_command *out)
{
	const char *metas = vars_text(a->vars, "SHELLMETAS");

	*out = (struct run_command){ .shell =
					 span_find_any(text, metas) < text.n ||
		    (*metas != '\0' && is_test(text)) };
	if (!out->shell)
		return run_expand(a, text, EXPAND_WORDS, &out->words);
	words_add(&out->words, text);
	return true;
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

static char **
arguments(struct agent *a, const struct run_command *c, struct arena *mem)
{
	char **argv = arena_array(mem, c->words.count + 4, sizeof(*argv));
	struct span rest = buf_span(&c->words.bytes), word;
	size_t n = 0;

	if (c->shell) {
		argv[n++] = arena_str(mem, vars_text(a->vars, "SHELL"));
		if (argv[0][0] == '\0')
			argv[0] = arena_str(mem, "/bin/sh");
		argv[n++] = arena_str(mem, vars_text(a->vars, "SHELLFLAGS"));
	}
	for (size_t i = 0; i < c->words.count; i++) {
		(void)span_cut(&rest, '\0', &word);
		argv[n++] = arena_span_str(mem, word);
	}
	return argv;
}

static void
say_executing(struct agent *a, const struct run_command *c)
{
	struct buf line = BUF_EMPTY;

	if (!run_is_verbose(a))
		return;
	buf_add_span(&line, buf_span(&c->words.bytes));
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
	struct arena *mem;

	if (run_late(a) || !run_may_start(a)) {
		p->not_started = true;
		p->status = a->status = PROGRAM_NOT_RUN;
		return;
	}
	mem = arena_new();

	p->argv = arguments(a, c, mem);
	p->env = vars_environment(a->vars, mem);
	p->limits = a->s.limits;
	p->error_fd = run_log_fd(a);
	p->stop = a->s.stop;
	p->limit_ms = time_limit_ms(a);
	say_executing(a, c);
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
run_backtick(void *agent, struct span text, struct buf *out)
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

	whole_letter(a, &input);
	if (run_command_make(a, text, &c) && c.words.count > 0)
		run_command(a, &c, &p);
	run_command_free(&c);
	pieces_free(&input);
	if (out->n > SMALL_OUTPUT_MAX)
		buf_cut(out, SMALL_OUTPUT_MAX);
	while (out->n > 0 && out->p[out->n - 1] == '\n')
		out->n--;
}

void
run_trap(struct agent *a, int code)
{
	const char *trap = vars_get_str(a->vars, "TRAP");
	struct pieces input = { .count = 0 };
	struct program p = { .input = &input, .wait = true };
	struct run_command c;
	char *text, digits[16];

	if (trap == NULL || *trap == '\0')
		return;
	p.output_fd = run_log_fd(a);
	text = mem_str(trap);
	(void)snprintf(digits, sizeof(digits), "%d", code);
	if (a->users_code == INT_MIN) {
		run_verbose(a, "Assigning \"EXITCODE=%s\"", digits);
		vars_set_str(a->vars, "EXITCODE", digits);
	}
	whole_letter(a, &input);
	if (run_command_make(a, span_str(text), &c) && c.words.count > 0)
		run_command(a, &c, &p);
	run_command_free(&c);
	pieces_free(&input);
	free(text);
}
