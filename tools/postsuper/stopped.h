/* stopped.h - postsuper's work on the files themselves, without a qmgr */

#ifndef TOOLS_POSTSUPER_STOPPED_H
#define TOOLS_POSTSUPER_STOPPED_H

#include <stdbool.h>
#include <stdint.h>

#include "calls/showq_call.h"

struct stopped;
struct tool;

/* Takes the lock that qmgr has while it lives, and puts into the queue what
 * only the accept log has. The process is mail_owner's from then on. Ends it
 * where qmgr runs after all, or the log cannot be read. */
struct stopped *stopped_open(const struct tool *t);
/* As showq_do: id empty, all; with queue only those of that folder. How many it
 * was done to. */
uint64_t stopped_do(
    struct stopped *s, enum showq_op op, const char *id, const char *queue);
/* postsuper -s: names, places and modes; and -p: what was never finished. With
 * queue only of that folder. */
void stopped_structure(struct stopped *s, const char *queue);
void stopped_purge(struct stopped *s, const char *queue);
/* Flushes what was changed. False, and said: not all of that will last. */
bool stopped_close(struct stopped **s);

/* Become mail_owner. Ends the process when that fails. */
void stopped_become_owner(const struct tool *t);
/* Remove from maildrop/ or corrupt/, which are not qmgr's, beside it or without
 * it: one, or all with an id of "". How many. */
uint64_t
stopped_remove(const struct tool *t, const char *id, const char *queue);

#endif
