/* answer.h - one question, one answer */

#ifndef LOOKUP_ANSWER_H
#define LOOKUP_ANSWER_H

#include <stdbool.h>

struct packet_in;
struct packet_out;
struct role;
struct tables;

/* Read a question and send the answer to it, in one packet or more. A table
 * that is not the role's to ask for is a temporary failure, and logged. False:
 * the question is none of ours, or not for this role; nothing was sent, and the
 * caller's connection is to be closed. */
typedef void answer_fn(void *arg, const struct packet_out *o);
bool answer(struct tables *t, const struct role *role, struct packet_in *in,
    answer_fn *send, void *arg);

#endif
