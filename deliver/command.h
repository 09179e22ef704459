/* command.h - a command gets the message, as the user */

#ifndef DELIVER_COMMAND_H
#define DELIVER_COMMAND_H

#include "base/span.h"
#include "base/why.h"

struct mail;
struct program;
struct program_limits;

/* Run it with the message on its standard input. why tells how it ended. */
enum outcome
command_deliver(struct mail *m, struct span command, struct why *why);
/* What an exit code means to the sender (sysexits.h, RFC 3463). */
enum outcome command_outcome(
    int status, struct span command, struct span output, struct why *why);
/* Put what a command printed, on one line, behind the text of why. */
void command_add_output(
    struct why *why, struct span output, const char *before, const char *after);
/* For every command of a user. */
void command_limits(const struct mail *m, struct program_limits *out);
/* One that is waited for and whose output is kept, within these limits; limits
 * must outlive it. argv, env, input and output are the caller's to set. */
void command_program(
    const struct mail *m, struct program_limits *limits, struct program *out);
/* Does a shell have to read it? */
bool command_wants_shell(struct span command);

#endif
