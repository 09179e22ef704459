/* dotlock.h - lock files, as mail programs on a shared spool understand them
 */

#ifndef MAILBOX_DOTLOCK_H
#define MAILBOX_DOTLOCK_H

#include <stdbool.h>

#include "os/file.h"

enum dotlock_result {
	DOTLOCK_TAKEN,
	DOTLOCK_HELD, /* by somebody else: try again later */
	DOTLOCK_TROUBLE /* errno says what */
};

/* Try once to make the lock file name below dir: a file of our own linked to
 * that name, which works on NFS too. It holds our pid in its first line and the
 * machine's boot id in the second. A lock whose holder is gone (a pid of this
 * boot that lives no more, or a lock of an earlier boot) is broken once it is 5
 * seconds old; any other when stale_s is not 0 and it was not touched for that
 * long. Never blocks. */
enum dotlock_result
dotlock_try(int dir, const char *name, int stale_s) MUST_USE;
/* Remove it, if it is still ours. */
void dotlock_drop(int dir, const char *name);
/* Show that we are alive while holding it long. */
void dotlock_touch(int dir, const char *name);

#endif
