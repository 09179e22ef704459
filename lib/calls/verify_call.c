/* verify_call.c - would mail to an address be taken, all ends */

#include "calls/verify_call.h"

#include "calls/why_call.h"
#include "ipc/packet.h"

void
verify_ask_put(struct packet_out *o, struct span address)
{
	packet_begin(o, "verify_ask", 0);
	packet_str(o, "address", address);
}

bool
verify_ask_get(struct packet_in *in, struct span *address)
{
	if (in->bad || !span_is(in->call, "verify_ask"))
		return false;
	*address = packet_in_str(in, "address", VERIFY_ADDRESS_MAX);
	return packet_in_end(in) && address->n > 0;
}

void
verify_answer_put(struct packet_out *o, uint32_t id, const struct why *why)
{
	packet_begin(o, "verify_answer", id);
	why_put(o, why);
}

bool
verify_answer_get(struct packet_in *in, struct why *why)
{
	if (in->bad || !span_is(in->call, "verify_answer"))
		return false;
	why_get(in, why);
	return packet_in_end(in);
}

void
verify_result_put(
    struct packet_out *o, struct span address, const struct why *why)
{
	packet_begin(o, "verify_result", 0);
	packet_str(o, "address", address);
	why_put(o, why);
}

bool
verify_result_get(struct packet_in *in, struct span *address, struct why *why)
{
	if (in->bad || !span_is(in->call, "verify_result"))
		return false;
	*address = packet_in_str(in, "address", VERIFY_ADDRESS_MAX);
	why_get(in, why);
	return packet_in_end(in) && address->n > 0;
}
