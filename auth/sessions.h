/* sessions.h - how many sessions a user and an address have
 *
 * Each session that is counted has one end of a pair of sockets, which it holds
 * until it ends, however that is; the other end is here. login holds it of
 * those that wait there without a process.
 */

#ifndef AUTH_SESSIONS_H
#define AUTH_SESSIONS_H

#include <stdbool.h>

#include "base/span.h"

struct auth_conf;
struct loop;
struct sessions;

struct sessions *sessions_new(const struct auth_conf *conf, struct loop *loop);
void sessions_free(struct sessions **s);

/* protocol: "imap", "pop3" or "sieve"; "visit": of the visitor. */
struct session_of {
	struct span protocol, user, client_addr;
};

/* Over a limit? Then text says over which. */
bool sessions_full(
    const struct sessions *s, const struct session_of *who, const char **text);
/* One more: the descriptor for it to hold, the caller's; -1: nothing is
 * counted. */
int sessions_begin(struct sessions *s, const struct session_of *who);

#endif
