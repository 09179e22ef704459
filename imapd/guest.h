/* guest.h - a session of the owner's process whose client is another user's
 *
 * It is told by auth who visits. The client is taken for hostile: what a guest
 * can name and do is decided here and by rights.h.
 */

#ifndef IMAPD_GUEST_H
#define IMAPD_GUEST_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct buf;
struct command;
struct imap_conf;
struct session;

/* A guest is served. */
bool guest_is(const struct session *s);
/* What a guest's session goes by: conf, with names as shared.h has them. Lives
 * in the arena. */
const struct imap_conf *
guest_conf(const struct imap_conf *conf, struct arena *a);
/* The command is one that a guest has: none that is about the account. */
bool guest_may(const struct command *c);
/* Groups in s->who, and the name of the owner's INBOX. False: it cannot be
 * visited. */
bool guest_begin(struct session *s, struct arena *a);

#endif
