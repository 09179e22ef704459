/* dial_call.h - having an outside address dialled
 *
 *   dial -> dial_answer, with a connected descriptor
 *
 * Who runs in a jail asks connector, which dials only what main.cf (or an
 * option of master.cf) names for the caller's role: smtpd its milters, policy
 * services and proxy filters; pickup and bounce their milters; lookup the
 * servers of its tables; smtp the Unix sockets of LMTP servers.
 */

#ifndef CALLS_DIAL_CALL_H
#define CALLS_DIAL_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct packet_in;
struct packet_out;
struct why;

enum { DIAL_TARGET_MAX = 512 };

/* The target that smtpd_proxy_filter means: "HOST:PORT", "inet:HOST:PORT",
 * "unix:PATH"; a port alone is one of this host. */
void dial_filter_target(struct buf *out, struct span value);
/* target: as it stands in the configuration, "inet:localhost:8891" or
 * "unix:/run/x". */
void dial_put(struct packet_out *o, struct span target);
bool dial_get(struct packet_in *in, struct span *target);
/* fd -1: why says what is wrong. The descriptor is borrowed until it is
 * sent. */
void dial_answer_put(
    struct packet_out *o, uint32_t id, int fd, const struct why *why);
/* *fd is the caller's, non-blocking, connected; or -1 and why. false: not such
 * an answer. why_init() it before. */
bool dial_answer_get(struct packet_in *in, int *fd, struct why *why);

#endif
