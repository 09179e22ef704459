/* bounce_call.c - qmgr has a report written, both ends */

#include "calls/bounce_call.h"

#include <unistd.h>

#include "base/arena.h"
#include "calls/queue_call.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

enum { ADDRESS_MAX = 4096, REASON_MAX = 1000 };

void
bounce_make_put(struct packet_out *o, const struct bounce_request *r)
{
	packet_begin(o, "bounce_make", 0);
	packet_fd(o, r->fd);
	packet_num(o, "kind", r->kind);
	packet_str(o, "qid", r->qid);
	packet_str(o, "sender", r->sender);
	packet_num(o, "content_size", r->content_size);
	packet_bytes(o, "edits", r->edits);
	packet_str(o, "envid", r->envid);
	packet_str(o, "hold", r->hold);
	packet_num(o, "ret", r->ret);
	packet_num(o, "flags", r->flags);
	packet_signed(o, "arrival_us", r->arrival_us);
	packet_signed(o, "expires", r->expires);
	packet_num(o, "count", r->rcpt_count);
	for (size_t i = 0; i < r->rcpt_count; i++) {
		packet_str(o, "address", r->rcpts[i].address);
		packet_str(o, "orig", r->rcpts[i].orig);
		packet_str(o, "orcpt", r->rcpts[i].orcpt);
		packet_str(o, "status", r->rcpts[i].status);
		packet_str(o, "reason", r->rcpts[i].reason);
		packet_num(o, "action", r->rcpts[i].action);
		packet_signed(o, "tried", r->rcpts[i].tried);
	}
}

static void
rcpts_get(struct packet_in *in, struct arena *a, struct bounce_request *out)
{
	struct bounce_rcpt *rcpts;

	out->rcpt_count = (size_t)packet_in_num(in, "count", BOUNCE_RCPTS_MAX);
	rcpts = arena_array(a, out->rcpt_count, sizeof(*rcpts));
	out->rcpts = rcpts;
	for (size_t i = 0; i < out->rcpt_count; i++) {
		rcpts[i].address = packet_in_str(in, "address", ADDRESS_MAX);
		rcpts[i].orig = packet_in_str(in, "orig", ADDRESS_MAX);
		rcpts[i].orcpt = packet_in_str(in, "orcpt", ADDRESS_MAX);
		rcpts[i].status = packet_in_str(in, "status", 11);
		rcpts[i].reason = packet_in_str(in, "reason", REASON_MAX);
		rcpts[i].action = (enum bounce_action)packet_in_num(
		    in, "action", BOUNCE_ACTIONS - 1);
		rcpts[i].tried = packet_in_signed(in, "tried");
	}
}

bool
bounce_make_get(
    struct packet_in *in, struct arena *a, struct bounce_request *out)
{
	out->fd = -1;
	if (in->bad || !span_is(in->call, "bounce_make"))
		return false;
	out->fd = packet_in_fd(in);
	out->kind =
	    (enum bounce_kind)packet_in_num(in, "kind", BOUNCE_KINDS - 1);
	out->qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
	out->content_size = packet_in_num(in, "content_size", INT64_MAX);
	out->edits = packet_in_bytes(in, "edits", QUEUE_EDITS_MAX);
	out->envid = packet_in_str(in, "envid", 100);
	out->hold = packet_in_str(in, "hold", QUEUE_HOLD_PARAM_MAX);
	out->ret = (unsigned)packet_in_num(in, "ret", RET_HDRS);
	out->flags = (unsigned)packet_in_num(in, "flags", QUEUE_FLAGS);
	out->arrival_us = packet_in_signed(in, "arrival_us");
	out->expires = packet_in_signed(in, "expires");
	rcpts_get(in, a, out);
	if (packet_in_end(in))
		return true;
	if (out->fd != -1)
		close(out->fd);
	out->fd = -1;
	return false;
}

void
bounce_done_put(
    struct packet_out *o, uint32_t id, const struct why *why, struct span qid)
{
	packet_begin(o, "bounce_done", id);
	why_put(o, why);
	packet_str(o, "qid", qid);
}

bool
bounce_done_get(struct packet_in *in, struct why *why, struct span *qid)
{
	if (in->bad || !span_is(in->call, "bounce_done"))
		return false;
	why_get(in, why);
	*qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	return packet_in_end(in);
}
