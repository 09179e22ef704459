/* uses.h - what folders are for, by their names (RFC 6154) */

#ifndef IMAPD_USES_H
#define IMAPD_USES_H

#include "mailbox/use.h"

struct session;

/* At the first login of a user, which is when there are no subscriptions yet:
 * make the folders that the configuration names, but those for whose use there
 * is one, and subscribe to all folders. Trouble is logged. */
void uses_first_login(struct session *s);

#endif
