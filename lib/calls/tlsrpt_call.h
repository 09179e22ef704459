/* tlsrpt_call.h - telling sts how TLS to a host went (RFC 8460)
 *
 *   tlsrpt_event: a word without an answer; lost when sts is away
 *
 * Open to smtp. It can spoil the counts of the day, and nothing else.
 */

#ifndef CALLS_TLSRPT_CALL_H
#define CALLS_TLSRPT_CALL_H

#include <stdbool.h>

struct packet_in;
struct packet_out;
struct tlsrpt_event;

/* policy and patterns of MTA-STS are not carried: sts knows them. */
void tlsrpt_event_put(struct packet_out *o, const struct tlsrpt_event *e);
bool tlsrpt_event_get(struct packet_in *in, struct tlsrpt_event *out);

#endif
