/* deletions.h - messages that go, in the log: Courier's IMAP_LOG_DELETIONS */

#ifndef IMAPD_DELETIONS_H
#define IMAPD_DELETIONS_H

#include <stddef.h>
#include <stdint.h>

struct session;
struct view;

/* From now on each message that is removed through the view is logged, where
 * that is asked for: "EXPUNGED, user=, ip=[], port=[], old_name=". One that is
 * moved by a command is not: it has not gone. */
void deletions_tell(struct session *s, struct view *v);
/* Those have gone to another folder instead; they are in the view still. */
void deletions_moved(struct session *s, struct view *v, const uint32_t *at,
    size_t n, const char *folder);

#endif
