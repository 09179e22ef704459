/* dial.h - how tables on other servers are asked: socketmap: and tcp: */

#ifndef MAPS_DIAL_H
#define MAPS_DIAL_H

#include "base/span.h"
#include "maps/map.h"

struct why;

struct map_net_question {
	struct span target; /* "inet:HOST:PORT" or "unix:PATH" */
	bool socketmap; /* what the reply looks like; else tcp: */
	struct span bytes; /* to be sent */
};

typedef enum map_result map_net_fn(void *arg, const struct map_net_question *q,
    struct buf *out, struct why *why);

/* Once, by the main program of a process that may not wait or dial by itself,
 * before a table is opened: questions go to fn. Without it they are asked here,
 * which blocks for some seconds at most. */
void map_net_set(map_net_fn *fn, void *arg);

#endif
