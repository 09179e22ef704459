/* share.h - asking auth, by way of login, about folders that users share */

#ifndef IMAPD_SHARE_H
#define IMAPD_SHARE_H

#include <stdbool.h>

#include "base/span.h"

struct session;

/* Others' folders can be reached from this session. */
bool share_can(const struct session *s);
/* A connection to an imapd of the owner's, where we are a guest: blocking, the
 * caller's. -1: *denied says that he shares nothing, else it is trouble, which
 * was logged. */
int share_visit(struct session *s, struct span owner, bool *denied);
/* The owners who share something with us, in the command's memory, sorted. */
struct span *share_owners(struct session *s, size_t *count);

/* A list has changed: auth's index is told whom the lists of all folders name.
 * What cannot be told now is told later. */
void share_tell(struct session *s);
/* The same, once a day, for what other programs have changed. */
void share_tell_daily(struct session *s);

#endif
