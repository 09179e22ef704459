/* tlsrpt_call.c - telling sts how TLS to a host went, both ends */

#include "calls/tlsrpt_call.h"

#include "dns/name.h"
#include "ipc/packet.h"
#include "wire/tlsrpt.h"

enum { ADDRESS_TEXT_MAX = 64 };

void
tlsrpt_event_put(struct packet_out *o, const struct tlsrpt_event *e)
{
	packet_begin(o, "tlsrpt_event", 0);
	packet_str(o, "domain", e->domain);
	packet_num(o, "type", e->type);
	packet_num(o, "result", e->result);
	packet_str(o, "local", e->local);
	packet_str(o, "host", e->host);
	packet_str(o, "address", e->address);
	packet_bytes(o, "text", span_head(e->text, TLSRPT_TEXT_MAX));
	packet_str(o, "policy", e->policy);
}

bool
tlsrpt_event_get(struct packet_in *in, struct tlsrpt_event *out)
{
	*out = (struct tlsrpt_event){ .type = TLSRPT_NO_POLICY };
	if (in->bad || !span_is(in->call, "tlsrpt_event"))
		return false;
	out->domain = packet_in_str(in, "domain", DNS_NAME_MAX);
	out->type = (enum tlsrpt_type)packet_in_num(in, "type", TLSRPT_TLSA);
	out->result = (enum tlsrpt_result)packet_in_num(
	    in, "result", TLSRPT_STS_WEBPKI_INVALID);
	out->local = packet_in_str(in, "local", ADDRESS_TEXT_MAX);
	out->host = packet_in_str(in, "host", DNS_NAME_MAX);
	out->address = packet_in_str(in, "address", ADDRESS_TEXT_MAX);
	out->text = packet_in_bytes(in, "text", TLSRPT_TEXT_MAX);
	out->policy = packet_in_str(in, "policy", TLSRPT_POLICY_MAX);
	return packet_in_end(in) && dns_name_is_host(out->domain);
}
