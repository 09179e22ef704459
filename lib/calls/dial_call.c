/* dial_call.c - having an outside address dialled, both ends */

#include "calls/dial_call.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

void
dial_filter_target(struct buf *out, struct span value)
{
	value = span_trim(value);
	if (value.n == 0 || span_starts(value, "unix:")) {
		buf_add_span(out, value);
		return;
	}
	if (span_starts(value, "inet:"))
		value = span_skip(value, 5);
	buf_add_str(out, "inet:");
	if (span_starts(value, ":"))
		value = span_skip(value, 1);
	if (span_find(value, ':') == value.n)
		buf_add_str(out, "localhost:");
	buf_add_span(out, value);
}

void
dial_put(struct packet_out *o, struct span target)
{
	packet_begin(o, "dial", 0);
	packet_str(o, "target", target);
}

bool
dial_get(struct packet_in *in, struct span *target)
{
	if (in->bad || !span_is(in->call, "dial"))
		return false;
	*target = packet_in_str(in, "target", DIAL_TARGET_MAX);
	return packet_in_end(in) && target->n > 0;
}

void
dial_answer_put(
    struct packet_out *o, uint32_t id, int fd, const struct why *why)
{
	packet_begin(o, "dial_answer", id);
	packet_num(o, "connected", fd != -1);
	why_put(o, why);
	if (fd != -1)
		packet_fd(o, fd);
}

bool
dial_answer_get(struct packet_in *in, int *fd, struct why *why)
{
	bool connected;

	*fd = -1;
	if (in->bad || !span_is(in->call, "dial_answer"))
		return false;
	connected = packet_in_bool(in, "connected");
	why_get(in, why);
	if (connected)
		*fd = packet_in_fd(in);
	if (packet_in_end(in) && connected == (why->outcome == DONE))
		return true;
	if (*fd != -1)
		close(*fd);
	*fd = -1;
	return false;
}
