/* serve.h - questions of the other daemons, answered */

#ifndef RESOLVER_SERVE_H
#define RESOLVER_SERVE_H

#include <stdbool.h>

struct hosts;
struct loop;
struct resolver;
struct upstream;

enum { RESOLVER_PENDING_MAX = 1000 };

/* hosts and upstream stay the caller's. */
struct resolver *resolver_new(
    struct loop *loop, const struct hosts *hosts, struct upstream *upstream);
/* Answer whoever connects to the listening packet socket fd. */
void resolver_serve(struct resolver *r, int fd, const char *label);
/* Accept nobody any more. */
void resolver_drain(struct resolver *r);
/* Is nothing pending? */
bool resolver_idle(const struct resolver *r);
void resolver_free(struct resolver **r);

#endif
