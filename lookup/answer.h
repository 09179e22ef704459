/* answer.h - one question, one answer */

#ifndef LOOKUP_ANSWER_H
#define LOOKUP_ANSWER_H

#include <stdbool.h>

struct packet_in;
struct packet_out;
struct role;
struct tables;

/* Read a question and fill the answer to it. A table that is not the role's to
 * ask for is a temporary failure, and logged. False: the question is none of
 * ours, or not for this role; the caller's connection is to be closed. */
bool answer(struct tables *t, const struct role *role, struct packet_in *in,
    struct packet_out *out);

#endif
