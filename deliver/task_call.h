/* task_call.h - what a child is told before a message, besides the message
 *
 *   task    no answer; it is for the next message only
 */

#ifndef DELIVER_TASK_CALL_H
#define DELIVER_TASK_CALL_H

#include <stdbool.h>

#include "base/span.h"

struct packet_in;
struct packet_out;

enum { TASK_MAX = 32768 };

/* text: the path of a virtual mailbox, or a user's own mailbox_command. */
void task_put(struct packet_out *o, struct span text);
bool task_is(const struct packet_in *in);
bool task_get(struct packet_in *in, struct span *text);

#endif
