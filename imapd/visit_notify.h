/* visit_notify.h - NOTIFY about other users' folders (RFC 5465)
 *
 * Each owner's imapd is asked to tell, by a connection for that alone.
 */

#ifndef IMAPD_VISIT_NOTIFY_H
#define IMAPD_VISIT_NOTIFY_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct imap_notify;
struct notify_others;
struct session;

/* Have watched what of asked is others': its names are full ones. The state of
 * now is told where that is asked for. NULL, and *out, which is NULL when there
 * is nothing to watch; else the code of a no. */
const char *notify_others_begin(struct session *s,
    const struct imap_notify *asked, struct notify_others **out);
void notify_others_free(struct notify_others **o);
/* Those connections are readable when something has happened. */
void notify_others_poll(const struct notify_others *o, int epoll);
/* Tell what has come. False: one of them is over, and nobody watches there any
 * more. */
bool notify_others_tell(struct session *s, struct notify_others *o);

/* Pure: a whole line that tells of a mailbox, by STATUS, LIST or METADATA. */
struct visit_told {
	struct span name; /* as the wire has it */
	struct span old; /* that of before; p NULL: none is told */
};
bool visit_told(struct arena *a, struct span line, struct visit_told *out);

#endif
