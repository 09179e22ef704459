/*
 * sieve.c - facteur sieve check: what is wrong with Sieve scripts
 *
 * One line for each error: file, line, column, what it is, and what to do
 * about it.
 */

#include "tools/facteur/sieve.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/arena.h"
#include "sieve/script.h"
#include "tools/facteur/checker.h"

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

int
sieve_main(const char *program, char **argv)
{
	const struct checker c = {
		.most = sieve_limits_usual.bytes + 1,
		.check = check_text,
		.trace = sieve_trace,
		.usage = usage,
	};

	return checker_main(&c, program, argv);
}
