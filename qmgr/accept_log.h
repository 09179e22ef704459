/* accept_log.h - accepted messages made durable together
 *
 * A queue file that has been written and renamed is not flushed; its content
 * and envelope go into the accept log besides, those of all that wait in one
 * write and one flush (queue/accept.h has the format, docs/QUEUE.md the
 * reasons). What is delivered at once never costs a flush of its own file; what
 * is still there when the log comes round gets one.
 */

#ifndef QMGR_ACCEPT_LOG_H
#define QMGR_ACCEPT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "os/syncpool.h"

struct accept_log;
struct message;
struct qmgr;

/* Open the log and write what it has and the queue has not. To be called
 * before the queue is read. */
void accept_log_start(struct qmgr *q);
/* A message of the queue has been read: is it one of the log's? */
void accept_log_found(struct message *m);
/* All of the queue has been read. */
void accept_log_ready(struct qmgr *q);

/* Log the message whose file, under its name in active/ or hold/, is open at fd
 * with its content and then tail. fn(arg, 0) when it is durable;
 * fn(arg, errno) when it is not and the caller has to see to it. False: the log
 * does not take it; fn is not called. */
bool accept_log_add(
    struct message *m, int fd, struct span tail, syncpool_fn *fn, void *arg);
/* Remove the message's file, not at once, and so that it does not come back
 * from the log. */
void accept_log_unlink(struct message *m);
/* Record removals now and not in some milliseconds, unless a batch is under way
 * just now: who asked for them is about to be told. */
void accept_log_write(struct qmgr *q);
/* The message is gone from memory. */
void accept_log_forget(struct message *m);

/* Flush what only the log keeps, and empty it. */
void accept_log_close(struct qmgr *q);
bool accept_log_is_closed(const struct qmgr *q);

#endif
