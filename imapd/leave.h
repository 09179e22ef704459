/* leave.h - the client goes back to login, as one that has not logged in (RFC
 * 8437)
 */

#ifndef IMAPD_LEAVE_H
#define IMAPD_LEAVE_H

#include <stdbool.h>

struct session;

/* Is there a way back? */
bool leave_can(const struct session *s);

#endif
