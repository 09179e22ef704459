/* trash.h - what Courier's imapd does with the trash */

#ifndef IMAPD_TRASH_H
#define IMAPD_TRASH_H

#include <stddef.h>
#include <stdint.h>

struct session;
struct why;

/* Remove these \Deleted messages of the selected folder, or move them to the
 * trash where IMAP_MOVE_EXPUNGE_TO_TRASH says so; they are to be told as gone.
 * -1 and why: some may not have gone. */
int trash_expunge(struct session *s, const uint32_t *at, size_t n,
    struct why *why) __attribute__((warn_unused_result));
/* At a session's end, when nothing is selected: IMAP_EMPTYTRASH. */
void trash_empty(struct session *s);

#endif
