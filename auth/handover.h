/* handover.h - giving a client to a process of its user */

#ifndef AUTH_HANDOVER_H
#define AUTH_HANDOVER_H

#include <stdbool.h>

#include "calls/auth_call.h"

typedef void handover_fn(void *arg, bool taken);

/* Send start to service ("imapd", "pop3d"); start->fd, start->park and
 * start->held are closed here in any case. fn is called from the loop: taken
 * when its child closed its end, which it does once it has the packet. */
void handover(const char *service, const struct session_start *start,
    handover_fn *fn, void *arg);

#endif
