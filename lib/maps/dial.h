/* dial.h - how tables on other servers are reached: socketmap: and tcp: */

#ifndef MAPS_DIAL_H
#define MAPS_DIAL_H

#include "base/span.h"

struct why;

/* Connect to "inet:HOST:PORT" or "unix:PATH": a descriptor, or -1 and why.
 * Blocks, but not for long. */
typedef int map_dial_fn(void *arg, struct span target, struct why *why);

/* Once, by the main program of a process that may not dial by itself; without
 * it the system is asked. */
void map_dial_set(map_dial_fn *fn, void *arg);

#endif
