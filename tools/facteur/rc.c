/*
 * rc.c - facteur rc check: what is wrong with rc files
 *
 * One line for each finding: file, line, error or warning, what it is, and what
 * to do about it.
 */

#include "tools/facteur/rc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "os/file.h"
#include "rules/check.h"
#include "rules/rc.h"

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

static int
check_file(const char *program, const char *name)
{
	struct buf text = BUF_EMPTY;
	int code = EX_NOINPUT;

	if (file_read_path(name, RC_BYTES_MAX, &text) == -1)
		fprintf(stderr, "%s: %s: %s\n", program, name, strerror(errno));
	else
		code = check_text(name, buf_span(&text));
	buf_free(&text);
	return code;
}

int
rc_main(const char *program, char **argv)
{
	int code = EX_OK;

	if (argv[0] == NULL || argv[1] == NULL)
		return usage(program);
	if (strcmp(argv[0], "trace") == 0) {
		code = rc_trace(program, argv + 1);
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
