/* link.h - one end of a packet socket in an event loop */

#ifndef IPC_LINK_H
#define IPC_LINK_H

#include "ipc/packet.h"

struct loop;
struct link;

/* in is NULL when the link is gone (closed, or spoilt by a bad packet, which
 * has been logged); the owner then calls link_free(). in belongs to the link
 * and is reused after the callback. */
typedef void link_fn(void *arg, struct packet_in *in);

/* Takes fd (non-blocking). label is for log lines; copied. */
struct link *
link_new(struct loop *loop, int fd, const char *label, link_fn *fn, void *arg);
/* Closes; packets not yet sent are lost. May be called in the callback. */
void link_free(struct link **l);
/* Has the other end closed already, though packets of it are still to be read?
 * Asks the kernel. */
bool link_has_ended(const struct link *l);
/* Send, or keep (with duplicates of its descriptors) until the socket takes
 * it. -1 with errno: bad packet, dead socket, or more than 1,024 waiting. */
int link_send(struct link *l, const struct packet_out *o)
    __attribute__((warn_unused_result));
/* Stop and go on reading: back-pressure. */
void link_pause(struct link *l, bool pause);

#endif
