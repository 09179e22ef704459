/* side_file.h - small files beside a folder's messages, read and written whole
 */

#ifndef MAILBOX_SIDE_FILE_H
#define MAILBOX_SIDE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct maildir;
struct why;

/* Set why by errno, which is kept: "cannot read FOLDER/FILE: ...". Returns -1.
 */
int side_trouble(const struct maildir *m, const char *what, const char *file,
    struct why *why);
/* Append the file. 1 when it was there, 0 when it was not; -1 with errno, EFBIG
 * above max bytes. */
int side_read(int dir, const char *file, size_t max, struct buf *out)
    __attribute__((warn_unused_result));
/* Others who want to change a file of the folder wait until the descriptor is
 * closed, and so do we, but not for ever (wait_ms 0: UIDLIST_LOCK_MS). -1: why,
 * errno is ETIMEDOUT. */
int side_lock(const struct maildir *m, const char *file, int64_t wait_ms,
    struct why *why) __attribute__((warn_unused_result));

#endif
