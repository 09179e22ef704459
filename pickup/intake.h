/* intake.h - one local message on its way into the queue */

#ifndef PICKUP_INTAKE_H
#define PICKUP_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/span.h"

struct channel;
struct intake;
struct pickup_conf;
struct queue_rcpt;
struct submit_begin;
struct why;

/* ready: the queue file is there, content may come (why DONE), or it cannot be
 * had; or more content may come, after intake_busy(). done: the message is in
 * the queue, or is not. After a failed ready and after done the intake must be
 * freed. From the loop; done also from within intake_end(). */
struct intake_calls {
	void (*ready)(void *arg, const struct why *why);
	void (*done)(void *arg, const struct why *why, struct span qid);
};

struct intake *intake_new(const struct pickup_conf *conf, struct channel *qmgr,
    const struct intake_calls *calls, void *arg);
/* An uncommitted message is given up. */
void intake_free(struct intake **i);

/* In this order: begin (uid: who submits), recipients, content after ready,
 * end. All copy. */
void intake_begin(struct intake *i, const struct submit_begin *b, uid_t uid);
/* Right behind begin: may the user give that sender? Else ready says so. */
void intake_judge(struct intake *i, struct span sender);
/* False: too many. */
bool intake_rcpts(struct intake *i, const struct queue_rcpt *r, size_t count);
/* False with why: too large. */
bool intake_data(struct intake *i, struct span bytes, struct why *why);
/* What came is being looked up: nothing may come until ready is called. */
bool intake_busy(const struct intake *i);
/* done() tells the rest. */
void intake_end(struct intake *i);

#endif
