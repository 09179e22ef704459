/* notify.h - telling what happens in all mailboxes, at any time (RFC 5465) */

#ifndef IMAPD_NOTIFY_H
#define IMAPD_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/stream.h"

struct session;

/* What is to be told of the selected mailbox, bits of enum imap_event: all
 * until the client says otherwise, and all of what its own command does. */
unsigned notify_wants(const struct session *s);
/* Expunges may be told whenever there are some. */
bool notify_expunges(const struct session *s);
/* Of new messages in the selected mailbox, from place first on, what the client
 * wants to see, unless they are its own. */
void notify_new(struct session *s, size_t first);

/* Look what has happened in other mailboxes, and tell it. */
void notify_tell(struct session *s);
/* Take for known what a command of this client has done. */
void notify_own(struct session *s);
/* As stream_wait() until a command comes; what happens meanwhile is told. */
enum stream_result notify_wait(struct session *s, int64_t until);
/* For who waits by himself: readable when something may have happened; to be
 * closed. -1: nothing is asked for. */
int notify_wake_fd(struct session *s);
/* What is asked for is forgotten. */
void notify_forget(struct session *s);

#endif
