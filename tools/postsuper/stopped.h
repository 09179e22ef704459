/* stopped.h - postsuper's work on the files themselves, without a qmgr */

#ifndef TOOLS_POSTSUPER_STOPPED_H
#define TOOLS_POSTSUPER_STOPPED_H

#include <stdint.h>

#include "calls/showq_call.h"

struct stopped;
struct tool;

/* Takes the lock that qmgr has while it lives. Ends the process where qmgr runs
 * after all, or where the accept log has mail that only qmgr can put back. */
struct stopped *stopped_open(const struct tool *t);
/* As showq_do: id empty, all; with queue only those of that folder. How many it
 * was done to. */
uint64_t stopped_do(
    struct stopped *s, enum showq_op op, const char *id, const char *queue);
/* Flushes what was changed. 0; -1 with errno. */
int stopped_close(struct stopped **s);

#endif
