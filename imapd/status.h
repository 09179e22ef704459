/* status.h - STATUS for more than the command of that name */

#ifndef IMAPD_STATUS_H
#define IMAPD_STATUS_H

#include "base/span.h"

struct session;
struct view_status;

/* Tell these items, bits of enum imap_status_item, of a folder. */
void status_put(struct session *s, struct span name, unsigned items,
    const struct view_status *st);

#endif
