/* nursery.h - a parent that forks a process for each client
 *
 * All that is dear (configuration, tables, the filter of system calls) is made
 * once, in the parent; a client costs a fork and no exec. The parent is root
 * and looks at nothing that comes from outside.
 */

#ifndef SERVICE_NURSERY_H
#define SERVICE_NURSERY_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct nursery;
struct packet_in;

struct nursery_conf {
	struct loop *loop;
	const char *label; /* for the log: "imapd/unix" */
	unsigned most; /* processes at once; clients beyond it wait */
	/* In the child: in is the first packet of the connection that was
	 * accepted; its descriptors are all that is open but 0 to FD_LOG.
	 * FD_CONTROL ends when the child must. Returns the exit status. */
	int (*serve)(struct packet_in *in);
	void (*empty)(void); /* after nursery_close(): the last child ended */
};

/* conf is copied. */
struct nursery *nursery_new(const struct nursery_conf *conf);
/* Accept clients on fd, which stays the caller's. */
void nursery_listen(struct nursery *n, int fd);
/* Accept no more; stop: the children are to end now. */
void nursery_close(struct nursery *n, bool stop);

#endif
