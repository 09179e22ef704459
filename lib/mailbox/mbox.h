/* mbox.h - appending to a mailbox file (RFC 4155), locked and undone on failure
 */

#ifndef MAILBOX_MBOX_H
#define MAILBOX_MBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"
#include "base/why.h"

struct store_piece;

/* Open the box called name below dir (or AT_FDCWD with a path) for append; made
 * with mode, and its folder flushed, when it is not there. An existing box
 * keeps owner and mode. Refused (-1, why; DEFER): what is no regular file, has
 * a second name, is a link, or belongs neither to the effective uid nor to
 * owner (-1: no other; MBOX_ANYBODY: whoever has it). */
#define MBOX_ANYBODY ((uid_t)-2)
int mbox_open(int dir, const char *name, mode_t mode, uid_t owner,
    struct why *why) __attribute__((warn_unused_result));

/* A box being locked; a value, zero it but for the settings. */
struct mbox_lock {
	int fd; /* the box */
	int dir; /* where the lock file goes */
	const char *name; /* of the box; the lock is name.lock */
	bool no_dotlock; /* kernel lock only */
	int stale_s; /* age at which any lock file is broken; 0: never */
	bool held, dot_held;
};

/* Both locks, in the order of Debian's policy: the kernel's first, then the
 * file; neither is held while waiting for the other. The kernel's lock belongs
 * to the open file: it goes along with a descriptor that is passed on, and
 * stops programs that use fcntl(). -1, why (DEFER): still held after wait_ms,
 * or the lock file cannot be made. */
int mbox_lock(struct mbox_lock *l, int64_t wait_ms, struct why *why)
    __attribute__((warn_unused_result));
void mbox_unlock(struct mbox_lock *l);
/* True when name still is the file that fd has open: a reader may have put
 * another in its place before the lock was ours. */
bool mbox_is_current(int fd, int dir, const char *name);

struct mbox_how {
	struct span from; /* the whole line "From x  date" without its end;
			   * empty: the message brings its own */
	bool quote; /* put '>' before each other line that begins "From " */
	uint64_t shield_at,
	    shield_n; /* bytes of the message not to be quoted */
};

/* Append the message, an empty line before it if one is missing and one behind
 * it, and flush; with how NULL the bytes as they are and no more. The box is
 * locked by the caller. After any failure it has its old length again, and the
 * outcome is DEFER. */
enum outcome mbox_append(int fd, const struct store_piece *pieces, size_t n,
    const struct mbox_how *how, struct why *why);

/* All of it: open, lock (wait_ms), check, append, unlock. */
struct mbox_place {
	int dir;
	const char *name;
	mode_t mode;
	bool no_dotlock;
	int64_t wait_ms;
};
enum outcome
mbox_deliver(const struct mbox_place *where, const struct store_piece *pieces,
    size_t n, const struct mbox_how *how, struct why *why);

#endif
