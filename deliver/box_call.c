/* box_call.c - a child has its parent open and lock the user's spool mailbox */

#include "deliver/box_call.h"

#include "base/why.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

static const char *const asks[] = {
	[BOX_OPEN] = "box_open",
	[BOX_LOCK] = "box_lock",
	[BOX_UNLOCK] = "box_unlock",
};

void
box_ask_put(struct packet_out *o, enum box_ask what)
{
	packet_begin(o, asks[what], 0);
}

enum box_ask
box_ask_get(struct packet_in *in, bool *ok)
{
	for (int i = 0; i < BOX_NONE; i++) {
		if (!span_is(in->call, asks[i]))
			continue;
		*ok = packet_in_end(in);
		return (enum box_ask)i;
	}
	return BOX_NONE;
}

void
box_opened_put(struct packet_out *o, int fd, const struct why *why)
{
	packet_begin(o, "box_opened", 0);
	why_put(o, why);
	packet_num(o, "given", fd != -1);
	if (fd != -1)
		packet_fd(o, fd);
}

bool
box_opened_get(struct packet_in *in, int *fd, struct why *why)
{
	*fd = -1;
	if (!span_is(in->call, "box_opened"))
		return false;
	why_get(in, why);
	if (packet_in_bool(in, "given"))
		*fd = packet_in_fd(in);
	return packet_in_end(in);
}

void
box_locked_put(struct packet_out *o, enum box_lock got)
{
	packet_begin(o, "box_locked", 0);
	packet_num(o, "result", got);
}

bool
box_locked_get(struct packet_in *in, enum box_lock *got)
{
	if (!span_is(in->call, "box_locked"))
		return false;
	*got = (enum box_lock)packet_in_num(in, "result", BOX_TROUBLE);
	return packet_in_end(in);
}
