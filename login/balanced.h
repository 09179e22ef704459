/* balanced.h - clients that come through a load balancer */

#ifndef LOGIN_BALANCED_H
#define LOGIN_BALANCED_H

#include <stdbool.h>

#include "os/sock.h"

struct login;

/* What the balancer has said of one. */
struct balanced {
	struct address balancer; /* the other end of the connection */
	struct address from, to; /* the client, and what it has connected to */
};

/* From the configuration. Ends the process when that is ill-formed. */
void balanced_open(struct login *l);
/* Must this connection begin with a PROXY header? */
bool balanced_expected(const struct login *l, const struct address *peer);
/* Takes fd: a session begins when the header is there. */
void balanced_start(struct login *l, int fd, const struct address *peer);
/* Some have not said yet whom they are for. */
bool balanced_waiting(const struct login *l);
void balanced_end(struct login *l);
/* Is a connection with this other end that of via, or via NULL? */
bool balanced_is(const struct balanced *via, const struct address *peer);

#endif
