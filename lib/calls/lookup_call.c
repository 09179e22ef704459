/* lookup_call.c - asking lookup, both ends */

#include "calls/lookup_call.h"

#include "base/arena.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

enum {
	ADDRESS_MAX = 4096,
	VALUE_MAX = 32768,
	NAME_MAX_BYTES = 1024,
	TABLES_MAX = 16384, /* a parameter, or the text of one */
	TARGET_ROOM = 60, /* names of a target's attributes */
	PART_BYTES = 50000
};

void
lookup_rcpt_put(struct packet_out *o, const struct lookup_rcpt_request *r)
{
	packet_begin(o, "lookup_rcpt", 0);
	packet_str(o, "sender", r->sender);
	packet_str(o, "address", r->address);
	packet_num(o, "verify_only", r->verify_only);
	packet_num(o, "final", r->final);
	packet_num(o, "no_mappings", r->no_mappings);
	packet_num(o, "filtered", r->filtered);
	packet_num(o, "probe", r->probe);
}

bool
lookup_rcpt_get(struct packet_in *in, struct lookup_rcpt_request *out)
{
	if (in->bad || !span_is(in->call, "lookup_rcpt"))
		return false;
	out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
	out->address = packet_in_str(in, "address", ADDRESS_MAX);
	out->verify_only = packet_in_bool(in, "verify_only");
	out->final = packet_in_bool(in, "final");
	out->no_mappings = packet_in_bool(in, "no_mappings");
	out->filtered = packet_in_bool(in, "filtered");
	out->probe = packet_in_bool(in, "probe");
	return packet_in_end(in);
}

void
lookup_route_put(
    struct packet_out *o, uint32_t id, const struct lookup_route *r)
{
	packet_begin(o, "lookup_route", id);
	packet_num(o, "class", r->class);
	why_put(o, &r->why);
	packet_num(o, "expanded", r->expanded);
	packet_num(o, "local", r->local);
	packet_str(o, "owner", r->owner);
	packet_num(o, "count", r->count);
	for (size_t i = 0; i < r->count; i++) {
		packet_num(o, "kind", r->targets[i].kind);
		packet_str(o, "address", r->targets[i].address);
		packet_str(o, "transport", r->targets[i].transport);
		packet_str(o, "nexthop", r->targets[i].nexthop);
		packet_str(o, "user", r->targets[i].user);
	}
	packet_num(o, "more", r->more);
}

/* How many targets from the front fit into a packet; one always does, or the
 * packet is bad by itself. */
static size_t
fitting(const struct lookup_target *t, size_t count)
{
	size_t bytes = 0, n = 0;

	while (n < count && n < LOOKUP_PART_MAX) {
		bytes += TARGET_ROOM + t[n].address.n + t[n].transport.n +
		    t[n].nexthop.n + t[n].user.n;
		if (n > 0 && bytes > PART_BYTES)
			break;
		n++;
	}
	return n;
}

void
lookup_route_send(
    uint32_t id, const struct lookup_route *r, lookup_send_fn *send, void *arg)
{
	struct packet_out o = { .fd_count = 0 };
	struct lookup_route part = *r;
	size_t at = 0;

	do {
		part.targets = r->count == 0 ? NULL : r->targets + at;
		part.count = fitting(part.targets, r->count - at);
		at += part.count;
		part.more = at < r->count;
		lookup_route_put(&o, id, &part);
		send(arg, &o);
	} while (part.more);
	packet_done(&o);
}

bool
lookup_route_get(
    struct packet_in *in, struct arena *a, struct lookup_route *out)
{
	struct lookup_target *targets;

	if (in->bad || !span_is(in->call, "lookup_route"))
		return false;
	out->class = (enum lookup_class)packet_in_num(in, "class", CLASS_OTHER);
	why_get(in, &out->why);
	out->expanded = packet_in_bool(in, "expanded");
	out->local = packet_in_bool(in, "local");
	out->owner = packet_in_str(in, "owner", ADDRESS_MAX);
	out->count = (size_t)packet_in_num(in, "count", LOOKUP_PART_MAX);
	targets = arena_array(a, out->count, sizeof(*targets));
	out->targets = targets;
	for (size_t i = 0; i < out->count; i++) {
		targets[i].kind =
		    (enum lookup_kind)packet_in_num(in, "kind", ROUTE_REFUSE);
		targets[i].address = packet_in_str(in, "address", ADDRESS_MAX);
		targets[i].transport =
		    packet_in_str(in, "transport", NAME_MAX_BYTES);
		targets[i].nexthop =
		    packet_in_str(in, "nexthop", NAME_MAX_BYTES);
		targets[i].user = packet_in_str(in, "user", 255);
	}
	out->more = packet_in_bool(in, "more");
	return packet_in_end(in);
}

void
lookup_map_put(struct packet_out *o, struct span parameter, struct span key)
{
	packet_begin(o, "lookup_map", 0);
	packet_str(o, "parameter", parameter);
	packet_str(o, "key", key);
}

bool
lookup_map_get(struct packet_in *in, struct span *parameter, struct span *key)
{
	if (in->bad || !span_is(in->call, "lookup_map"))
		return false;
	*parameter = packet_in_str(in, "parameter", TABLES_MAX);
	*key = packet_in_str(in, "key", ADDRESS_MAX);
	return packet_in_end(in);
}

void
lookup_address_put(
    struct packet_out *o, struct span parameter, struct span address)
{
	packet_begin(o, "lookup_address", 0);
	packet_str(o, "parameter", parameter);
	packet_str(o, "address", address);
}

bool
lookup_address_get(
    struct packet_in *in, struct span *parameter, struct span *address)
{
	if (in->bad || !span_is(in->call, "lookup_address"))
		return false;
	*parameter = packet_in_str(in, "parameter", TABLES_MAX);
	*address = packet_in_str(in, "address", ADDRESS_MAX);
	return packet_in_end(in);
}

void
lookup_value_put(struct packet_out *o, uint32_t id, bool found,
    struct span value, const struct why *why)
{
	packet_begin(o, "lookup_value", id);
	packet_num(o, "found", found);
	packet_str(o, "value", value);
	why_put(o, why);
}

bool
lookup_value_get(
    struct packet_in *in, bool *found, struct span *value, struct why *why)
{
	if (in->bad || !span_is(in->call, "lookup_value"))
		return false;
	*found = packet_in_bool(in, "found");
	*value = packet_in_str(in, "value", VALUE_MAX);
	why_get(in, why);
	return packet_in_end(in);
}
