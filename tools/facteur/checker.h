/* checker.h - "check FILE ..." and "trace ...", for languages of rules */

#ifndef TOOLS_FACTEUR_CHECKER_H
#define TOOLS_FACTEUR_CHECKER_H

#include <stddef.h>

#include "base/span.h"

struct checker {
	size_t most; /* octets of a file */
	/* Say what is wrong: 0, or 1 when it is an error. */
	int (*check)(const char *name, struct span text);
	int (*trace)(const char *program, char **argv);
	int (*usage)(const char *program); /* EX_USAGE */
};

/* argv: the words behind the language's name, NULL behind the last. The exit
 * status: the worst of all files. */
int checker_main(const struct checker *c, const char *program, char **argv);

#endif
