/* why_call.h - a struct why as attributes of a packet; shared by all calls */

#ifndef CALLS_WHY_CALL_H
#define CALLS_WHY_CALL_H

struct packet_in;
struct packet_out;
struct why;

/* Three attributes: outcome, status, text. */
void why_put(struct packet_out *o, const struct why *why);
/* Marks in bad when they are not well-formed. */
void why_get(struct packet_in *in, struct why *why);

#endif
