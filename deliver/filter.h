/* filter.h - the built-in procmail */

#ifndef DELIVER_FILTER_H
#define DELIVER_FILTER_H

#include <stdbool.h>

#include "base/span.h"
#include "base/why.h"

struct mail;

/* Does the command name procmail and need no shell? */
bool filter_is_ours(struct span command);
/* Let the agent do what that program would. */
enum outcome
filter_deliver(struct mail *m, struct span command, struct why *why);

#endif
