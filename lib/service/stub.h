/* stub.h - becoming the user of a session: for imapd, pop3d and managesieve */

#ifndef SERVICE_STUB_H
#define SERVICE_STUB_H

#include <stdbool.h>

struct packet_in;
struct session_start;

/* Read a session's packet and become its user for good: groups, uid, home as
 * the working folder, log ident, umask, sandbox. Root and a packet that asks
 * for it are refused. The client's descriptor blocks then. The user's folder in
 * own_dirs (os/own_dir.h; or nothing) is made before. -1: logged. */
int stub_begin(struct packet_in *in, struct session_start *start,
    const char *own_dirs) __attribute__((warn_unused_result));
/* For stream_control: the control socket fd is readable. True when the system
 * stops or master is gone; a reload lets sessions be. */
bool stub_must_stop(int fd);

#endif
