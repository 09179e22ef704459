/* child.h - one process that master started */

#ifndef MASTER_CHILD_H
#define MASTER_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/list.h"

struct link;
struct master;
struct row;

struct child {
	struct list in; /* of row->children or master->orphans */
	struct master *master;
	struct row *row; /* NULL for an orphan */
	pid_t pid;
	struct link *control;
	char *label;
	int64_t started_ms;
	bool ready; /* it has said so */
	bool draining;
};

/* Fork, and exec the row's program. */
void child_start(struct row *r);
/* Ask it to end; stop: the whole system stops. */
void child_drain(struct child *c, bool stop);
/* Tell it that its row's wakeup time has come. */
void child_wake(struct child *c);
/* Signal it, and its process group where it has one. */
void child_kill(struct child *c, int signo);
/* Take the child off its row: it drains as an orphan of the master. */
void child_orphan(struct child *c);
/* SIGCHLD: wait for all that ended, restart what must run. */
void children_reap(struct master *m);

#endif
