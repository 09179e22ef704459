/* balancer.h - clients behind a load balancer: the first words of a connection,
 * a header of the PROXY protocol, say who they are
 */

#ifndef SERVICE_BALANCER_H
#define SERVICE_BALANCER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct address;
struct balancer;
struct loop;

/* A header is there: fd is the callee's. to is the address that the client has
 * connected to; NULL: the balancer speaks for itself, or will not say, and from
 * is the balancer's own. fd -1: one has ended without a header. */
typedef void balancer_fn(
    void *arg, int fd, const struct address *from, const struct address *to);

/* Is that a value of ..._upstream_proxy_protocol: nothing, or "haproxy"? */
bool balancer_known(struct span protocol);

/* Connections that have not yet said whom they are for; each has timeout_ms for
 * that. */
struct balancer *
balancer_new(struct loop *loop, int64_t timeout_ms, balancer_fn *fn, void *arg);
void balancer_free(struct balancer **b);
/* Closes them; fn does not hear of it. */
void balancer_close(struct balancer *b);
bool balancer_waiting(const struct balancer *b);
/* Takes fd. Without a header, or with a bad one, the connection ends without a
 * word but one in the log. fn may be called. */
void balancer_start(struct balancer *b, int fd, const struct address *from);

#endif
