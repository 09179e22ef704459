/* agent_serve.h - the way of a message through all its rc files */

#ifndef RULES_AGENT_SERVE_H
#define RULES_AGENT_SERVE_H

#include <stddef.h>

struct agent;
struct options;

struct agent_serve {
	const struct options *options;
	void *ctx;
	/* The user's own rc file, path, is next: become him for good. -1:
	 * could not, so the run ends. May be NULL. */
	int (*own_next)(void *ctx, const char *path);
	int failure; /* exit code when there was no place for the message */
};

/* Assignments of the command line, then the rc files it names; or else
 * /etc/procmailrc and $HOME/.procmailrc; then DEFAULT and ORGMAIL; the end.
 * Returns the exit code. */
int agent_serve(struct agent *a, const struct agent_serve *s);

#endif
