/* check.h - header_checks and body_checks of local mail: asked, and acted upon
 */

#ifndef PICKUP_CHECK_H
#define PICKUP_CHECK_H

#include "base/span.h"

struct arena;
struct check_job;
struct check_result;
struct content;

struct check_request {
	const char *qid;
	struct arena *arena; /* of the message */
	struct content *content;
	struct check_result *result;
	struct span sender, rcpt; /* for the log; rcpt is the first */
};

typedef void check_fn(void *arg);

/* Have all looked up that waits in the content, and act upon it; fn is called
 * once, from the loop. What r points to must stay until then. NULL: nothing
 * waits, and fn is not called. */
struct check_job *
check_start(const struct check_request *r, check_fn *fn, void *arg);
/* fn will not be called; *job is cleared. */
void check_cancel(struct check_job **job);

#endif
