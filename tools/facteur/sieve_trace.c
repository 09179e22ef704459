/*
 * sieve_trace.c - facteur sieve trace: what a script would do with a message
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/file.h"
#include "rules/vacation.h"
#include "sieve/run.h"
#include "sieve/script.h"
#include "sieve/words.h"
#include "tools/facteur/sieve.h"

enum { MESSAGE_MAX = 256 << 20, SHOWN_MAX = 200, INCLUDED_MAX = 256 };

struct trace {
	const char *file;
	const char *from, *to;
	struct arena *arena;
	/* what was included, so that it is the same one next time */
	const char *paths[INCLUDED_MAX];
	const struct sieve_script *scripts[INCLUDED_MAX];
	size_t count;
};

static void
place(const struct trace *t, struct span in, int line)
{
	printf("%s%s%.*s:%d: ", t->file, in.n > 0 ? ", included " : "",
	    (int)in.n, in.n > 0 ? in.p : "", line);
}

static void
event(void *ctx, struct span in, const struct sieve_node *n, bool holds)
{
	const struct trace *t = ctx;

	place(t, in, n->line);
	if (n->word->is_test)
		printf("%s %s\n", n->word->name,
		    holds ? "holds" : "does not hold");
	else
		printf("%s\n", n->word->name);
}

static void
print_errors(const char *file, const struct sieve_script *s)
{
	for (size_t i = 0; i < s->error_count; i++)
		printf("%s:%d:%d: error: %s; %s\n", file, s->errors[i].line,
		    s->errors[i].column, s->errors[i].what,
		    s->errors[i].remedy);
}

/* NULL: there is no such file. */
static const struct sieve_script *
included(struct trace *t, const char *path)
{
	struct buf text = BUF_EMPTY;
	const struct sieve_script *s = NULL;
	size_t i = 0;

	while (i < t->count && strcmp(t->paths[i], path) != 0)
		i++;
	if (i < t->count)
		return t->scripts[i];
	if (i < INCLUDED_MAX &&
	    file_read_path(path, sieve_limits_usual.bytes + 1, &text) == 0) {
		s = sieve_script_new(t->arena, buf_span(&text), NULL);
		print_errors(path, s);
		t->paths[i] = path;
		t->scripts[t->count++] = s;
	}
	buf_free(&text);
	return s;
}

/* Beside the script, or in the folder sieve there: as they lie in a home. */
static enum sieve_included
include(
    void *ctx, struct span name, bool global, const struct sieve_script **out)
{
	struct trace *t = ctx;
	struct span file = span_str(t->file);
	struct span folder = span_head(file, span_rfind(file, '/'));

	(void)global;
	if (folder.n == file.n)
		folder = SPAN(".");
	*out = included(t,
	    arena_printf(t->arena, "%.*s/%.*s.sieve", (int)folder.n, folder.p,
		(int)name.n, name.p));
	if (*out == NULL)
		*out = included(t,
		    arena_printf(t->arena, "%.*s/sieve/%.*s.sieve",
			(int)folder.n, folder.p, (int)name.n, name.p));
	if (*out == NULL)
		return SIEVE_MISSING;
	return (*out)->error_count == 0 ? SIEVE_INCLUDED : SIEVE_BROKEN;
}

static bool
any_mailbox(void *ctx, struct span name)
{
	(void)ctx;
	(void)name;
	return true;
}

static void
show(const struct sieve_action *a)
{
	static const char *const kinds[] = { [SIEVE_KEEP] = "keep in",
		[SIEVE_FILEINTO] = "file into",
		[SIEVE_REDIRECT] = "redirect to",
		[SIEVE_REJECT] = "reject with",
		[SIEVE_VACATION] = "answer with" };
	struct buf line = BUF_EMPTY;

	log_quote(&line, a->kind == SIEVE_VACATION ? a->vacation.text : a->text,
	    SHOWN_MAX);
	printf("  would %s \"%.*s\"", kinds[a->kind], (int)line.n,
	    line.n == 0 ? "" : line.p);
	for (size_t i = 0; i < a->flag_count; i++)
		printf("%s%.*s", i == 0 ? ", flags " : " ", (int)a->flags[i].n,
		    a->flags[i].p);
	printf("%s\n", a->head.p == NULL ? "" : ", the header changed");
	buf_free(&line);
}

static int
run(struct trace *t, struct sieve_script *s, struct span message)
{
	const struct sieve_ops ops = {
		.ctx = t,
		.mailbox_exists = any_mailbox,
		.include = include,
		.event = event,
	};
	struct sieve_message m = { .text = message,
		.to = span_str(t->to),
		.now = clock_wall(),
		.delimiters = "+",
		.host = "localhost",
		.domain = "localdomain" };
	struct sieve_result result;
	struct span line;

	if (t->from != NULL)
		m.from = span_str(t->from);
	else
		(void)vacation_sender(t->arena, message, &m.from);
	if (span_starts(m.text, "From "))
		(void)span_line(&m.text, &line);
	if (!sieve_run(s, t->arena, &m, &ops, &result)) {
		place(t, result.in, result.line);
		printf("failed: %s\n", result.what);
	}
	for (size_t i = 0; i < result.count; i++)
		show(&result.actions[i]);
	if (result.count == 0)
		printf("  would discard it\n");
	return EX_OK;
}

static int
load_and_run(struct trace *t, struct span text, struct span message)
{
	struct sieve_script *s = sieve_script_new(t->arena, text, NULL);

	print_errors(t->file, s);
	if (s->error_count == 0)
		return run(t, s, message);
	printf("  would keep in \"INBOX\"\n");
	return 1;
}

static bool
parse(struct trace *t, char **argv)
{
	for (; *argv != NULL && **argv == '-'; argv++) {
		if (strcmp(*argv, "-f") == 0 && argv[1] != NULL)
			t->from = *++argv;
		else if (strcmp(*argv, "-t") == 0 && argv[1] != NULL)
			t->to = *++argv;
		else
			return false;
	}
	t->file = *argv;
	return *argv != NULL && argv[1] == NULL;
}

int
sieve_trace(const char *program, char **argv)
{
	struct trace t = { .to = "" };
	struct buf text = BUF_EMPTY, message = BUF_EMPTY;
	int code = EX_NOINPUT;

	if (!parse(&t, argv))
		return EX_USAGE;
	t.arena = arena_new();
	if (file_read_path(t.file, sieve_limits_usual.bytes + 1, &text) == -1)
		fprintf(
		    stderr, "%s: %s: %s\n", program, t.file, strerror(errno));
	else if (file_read_all(STDIN_FILENO, MESSAGE_MAX, &message) == -1)
		fprintf(stderr, "%s: standard input: %s\n", program,
		    strerror(errno));
	else
		code = load_and_run(&t, buf_span(&text), buf_span(&message));
	buf_free(&text);
	buf_free(&message);
	arena_free(&t.arena);
	return code;
}
