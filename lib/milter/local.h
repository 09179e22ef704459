/* local.h - a message that was made on this machine, told to milters whole
 *
 * It has come by no SMTP session: milters are told of a client localhost that
 * sends it. What they did is logged here.
 */

#ifndef MILTER_LOCAL_H
#define MILTER_LOCAL_H

#include <stddef.h>

#include "base/span.h"
#include "milter/milter.h"

struct milter_local;

struct milter_local_request {
	const struct milter_conf *conf;
	struct loop *loop;
	struct channel *connector;
	const char *hostname; /* ours */
	struct span sender;
	const struct queue_rcpt *rcpts; /* these stay until the end of the
					 * message is told */
	size_t rcpt_count;
	struct milter_mail *mail; /* its arena too */
};

/* conf has a milter at least. fn is called once, from
 * the loop and never at once, unless it is cancelled; it may cancel. A
 * recipient that is refused is the message refused. */
struct milter_local *milter_local_start(
    const struct milter_local_request *r, milter_done_fn *fn, void *arg);
void milter_local_cancel(struct milter_local **l);

#endif
