/* queue_call.c - putting a message into the queue, both ends */

#include "calls/queue_call.h"

#include "base/arena.h"
#include "base/why.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

enum { ADDRESS_MAX = 1024, NAME_MAX_BYTES = 1024 };

static bool
is_call(const struct packet_in *in, const char *name)
{
	return !in->bad && span_is(in->call, name);
}

void
queue_new_put(struct packet_out *o)
{
	packet_begin(o, "queue_new", 0);
}

bool
queue_new_get(struct packet_in *in)
{
	return is_call(in, "queue_new") && packet_in_end(in);
}

void
queue_file_put(struct packet_out *o, uint32_t id, struct span qid, int fd,
    const struct why *why)
{
	packet_begin(o, "queue_file", id);
	packet_str(o, "qid", qid);
	why_put(o, why);
	if (qid.n > 0)
		packet_fd(o, fd);
}

bool
queue_file_get(
    struct packet_in *in, struct queue_file_reply *out, struct why *why)
{
	out->fd = -1;
	if (!is_call(in, "queue_file"))
		return false;
	out->qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	why_get(in, why);
	if (out->qid.n > 0)
		out->fd = packet_in_fd(in);
	return packet_in_end(in);
}

static void
rcpts_put(struct packet_out *o, const struct queue_rcpt *rcpts, size_t count)
{
	packet_num(o, "count", count);
	for (size_t i = 0; i < count; i++) {
		packet_str(o, "rcpt", rcpts[i].address);
		packet_str(o, "orcpt", rcpts[i].orcpt);
		packet_num(o, "notify", rcpts[i].notify);
	}
}

static const struct queue_rcpt *
rcpts_get(struct packet_in *in, struct arena *a, size_t *count)
{
	struct queue_rcpt *rcpts;

	*count = (size_t)packet_in_num(in, "count", QUEUE_RCPTS_PACKET);
	rcpts = arena_array(a, *count, sizeof(*rcpts));
	for (size_t i = 0; i < *count; i++) {
		rcpts[i].address = packet_in_str(in, "rcpt", ADDRESS_MAX);
		rcpts[i].orcpt = packet_in_str(in, "orcpt", ADDRESS_MAX);
		rcpts[i].notify = (unsigned)packet_in_num(in, "notify", 15);
	}
	return rcpts;
}

void
queue_rcpts_put(struct packet_out *o, struct span qid,
    const struct queue_rcpt *rcpts, size_t count)
{
	packet_begin(o, "queue_rcpts", 0);
	packet_str(o, "qid", qid);
	rcpts_put(o, rcpts, count);
}

bool
queue_rcpts_get(struct packet_in *in, struct arena *a, struct span *qid,
    const struct queue_rcpt **rcpts, size_t *count)
{
	*qid = SPAN("");
	if (!is_call(in, "queue_rcpts"))
		return false;
	*qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	*rcpts = rcpts_get(in, a, count);
	return packet_in_end(in);
}

void
queue_commit_put(struct packet_out *o, const struct queue_envelope *e)
{
	packet_begin(o, "queue_commit", 0);
	packet_str(o, "qid", e->qid);
	packet_str(o, "sender", e->sender);
	packet_num(o, "size", e->size);
	packet_num(o, "crc", e->crc);
	packet_str(o, "message_id", e->message_id);
	packet_bytes(o, "edits", e->edits);
	packet_str(o, "client_name", e->client_name);
	packet_str(o, "client_addr", e->client_addr);
	packet_str(o, "helo", e->helo);
	packet_str(o, "proto", e->proto);
	packet_str(o, "sasl_method", e->sasl_method);
	packet_str(o, "sasl_username", e->sasl_username);
	packet_str(o, "envid", e->envid);
	packet_str(o, "filter", e->filter);
	packet_str(o, "verp", e->verp);
	packet_num(o, "ret", e->ret);
	packet_num(o, "flags", e->flags);
	packet_signed(o, "release", e->release);
	packet_str(o, "hold", e->hold);
	rcpts_put(o, e->rcpts, e->rcpt_count);
}

bool
queue_commit_get(
    struct packet_in *in, struct arena *a, struct queue_envelope *out)
{
	out->qid = SPAN("");
	if (!is_call(in, "queue_commit"))
		return false;
	out->qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
	out->size = packet_in_num(in, "size", INT64_MAX);
	out->crc = (uint32_t)packet_in_num(in, "crc", UINT32_MAX);
	out->message_id = packet_in_str(in, "message_id", NAME_MAX_BYTES);
	out->edits = packet_in_bytes(in, "edits", QUEUE_EDITS_MAX);
	out->client_name = packet_in_str(in, "client_name", NAME_MAX_BYTES);
	out->client_addr = packet_in_str(in, "client_addr", NAME_MAX_BYTES);
	out->helo = packet_in_str(in, "helo", NAME_MAX_BYTES);
	out->proto = packet_in_str(in, "proto", 20);
	out->sasl_method = packet_in_str(in, "sasl_method", 40);
	out->sasl_username = packet_in_str(in, "sasl_username", NAME_MAX_BYTES);
	out->envid = packet_in_str(in, "envid", 100);
	out->filter = packet_in_str(in, "filter", NAME_MAX_BYTES);
	out->verp = packet_in_str(in, "verp", QUEUE_VERP_MAX);
	out->ret = (unsigned)packet_in_num(in, "ret", RET_HDRS);
	out->flags = (unsigned)packet_in_num(in, "flags", QUEUE_FLAGS);
	out->release = packet_in_signed(in, "release");
	out->hold = packet_in_str(in, "hold", QUEUE_HOLD_PARAM_MAX);
	out->rcpts = rcpts_get(in, a, &out->rcpt_count);
	if (out->release < 0 || out->release > QUEUE_RELEASE_MAX ||
	    (out->verp.n != 0 && out->verp.n != QUEUE_VERP_MAX))
		in->bad = true;
	return packet_in_end(in);
}

void
queue_done_put(struct packet_out *o, uint32_t id, const struct why *why)
{
	packet_begin(o, "queue_done", id);
	why_put(o, why);
}

bool
queue_done_get(struct packet_in *in, struct why *why)
{
	if (!is_call(in, "queue_done"))
		return false;
	why_get(in, why);
	return packet_in_end(in);
}

void
queue_abort_put(struct packet_out *o, struct span qid)
{
	packet_begin(o, "queue_abort", 0);
	packet_str(o, "qid", qid);
}

bool
queue_abort_get(struct packet_in *in, struct span *qid)
{
	if (!is_call(in, "queue_abort"))
		return false;
	*qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	return packet_in_end(in);
}
