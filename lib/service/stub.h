/* stub.h - becoming the user of a session: for imapd, pop3d and managesieve */

#ifndef SERVICE_STUB_H
#define SERVICE_STUB_H

#include <stdbool.h>

struct packet_in;
struct session_start;

struct stub_how {
	/* The user's folder is made there (os/own_dir.h); empty or NULL: none.
	 */
	const char *own_dirs;
	/* What only the user can do who is not in the sandbox yet; or NULL. */
	void (*as_user)(const struct session_start *start, void *arg);
	void *arg;
};

/* Read a session's packet and become its user for good: groups, uid, home as
 * the working folder, log ident, umask, sandbox. Root and a packet that asks
 * for it are refused. The client's descriptor blocks then. how may be NULL. -1:
 * logged. */
int stub_begin(struct packet_in *in, struct session_start *start,
    const struct stub_how *how) __attribute__((warn_unused_result));
/* For stream_control: the control socket fd is readable. True when the system
 * stops or master is gone; a reload lets sessions be. */
bool stub_must_stop(int fd);

#endif
