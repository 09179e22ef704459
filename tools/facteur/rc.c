/*
 * rc.c - facteur rc check: what is wrong with rc files
 *
 * One line for each finding: file, line, error or warning, what it is, and what
 * to do about it.
 */

#include "tools/facteur/rc.h"

#include <stdio.h>
#include <sysexits.h>

#include "rules/check.h"
#include "rules/rc.h"
#include "tools/facteur/checker.h"

static int
usage(const char *program)
{
	fprintf(stderr,
	    "usage: %s rc check file ...\n"
	    "       %s rc trace [-x] [-a argument] file < message\n",
	    program, program);
	return EX_USAGE;
}

/* 1 if there is an error in it. */
static int
check_text(const char *name, struct span text)
{
	struct check *c = check_rc(text);
	int code = EX_OK;

	for (size_t i = 0; i < check_count(c); i++) {
		const struct check_finding *f = check_at(c, i);
		bool error = f->level == CHECK_ERROR;

		printf("%s:%d: %s: %s; %s\n", name, f->line,
		    error ? "error" : "warning", f->what, f->remedy);
		code = error ? 1 : code;
	}
	check_free(&c);
	return code;
}

int
rc_main(const char *program, char **argv)
{
	const struct checker c = {
		.most = RC_BYTES_MAX,
		.check = check_text,
		.trace = rc_trace,
		.usage = usage,
	};

	return checker_main(&c, program, argv);
}
