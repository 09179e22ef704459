/*
 * trace.c - facteur rc trace: what an rc file would do with a message
 *
 * The agent runs as ever, with actions that only tell. Programs are not run but
 * taken for successful, unless -x asks for those that decide something; those
 * that the message would end in are never run.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/users.h"
#include "rules/agent.h"
#include "rules/agent_serve.h"
#include "rules/deposit.h"
#include "rules/expand.h"
#include "rules/letter.h"
#include "rules/options.h"
#include "rules/program.h"
#include "rules/score.h"
#include "rules/vars.h"
#include "tools/facteur/rc.h"

enum { MESSAGE_MAX = 1 << 30, SHOWN_MAX = 200, ARGUMENTS_MAX = 100 };

struct trace {
	bool runs; /* -x */
	const char *args[ARGUMENTS_MAX];
	size_t arg_count;
	char *file;
};

/* All that comes from the message or its environment is printed so. */
static void
print_quoted(struct span s)
{
	struct buf plain = BUF_EMPTY;

	log_quote(&plain, s, SHOWN_MAX);
	printf("\"%s\"", buf_str(&plain));
	buf_free(&plain);
}

/* ---- the steps */

static void
told_condition(const struct agent_event *e)
{
	printf("  * ");
	print_quoted(e->text);
	if (e->weighed)
		printf(": score %ld\n", score_shown(e->sum));
	else
		printf(": %s\n", e->holds ? "holds" : "does not hold");
}

static void
event(void *ctx, const struct agent_event *e)
{
	(void)ctx;
	printf("%s:%d:", e->file, e->line);
	switch (e->what) {
	case AGENT_ASSIGNED:
		printf(" assigned ");
		print_quoted(e->text);
		printf("\n");
		break;
	case AGENT_CONDITION:
		told_condition(e);
		break;
	case AGENT_PASSED:
		printf(" passed over: its flags ask for another recipe\n");
		break;
	case AGENT_MATCHED:
		printf(" the recipe matches\n");
		break;
	case AGENT_UNMATCHED:
		printf(" the recipe does not match\n");
		break;
	}
}

static bool
tell_deposit(void *ctx, struct deposit *d)
{
	struct buf names = BUF_EMPTY;

	(void)ctx;
	words_join(d->names, 0, &names);
	printf("  would deliver to ");
	print_quoted(buf_span(&names));
	printf(" (%s)\n", deposit_kind(d));
	d->named(d->ctx, word_at(d->names, 0));
	buf_free(&names);
	return true;
}

static void
tell_program(void *ctx, struct program *p)
{
	const struct trace *t = ctx;
	bool runs = t->runs && p->asks;

	printf("  %s", runs ? "runs" : "would run");
	for (size_t i = 0; p->argv[i] != NULL; i++) {
		printf(" ");
		print_quoted(span_str(p->argv[i]));
	}
	printf(runs || !p->asks ? "\n" : " (taken for successful)\n");
	if (!runs) {
		p->status = 0;
		return;
	}
	program_run(p);
	printf("  exit code %d\n", p->status);
}

static int
tell_output(void *ctx, struct span bytes)
{
	(void)ctx;
	printf("  would write %zu bytes to standard output\n", bytes.n);
	return 0;
}

/* The copy comes first, then we go on. */
static pid_t
copy(void *ctx)
{
	siginfo_t info;
	pid_t pid;

	(void)ctx;
	printf("  a copy of the process runs the block:\n");
	pid = fork();
	if (pid <= 0)
		return pid;
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == -1)
		if (errno != EINTR)
			break;
	printf("  the first process goes on:\n");
	return pid;
}

static void
told_delivered(void *ctx)
{
	(void)ctx;
	printf("  would tell the caller that it is delivered\n");
}

static const struct agent_ops ops = { .deposit = tell_deposit,
	.program = tell_program,
	.output = tell_output,
	.clone = copy,
	.delivered = told_delivered,
	.event = event };

/* ---- the run */

static struct vars *
first_vars(struct arena *a)
{
	struct account user = { .name = "nobody", .home = "/", .shell = "" };
	struct vars *v = vars_new();
	char host[256] = "localhost";
	char *box;

	(void)users_find_uid(a, getuid(), &user);
	(void)gethostname(host, sizeof(host) - 1);
	box = arena_printf(a, "/var/mail/%s", user.name);
	vars_set_str(v, "HOST", host);
	vars_set_str(v, "LOGNAME", user.name);
	vars_set_str(v, "HOME", user.home);
	vars_set_str(v, "SHELL", *user.shell == '\0' ? "/bin/sh" : user.shell);
	vars_set_str(v, "PATH",
	    arena_printf(a, "%s/bin:/usr/local/bin:/usr/bin:/bin", user.home));
	vars_set_str(v, "ORGMAIL", box);
	vars_set_str(v, "DEFAULT", box);
	return v;
}

static int
run(struct trace *t, struct span message)
{
	char name[] = "procmail";
	char *argv[] = { name, t->file, NULL };
	struct arena *a = arena_new();
	struct agent_start start = { .ops = &ops,
		.ctx = t,
		.name = name,
		.letter = letter_new(message, true),
		.vars = first_vars(a),
		.args = t->args,
		.arg_count = t->arg_count,
		.log_fd = STDOUT_FILENO,
		.dry = true };
	struct agent_serve serve = { .failure = EX_CANTCREAT };
	struct agent *agent;
	struct options o;
	int code;

	options_parse(2, argv, &o);
	serve.options = &o;
	agent = agent_new(&start);
	code = agent_serve(agent, &serve);
	printf("exit code %d\n", code);
	if (agent_is_clone(agent))
		_exit(code);
	agent_free(&agent);
	options_free(&o);
	arena_free(&a);
	return EX_OK;
}

static bool
parse(struct trace *t, char **argv)
{
	for (; *argv != NULL && **argv == '-'; argv++) {
		if (strcmp(*argv, "-x") == 0)
			t->runs = true;
		else if (strcmp(*argv, "-a") == 0 && argv[1] != NULL &&
		    t->arg_count < ARGUMENTS_MAX)
			t->args[t->arg_count++] = *++argv;
		else
			return false;
	}
	if (*argv == NULL || argv[1] != NULL)
		return false;
	/* The run changes its folder before it reads the file. */
	t->file = realpath(*argv, NULL);
	if (t->file == NULL)
		t->file = mem_str(*argv);
	return true;
}

int
rc_trace(const char *program, char **argv)
{
	struct trace t = { .runs = false };
	struct buf message = BUF_EMPTY;
	int code = EX_NOINPUT;

	if (!parse(&t, argv))
		return EX_USAGE;
	(void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	(void)signal(SIGPIPE, SIG_IGN);
	if (access(t.file, R_OK) == -1)
		fprintf(
		    stderr, "%s: %s: %s\n", program, t.file, strerror(errno));
	else if (file_read_all(STDIN_FILENO, MESSAGE_MAX, &message) == -1)
		fprintf(stderr, "%s: standard input: %s\n", program,
		    strerror(errno));
	else
		code = run(&t, buf_span(&message));
	buf_free(&message);
	free(t.file);
	return code;
}
