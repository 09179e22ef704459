/* netpool.h - questions to the servers of socketmap: and tcp: tables */

#ifndef LOOKUP_NETPOOL_H
#define LOOKUP_NETPOOL_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct channel;
struct loop;
struct map_net_question;
struct netpool;
struct parked_to;
struct why;

/* connector dials for us. limit_ms: longest wait for an answer,
 * ASKED_LIMIT_MS but for tests. */
struct netpool *
netpool_new(struct loop *loop, struct channel *connector, int64_t limit_ms);
void netpool_free(struct netpool **p);
/* Append what tells the question from all others. */
void netpool_name(const struct map_net_question *q, struct buf *out);
/* Ask. Who asks what is under way already waits for the same answer. Each
 * server has a few connections of its own; those of others do not wait for it.
 * An answer comes within a limit, whatever the server does. False: not now, why
 * says why, and to.fn will not be called. */
bool netpool_ask(struct netpool *p, const struct map_net_question *q,
    struct parked_to to, struct why *why) __attribute__((warn_unused_result));

#endif
