/* ask.h - asking another of our services, blocking: for tools and for
 * processes that serve one client */

#ifndef IPC_ASK_H
#define IPC_ASK_H

#include <stdint.h>

#include "ipc/packet.h"

/* Connect, blocking, with limits on both directions. -1 with errno. */
int ask_connect(const char *path, int64_t limit_ms)
    __attribute__((warn_unused_result));
/* Send o and wait for the answer with its id. -1 with errno (ETIMEDOUT,
 * EPIPE, EPROTO). in is the caller's: packet_in_done() it at the end. */
int ask(int fd, struct packet_out *o, struct packet_in *in)
    __attribute__((warn_unused_result));

#endif
