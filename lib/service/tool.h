/* tool.h - what the commands of administrators and users have in common */

#ifndef SERVICE_TOOL_H
#define SERVICE_TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct arena;
struct main_cf;
struct packet_in;
struct packet_out;

struct tool {
	const char *name; /* for messages: "postqueue" */
	const char *folder; /* of the configuration */
	struct main_cf *cf;
	struct arena *values; /* that were asked for */
	bool logs; /* what is said is logged besides */
};

/* Read the configuration (-c DIR as given, or NULL). Ends the process with 78
 * (EX_CONFIG) and a message on trouble. Messages go to standard error. */
void tool_open(struct tool *t, const char *argv0, const char *given);
/* A parameter, expanded; the string lives as long as the process. */
const char *tool_value(const struct tool *t, const char *parameter);
/* Connect to public/NAME of the spool, 60 s limit; -1 with errno. */
int tool_connect(const struct tool *t, const char *name);
/* Wait for answers on fd as long as that. */
void tool_patience(int fd, int64_t seconds);
/* Ask on *fd, a connection to NAME. When it is closed without an answer, as by
 * a service that a reload replaces, the same is asked on a new one, for ten
 * seconds, since a queue manager may need some to end: so only what may be done
 * twice. The rest as ask(). */
int tool_ask(const struct tool *t, const char *name, int *fd,
    struct packet_out *o, struct packet_in *in);
/* A program of ours beside this one: run it in our place. Ends the process
 * with 71 when that fails. */
void tool_exec(const struct tool *t, const char *program, char **argv)
    __attribute__((noreturn));
/* For tools of root: from now on lines of base/log.h go where the mail system
 * logs (or nowhere, when that cannot be opened), as "postfix/NAME", and so does
 * what the functions below say. */
void tool_log(struct tool *t);
/* "NAME: fatal: ..." and exit with code. */
void tool_fatal(const struct tool *t, int code, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
void tool_say(const struct tool *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void tool_warn(const struct tool *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
