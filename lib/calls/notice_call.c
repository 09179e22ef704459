/* notice_call.c - the postmaster is to hear of errors, both ends */

#include "calls/notice_call.h"

#include "ipc/packet.h"

enum { REASON_MAX = 200 };

void
notice_put(struct packet_out *o, const struct notice *n)
{
	packet_begin(o, "notice", 0);
	packet_num(o, "client", n->client);
	packet_str(o, "peer", span_head(n->peer, NOTICE_PEER_MAX));
	packet_bytes(
	    o, "transcript", span_head(n->transcript, NOTICE_TRANSCRIPT_MAX));
	packet_str(o, "reason", span_head(n->reason, REASON_MAX));
}

bool
notice_get(struct packet_in *in, struct notice *out)
{
	out->client = packet_in_num(in, "client", 1) != 0;
	out->peer = packet_in_str(in, "peer", NOTICE_PEER_MAX);
	out->transcript =
	    packet_in_bytes(in, "transcript", NOTICE_TRANSCRIPT_MAX);
	out->reason = packet_in_str(in, "reason", REASON_MAX);
	return packet_in_end(in);
}
