/* checker.c - "check FILE ..." and "trace ...", for languages of rules */

#include "tools/facteur/checker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "os/file.h"

static int
check_file(const struct checker *c, const char *program, const char *name)
{
	struct buf text = BUF_EMPTY;
	int code = EX_NOINPUT;

	if (file_read_path(name, c->most, &text) == -1)
		fprintf(stderr, "%s: %s: %s\n", program, name, strerror(errno));
	else
		code = c->check(name, buf_span(&text));
	buf_free(&text);
	return code;
}

int
checker_main(const struct checker *c, const char *program, char **argv)
{
	int code = EX_OK;

	if (argv[0] == NULL || argv[1] == NULL)
		return c->usage(program);
	if (strcmp(argv[0], "trace") == 0) {
		code = c->trace(program, argv + 1);
		return code == EX_USAGE ? c->usage(program) : code;
	}
	if (strcmp(argv[0], "check") != 0)
		return c->usage(program);
	for (argv++; *argv != NULL; argv++) {
		int got = check_file(c, program, *argv);

		code = got > code ? got : code;
	}
	return code;
}
