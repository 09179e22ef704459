/* serve.h - connections for those who cannot make them */

#ifndef CONNECTOR_SERVE_H
#define CONNECTOR_SERVE_H

#include <stdbool.h>

struct channel;
struct connector;
struct loop;
struct targets;

enum { CONNECTOR_PENDING_MAX = 500 };

/* All stay the caller's. Names are asked of resolver. */
struct connector *connector_new(
    struct loop *loop, const struct targets *targets, struct channel *resolver);
/* Answer who connects to the listening packet socket fd; label is the role. */
void connector_serve(struct connector *c, int fd, const char *label);
/* Accept nobody any more. */
void connector_drain(struct connector *c);
/* Is nothing under way? */
bool connector_idle(const struct connector *c);
void connector_free(struct connector **c);

#endif
