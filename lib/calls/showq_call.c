/* showq_call.c - looking at the queue and working on it, both ends */

#include "calls/showq_call.h"

#include "calls/queue_call.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

enum { ADDRESS_MAX = 4096, REASON_MAX = 1000, LINE_ROOM = 400 };

void
showq_next_put(struct packet_out *o)
{
	packet_begin(o, "showq_next", 0);
}

bool
showq_next_get(struct packet_in *in)
{
	return !in->bad && span_is(in->call, "showq_next") && packet_in_end(in);
}

void
showq_page_begin(struct packet_out *o, uint32_t id)
{
	packet_begin(o, "showq_page", id);
}

bool
showq_line_put(struct packet_out *o, const struct showq_line *l)
{
	if (packet_room(o) <
	    LINE_ROOM + l->sender.n + l->address.n + l->orig.n + l->reason.n)
		return false;
	packet_str(o, "line", l->rcpt ? SPAN("rcpt") : SPAN("message"));
	if (l->rcpt) {
		packet_str(o, "address", l->address);
		packet_str(o, "orig", l->orig);
		packet_str(o, "status", l->status);
		packet_str(o, "reason", l->reason);
		return true;
	}
	packet_str(o, "queue_name", l->queue_name);
	packet_str(o, "qid", l->qid);
	packet_str(o, "sender", l->sender);
	packet_signed(o, "arrival", l->arrival);
	packet_signed(o, "next_try", l->next_try);
	packet_signed(o, "release", l->release);
	packet_num(o, "flags", l->flags);
	packet_num(o, "size", l->size);
	packet_num(o, "attempts", l->attempts);
	packet_num(o, "expire", l->expire);
	return true;
}

void
showq_page_end(struct packet_out *o)
{
	packet_str(o, "line", SPAN("end"));
}

bool
showq_page_get(struct packet_in *in)
{
	return !in->bad && span_is(in->call, "showq_page");
}

bool
showq_line_get(struct packet_in *in, struct showq_line *out, bool *bad)
{
	struct span line = packet_in_str(in, "line", 10);

	*bad = false;
	*out = (struct showq_line){ .rcpt = span_is(line, "rcpt") };
	if (!in->bad && span_is(line, "end")) {
		*bad = !packet_in_end(in);
		return false;
	}
	if (out->rcpt) {
		out->address = packet_in_str(in, "address", ADDRESS_MAX);
		out->orig = packet_in_str(in, "orig", ADDRESS_MAX);
		out->status = packet_in_str(in, "status", 11);
		out->reason = packet_in_str(in, "reason", REASON_MAX);
	} else {
		if (!span_is(line, "message"))
			in->bad = true;
		out->queue_name = packet_in_str(in, "queue_name", 20);
		out->qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
		out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
		out->arrival = packet_in_signed(in, "arrival");
		out->next_try = packet_in_signed(in, "next_try");
		out->release = packet_in_signed(in, "release");
		out->flags = (unsigned)packet_in_num(in, "flags", QUEUE_FLAGS);
		out->size = packet_in_num(in, "size", INT64_MAX);
		out->attempts =
		    (unsigned)packet_in_num(in, "attempts", UINT32_MAX);
		out->expire = packet_in_bool(in, "expire");
	}
	*bad = in->bad;
	return !in->bad;
}

void
showq_do_put(struct packet_out *o, enum showq_op op, struct span qid,
    struct span queue_name)
{
	packet_begin(o, "showq_do", 0);
	packet_num(o, "op", op);
	packet_str(o, "qid", qid);
	packet_str(o, "queue_name", queue_name);
}

bool
showq_do_get(struct packet_in *in, enum showq_op *op, struct span *qid,
    struct span *queue_name)
{
	if (in->bad || !span_is(in->call, "showq_do"))
		return false;
	*op = (enum showq_op)packet_in_num(in, "op", SHOWQ_OPS - 1);
	*qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	*queue_name = packet_in_str(in, "queue_name", 20);
	return packet_in_end(in);
}

void
showq_flush_put(struct packet_out *o, struct span qid, struct span site)
{
	packet_begin(o, "flush", 0);
	packet_str(o, "qid", qid);
	packet_str(o, "site", site);
}

bool
showq_flush_get(struct packet_in *in, struct span *qid, struct span *site)
{
	if (in->bad || !span_is(in->call, "flush"))
		return false;
	*qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	*site = packet_in_str(in, "site", 1024);
	return packet_in_end(in);
}

void
showq_done_put(
    struct packet_out *o, uint32_t id, uint64_t count, const struct why *why)
{
	packet_begin(o, "showq_done", id);
	packet_num(o, "count", count);
	why_put(o, why);
}

bool
showq_done_get(struct packet_in *in, uint64_t *count, struct why *why)
{
	if (in->bad || !span_is(in->call, "showq_done"))
		return false;
	*count = packet_in_num(in, "count", UINT64_MAX);
	why_get(in, why);
	return packet_in_end(in);
}
