/* shared.h - names of other users' folders: "#shared.OWNER.FOLDER"
 *
 * An owner's INBOX is "#shared.OWNER" and its folders lie below; inside his own
 * imapd they are called INBOX and "INBOX." and so on, so one front of a name
 * stands for the other. In an owner's name '^' stands for the separator '.'.
 */

#ifndef IMAPD_SHARED_H
#define IMAPD_SHARED_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct imap_conf;
struct session;

/* Append the name of owner's INBOX. False: he has a name that cannot be shown.
 */
bool shared_base(const struct imap_conf *c, struct span owner, struct buf *out);
/* The name lies among other users' folders. */
bool shared_has(const struct imap_conf *c, struct span name);
/* Append whose it is. False: nobody's. */
bool
shared_owner(const struct imap_conf *c, struct span name, struct buf *owner);

/* Of a guest's session: a name as its client says it, and as we do, appended.
 * False: it lies outside of what a guest sees. */
bool shared_inward(const struct session *s, struct span name, struct buf *out);
void shared_outward(const struct session *s, struct span name, struct buf *out);

#endif
