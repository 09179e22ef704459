/* sieve_script.h - a user's Sieve scripts: found, read, and kept */

#ifndef DELIVER_SIEVE_SCRIPT_H
#define DELIVER_SIEVE_SCRIPT_H

#include "sieve/run.h"

struct mail;
struct sieve_shelf;
struct why;

/* What a child keeps of scripts between messages. A file that has changed since
 * is read again. */
struct sieve_shelf *sieve_shelf_new(void);

enum sieve_found {
	SIEVE_NO_SCRIPT,
	SIEVE_SCRIPT, /* *out, without errors */
	SIEVE_WRONG, /* it has errors, the log has the first */
	SIEVE_UNREADABLE /* why */
};

/* The first file of sieve_script. What is given stays as it is until the next
 * call, whatever becomes of the file. */
enum sieve_found sieve_script_find(struct mail *m,
    const struct sieve_script **out, const char **path, struct why *why);
/* A script of sieve_dir or sieve_global_dir, as sieve_ops has it. */
enum sieve_included sieve_script_include(struct mail *m, struct span name,
    bool global, const struct sieve_script **out);

#endif
