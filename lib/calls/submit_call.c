/* submit_call.c - the sendmail command gives pickup a message, both ends */

#include "calls/submit_call.h"

#include "base/arena.h"
#include "calls/queue_call.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

enum { ADDRESS_MAX = 1024 };

static bool
is_call(const struct packet_in *in, const char *name)
{
	return !in->bad && span_is(in->call, name);
}

void
submit_begin_put(struct packet_out *o, const struct submit_begin *b)
{
	packet_begin(o, "submit_begin", 0);
	packet_str(o, "sender", b->sender);
	packet_str(o, "full_name", b->full_name);
	packet_str(o, "envid", b->envid);
	packet_str(o, "verp", b->verp);
	packet_num(o, "ret", b->ret);
	packet_num(o, "flags", b->flags);
}

bool
submit_begin_get(struct packet_in *in, struct submit_begin *out)
{
	if (!is_call(in, "submit_begin"))
		return false;
	out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
	out->full_name = packet_in_str(in, "full_name", ADDRESS_MAX);
	out->envid = packet_in_str(in, "envid", 100);
	out->verp = packet_in_str(in, "verp", QUEUE_VERP_MAX);
	out->ret = (unsigned)packet_in_num(in, "ret", RET_HDRS);
	out->flags = (unsigned)packet_in_num(in, "flags", QUEUE_FLAGS);
	return packet_in_end(in);
}

void
submit_rcpts_put(
    struct packet_out *o, const struct queue_rcpt *rcpts, size_t count)
{
	packet_begin(o, "submit_rcpts", 0);
	packet_num(o, "count", count);
	for (size_t i = 0; i < count; i++) {
		packet_str(o, "rcpt", rcpts[i].address);
		packet_num(o, "notify", rcpts[i].notify);
	}
}

bool
submit_rcpts_get(struct packet_in *in, struct arena *a,
    const struct queue_rcpt **rcpts, size_t *count)
{
	struct queue_rcpt *r;

	if (!is_call(in, "submit_rcpts"))
		return false;
	*count = (size_t)packet_in_num(in, "count", QUEUE_RCPTS_PACKET);
	r = arena_array(a, *count, sizeof(*r));
	for (size_t i = 0; i < *count; i++) {
		r[i].address = packet_in_str(in, "rcpt", ADDRESS_MAX);
		r[i].notify = (unsigned)packet_in_num(in, "notify", 15);
	}
	*rcpts = r;
	return packet_in_end(in);
}

void
submit_data_put(struct packet_out *o, struct span bytes)
{
	packet_begin(o, "submit_data", 0);
	packet_bytes(o, "bytes", bytes);
}

bool
submit_data_get(struct packet_in *in, struct span *bytes)
{
	if (!is_call(in, "submit_data"))
		return false;
	*bytes = packet_in_bytes(in, "bytes", SUBMIT_DATA_MAX);
	return packet_in_end(in);
}

void
submit_end_put(struct packet_out *o)
{
	packet_begin(o, "submit_end", 0);
}

bool
submit_end_get(struct packet_in *in)
{
	return is_call(in, "submit_end") && packet_in_end(in);
}

void
submit_done_put(
    struct packet_out *o, uint32_t id, const struct why *why, struct span qid)
{
	packet_begin(o, "submit_done", id);
	why_put(o, why);
	packet_str(o, "qid", qid);
}

bool
submit_done_get(struct packet_in *in, struct why *why, struct span *qid)
{
	if (!is_call(in, "submit_done"))
		return false;
	why_get(in, why);
	*qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	return packet_in_end(in);
}
