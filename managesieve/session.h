/* session.h - one authenticated ManageSieve client (RFC 5804) */

#ifndef MANAGESIEVE_SESSION_H
#define MANAGESIEVE_SESSION_H

#include "base/span.h"
#include "managesieve/conf.h"
#include "os/stream.h"

struct managesieve_start {
	const struct managesieve_conf *conf;
	struct span user;
	const char *home;
	struct span client_addr;
	unsigned client_port;
	struct span input; /* what the client has sent already */
	int in, out;
	struct stream_control control;
};

/* Answer the login and serve until the client goes. Logs LOGIN and LOGOUT. */
void managesieve_session(const struct managesieve_start *start);

#endif
