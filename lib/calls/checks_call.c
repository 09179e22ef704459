/* checks_call.c - asking lookup about many lines at once, both ends */

#include "calls/checks_call.h"

#include "calls/why_call.h"
#include "ipc/packet.h"

enum {
	TABLES_MAX = 16384, /* a parameter, or the text of one */
	ROOM_LEFT = 2048
};

void
checks_lines_put(struct packet_out *o, struct span parameter, struct span lines)
{
	packet_begin(o, "lookup_lines", 0);
	packet_str(o, "parameter", parameter);
	packet_bytes(o, "lines", lines);
}

bool
checks_lines_get(
    struct packet_in *in, struct span *parameter, struct span *lines)
{
	if (in->bad || !span_is(in->call, "lookup_lines"))
		return false;
	*parameter = packet_in_str(in, "parameter", TABLES_MAX);
	*lines = packet_in_bytes(in, "lines", CHECKS_LINES_MAX);
	return packet_in_end(in) && lines->n > 0 &&
	    lines->p[lines->n - 1] == '\0';
}

void
checks_hits_begin(struct packet_out *o, uint32_t id)
{
	packet_begin(o, "lookup_hits", id);
}

bool
checks_hit_add(struct packet_out *o, uint32_t line, struct span value)
{
	if (packet_room(o) < value.n + ROOM_LEFT)
		return false;
	packet_num(o, "line", (uint64_t)line + 1);
	packet_str(o, "value", value);
	return true;
}

void
checks_hits_end(struct packet_out *o, uint32_t done, const struct why *why)
{
	packet_num(o, "line", 0);
	packet_num(o, "done", done);
	why_put(o, why);
}

bool
checks_hits_get(struct packet_in *in, checks_hit_fn *fn, void *arg,
    uint32_t *done, struct why *why)
{
	uint64_t line, last = 0;

	if (in->bad || !span_is(in->call, "lookup_hits"))
		return false;
	while ((line = packet_in_num(in, "line", UINT32_MAX)) > 0) {
		struct span value =
		    packet_in_str(in, "value", CHECKS_VALUE_MAX);

		if (in->bad || line <= last)
			return false;
		last = line;
		fn(arg, (uint32_t)line - 1, value);
	}
	*done = (uint32_t)packet_in_num(in, "done", UINT32_MAX);
	why_get(in, why);
	return packet_in_end(in) && last <= *done;
}
