/* clean.h - the final form of a message's addresses, as Postfix's cleanup makes
 * it */

#ifndef ROUTE_CLEAN_H
#define ROUTE_CLEAN_H

#include <stdbool.h>

struct arena;
struct clean_answer;
struct clean_request;
struct map_list;
struct route;

/* Answer as calls/clean_call.h has it; out->why must be initialised, all else
 * lives in a. False: a table failed, and out->why (DEFER) is for the log. */
bool route_clean(struct route *r, struct arena *a,
    const struct clean_request *ask, struct clean_answer *out);

/* The same for CLEAN_GENERIC, by these tables. */
struct generic {
	struct route *route;
	struct map_list *list;
};
bool route_generic(const struct generic *g, struct arena *a,
    const struct clean_request *ask, struct clean_answer *out);

#endif
