/* channel.h - asking another of our services, without blocking
 *
 * One connection, many questions in flight, answers in any order. It connects
 * when first asked and again after a loss (master keeps the socket listening
 * while a service is down, so a crashed one costs its callers one answer).
 */

#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include <stdint.h>

#include "ipc/packet.h"

struct loop;
struct channel;
struct channel_call;

/* in is NULL when there is no answer: the service could not be reached, went
 * away, or took longer than the limit. The packet lives until fn returns. fn is
 * always called from the loop, never from inside channel_ask(). */
typedef void channel_fn(void *arg, struct packet_in *in);

/* path: the service's socket as seen from this jail; copied. */
struct channel *
channel_new(struct loop *loop, const char *path, int64_t limit_ms);
/* Calls in flight end with NULL. */
void channel_free(struct channel **c);
/* Send o (its id is set here). The handle is good until fn has been called or
 * it was cancelled. */
struct channel_call *
channel_ask(struct channel *c, struct packet_out *o, channel_fn *fn, void *arg);
/* The same for an answer of several packets: each is handed to fn, which says
 * whether another is awaited. in is NULL when the rest will not come. The time
 * limit holds for each packet. */
typedef bool channel_parts_fn(void *arg, struct packet_in *in);
struct channel_call *channel_ask_parts(
    struct channel *c, struct packet_out *o, channel_parts_fn *fn, void *arg);
/* fn will not be called; *call is cleared. */
void channel_cancel(struct channel_call **call);
/* Send and expect nothing; lost when the service is away. */
void channel_tell(struct channel *c, struct packet_out *o);
unsigned channel_pending(const struct channel *c);
/* How often a connection was lost: what the service kept for an earlier one is
 * gone. */
unsigned channel_losses(const struct channel *c);

#endif
