/*
 * dns_call.c - asking resolver about a name, both ends
 *
 * resolver reads packets from the network and may have been taken over by one:
 * the records are checked again by who receives them.
 */

#include "calls/dns_call.h"

#include "base/arena.h"
#include "dns/name.h"
#include "ipc/packet.h"

enum { ATTRIBUTES_BYTES = 64 }; /* of one record, without its data */

void
dns_ask_put_hosts(struct packet_out *o, struct span name, enum dns_type type,
    enum dns_hosts hosts)
{
	packet_begin(o, "dns_ask", 0);
	packet_str(o, "name", name);
	packet_num(o, "type", type);
	packet_num(o, "hosts", hosts);
}

void
dns_ask_put(struct packet_out *o, struct span name, enum dns_type type)
{
	dns_ask_put_hosts(o, name, type, DNS_HOSTS_FIRST);
}

bool
dns_ask_get(struct packet_in *in, struct span *name, enum dns_type *type,
    enum dns_hosts *hosts)
{
	unsigned number;
	enum dns_hosts how;

	if (in->bad || !span_is(in->call, "dns_ask"))
		return false;
	*name = packet_in_str(in, "name", DNS_NAME_MAX + 1);
	number = (unsigned)packet_in_num(in, "type", UINT16_MAX);
	*type = (enum dns_type)number;
	how = (enum dns_hosts)packet_in_num(in, "hosts", DNS_HOSTS_LAST);
	if (hosts != NULL)
		*hosts = how;
	return packet_in_end(in) && dns_type_known(number) &&
	    dns_name_askable(*name);
}

/* How many of the records go into what is left of the packet. */
static size_t
fitting(size_t room, const struct dns_answer *answer)
{
	size_t i, need = ATTRIBUTES_BYTES;

	for (i = 0; i < answer->count; i++) {
		need +=
		    ATTRIBUTES_BYTES + (answer->records[i].data.n + 2) / 3 * 4;
		if (need > room)
			break;
	}
	return i;
}

void
dns_answer_put(struct packet_out *o, uint32_t id, enum dns_type type,
    const struct dns_answer *answer)
{
	size_t count, dropped;

	packet_begin(o, "dns_answer", id);
	packet_num(o, "type", type);
	packet_num(o, "result", answer->result);
	packet_num(o, "secure", answer->secure);
	packet_num(o, "ttl", answer->ttl);
	packet_str(o, "name", answer->name);
	count = fitting(packet_room(o), answer);
	dropped = answer->dropped + (answer->count - count);
	packet_num(o, "dropped", dropped > UINT16_MAX ? UINT16_MAX : dropped);
	packet_num(o, "count", count);
	for (size_t i = 0; i < count; i++) {
		packet_num(o, "preference", answer->records[i].preference);
		packet_bytes(o, "data", answer->records[i].data);
	}
}

static bool
records_get(struct packet_in *in, struct arena *a, enum dns_type type,
    struct dns_answer *out)
{
	struct dns_record *records;

	out->count = (size_t)packet_in_num(in, "count", DNS_RECORDS_MAX);
	records = arena_array(a, out->count, sizeof(*records));
	out->records = records;
	for (size_t i = 0; i < out->count; i++) {
		records[i].preference =
		    (unsigned)packet_in_num(in, "preference", UINT16_MAX);
		records[i].data =
		    arena_span(a, packet_in_bytes(in, "data", DNS_TXT_MAX));
		if (in->bad || !dns_record_fit(type, &records[i]))
			return false;
	}
	return true;
}

bool
dns_answer_get(struct packet_in *in, struct arena *a, enum dns_type type,
    struct dns_answer *out)
{
	if (in->bad || !span_is(in->call, "dns_answer"))
		return false;
	if (packet_in_num(in, "type", UINT16_MAX) != (uint64_t)type)
		return false;
	out->result = (enum dns_result)packet_in_num(in, "result", DNS_TROUBLE);
	out->secure = packet_in_bool(in, "secure");
	out->ttl = (uint32_t)packet_in_num(in, "ttl", DNS_TTL_MAX);
	out->name = arena_span(a, packet_in_str(in, "name", DNS_NAME_MAX));
	out->dropped = (unsigned)packet_in_num(in, "dropped", UINT16_MAX);
	if (!records_get(in, a, type, out) || !packet_in_end(in))
		return false;
	return (out->result == DNS_FOUND) == (out->count > 0);
}
