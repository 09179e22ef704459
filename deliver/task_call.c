/* task_call.c - what a child is told before a message, besides the message */

#include "deliver/task_call.h"

#include "ipc/packet.h"

void
task_put(struct packet_out *o, struct span text)
{
	packet_begin(o, "task", 0);
	packet_str(o, "text", text);
}

bool
task_is(const struct packet_in *in)
{
	return span_is(in->call, "task");
}

bool
task_get(struct packet_in *in, struct span *text)
{
	*text = packet_in_str(in, "text", TASK_MAX);
	return packet_in_end(in);
}
