/* sts_call.c - asking sts what a domain's MTA-STS policy is, both ends */

#include "calls/sts_call.h"

#include "base/arena.h"
#include "dns/name.h"
#include "ipc/packet.h"

enum { MX_BYTES = DNS_NAME_MAX + 2 };

void
sts_ask_put(struct packet_out *o, struct span domain)
{
	packet_begin(o, "sts_ask", 0);
	packet_str(o, "domain", domain);
}

bool
sts_ask_get(struct packet_in *in, struct span *domain)
{
	if (in->bad || !span_is(in->call, "sts_ask"))
		return false;
	*domain = packet_in_str(in, "domain", DNS_NAME_MAX);
	return packet_in_end(in) && dns_name_is_host(*domain);
}

void
sts_answer_put(
    struct packet_out *o, uint32_t id, const struct sts_answer *answer)
{
	const struct sts_policy *p = &answer->policy;

	packet_begin(o, "sts_answer", id);
	packet_num(o, "trouble", answer->trouble);
	packet_num(o, "found", answer->found);
	packet_num(o, "mode", p->mode);
	packet_num(o, "max_age", p->max_age);
	packet_num(o, "count", p->mx_count);
	for (size_t i = 0; i < p->mx_count; i++)
		packet_str(o, "mx", p->mx[i]);
}

bool
sts_answer_get(struct packet_in *in, struct arena *a, struct sts_answer *out)
{
	struct sts_policy *p = &out->policy;

	*out = (struct sts_answer){ .trouble = false };
	if (in->bad || !span_is(in->call, "sts_answer"))
		return false;
	out->trouble = packet_in_bool(in, "trouble");
	out->found = packet_in_bool(in, "found");
	p->mode = (enum sts_mode)packet_in_num(in, "mode", STS_ENFORCE);
	p->max_age = (uint32_t)packet_in_num(in, "max_age", STS_AGE_MAX);
	p->mx_count = (size_t)packet_in_num(in, "count", STS_MX_MAX);
	for (size_t i = 0; i < p->mx_count; i++) {
		p->mx[i] = arena_span(a, packet_in_str(in, "mx", MX_BYTES));
		if (!sts_mx_valid(p->mx[i]))
			return false;
	}
	return packet_in_end(in);
}
