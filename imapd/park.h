/* park.h - a client that waits is left to login, and taken up again */

#ifndef IMAPD_PARK_H
#define IMAPD_PARK_H

#include <stdbool.h>
#include <stdint.h>

struct session;

/* When a client that is silent from now on may be parked, as clock_ms();
 * INT64_MAX: never. */
int64_t park_time(const struct session *s);
/* Leave the client to login until something happens: true when it is done, and
 * s->state is STATE_LOGOUT with nothing more to be said. idling: inside IDLE;
 * until: when the client is to be sent away. False: go on, and try no sooner
 * than park_time(). */
bool park(struct session *s, bool idling, int64_t until);
/* What login says to an offer on the socket for parking; false too when it says
 * nothing, and then it is not to be asked again (no_park). */
bool park_answered(struct session *s);
/* The session was parked: be where it was. 0, with *idling and *until as park()
 * was given them; -1: the client was told that it must go. */
int park_resume(struct session *s, bool *idling, int64_t *until);

#endif
