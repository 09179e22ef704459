/* ground.h - what the mail system stands on: for facteur check and status */

#ifndef TOOLS_FACTEUR_GROUND_H
#define TOOLS_FACTEUR_GROUND_H

#include <stdbool.h>
#include <sys/types.h>

struct tool;

/* problem: mail is lost, waits, or cannot come; else somebody should look. */
typedef void ground_fn(bool problem, const char *text);

/* The spool's folders and their owners, room on its disk. What may not be
 * looked at, for want of rights, is passed over. */
void ground_spool(const struct tool *t, ground_fn *say);
/* Certificates and keys that are not there, tables that were not compiled, or
 * not since they were changed. */
void ground_files(const struct tool *t, ground_fn *say);
/* "2 smtpd, 1 qmgr, ..." of the processes that master has started; the string
 * is the caller's. */
char *ground_processes(pid_t master);

#endif
