/* session.h - one authenticated POP3 client (RFC 1939) */

#ifndef POP3D_SESSION_H
#define POP3D_SESSION_H

#include "base/span.h"
#include "os/stream.h"
#include "pop3d/conf.h"

struct pop3_start {
	const struct pop3_conf *conf;
	struct span user;
	const char *mail; /* the Maildir's path */
	struct span client_addr;
	unsigned client_port;
	struct span input; /* what the client has sent already */
	int in, out;
	struct stream_control control;
};

/* Answer the login and serve until the client goes; deleted mail is removed
 * only after QUIT. Logs LOGIN and LOGOUT. 0, or 1 when the mail cannot be
 * opened. */
int pop3d_session(const struct pop3_start *start);

#endif
