/*
 * sieve.c - facteur sieve check: what is wrong with Sieve scripts
 *
 * One line for each error: file, line, column, what it is, and what to do
 * about it.
 */

#include "tools/facteur/sieve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "os/file.h"
#include "sieve/script.h"

static int
usage(const char *program)
{
	fprintf(stderr,
	    "usage: %s sieve check file ...\n"
	    "       %s sieve trace [-f sender] [-t recipient] file "
	    "< message\n",
	    program, program);
	return EX_USAGE;
}

/* 1 if there is an error in it. */
static int
check_text(const char *name, struct span text)
{
	struct arena *a = arena_new();
	const struct sieve_script *s = sieve_script_new(a, text, NULL);
	int code = s->error_count > 0;

	for (size_t i = 0; i < s->error_count; i++)
		printf("%s:%d:%d: error: %s; %s\n", name, s->errors[i].line,
		    s->errors[i].column, s->errors[i].what,
		    s->errors[i].remedy);
	arena_free(&a);
	return code;
}

static int
check_file(const char *program, const char *name)
{
	struct buf text = BUF_EMPTY;
	int code = EX_NOINPUT;

	if (file_read_path(name, sieve_limits_usual.bytes + 1, &text) == -1)
		fprintf(stderr, "%s: %s: %s\n", program, name, strerror(errno));
	else
		code = check_text(name, buf_span(&text));
	buf_free(&text);
	return code;
}

int
sieve_main(const char *program, char **argv)
{
	int code = EX_OK;

	if (argv[0] == NULL || argv[1] == NULL)
		return usage(program);
	if (strcmp(argv[0], "trace") == 0) {
		code = sieve_trace(program, argv + 1);
		return code == EX_USAGE ? usage(program) : code;
	}
	if (strcmp(argv[0], "check") != 0)
		return usage(program);
	for (argv++; *argv != NULL; argv++) {
		int got = check_file(program, *argv);

		code = got > code ? got : code;
	}
	return code;
}
