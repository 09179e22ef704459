/* delivery_call.c - qmgr has a message delivered, both ends */

#include "calls/delivery_call.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "calls/queue_call.h"
#include "calls/why_call.h"
#include "ipc/packet.h"

enum { ADDRESS_MAX = 4096, NAME_MAX_BYTES = 1024 };

void
delivery_put(struct packet_out *o, const struct delivery_request *r)
{
	packet_begin(o, "delivery", 0);
	packet_fd(o, r->fd);
	packet_str(o, "qid", r->qid);
	packet_num(o, "content_size", r->content_size);
	packet_num(o, "crc", r->crc);
	packet_bytes(o, "edits", r->edits);
	packet_str(o, "sender", r->sender);
	packet_str(o, "envid", r->envid);
	packet_num(o, "ret", r->ret);
	packet_num(o, "flags", r->flags);
	packet_signed(o, "arrival_us", r->arrival_us);
	packet_signed(o, "ready_us", r->ready_us);
	packet_str(o, "transport", r->transport);
	packet_str(o, "nexthop", r->nexthop);
	packet_str(o, "client_addr", r->client_addr);
	packet_str(o, "helo", r->helo);
	packet_str(o, "proto", r->proto);
	packet_num(o, "count", r->rcpt_count);
	for (size_t i = 0; i < r->rcpt_count; i++) {
		packet_num(o, "kind", r->rcpts[i].kind);
		packet_str(o, "address", r->rcpts[i].address);
		packet_str(o, "orig", r->rcpts[i].orig);
		packet_str(o, "orcpt", r->rcpts[i].orcpt);
		packet_num(o, "notify", r->rcpts[i].notify);
		packet_str(o, "user", r->rcpts[i].user);
	}
}

static void
rcpts_get(struct packet_in *in, struct arena *a, struct delivery_request *out)
{
	struct delivery_rcpt *rcpts;

	out->rcpt_count =
	    (size_t)packet_in_num(in, "count", DELIVERY_RCPTS_MAX);
	rcpts = arena_array(a, out->rcpt_count, sizeof(*rcpts));
	out->rcpts = rcpts;
	for (size_t i = 0; i < out->rcpt_count; i++) {
		rcpts[i].kind =
		    (enum delivery_kind)packet_in_num(in, "kind", TO_REMOTE);
		rcpts[i].address = packet_in_str(in, "address", ADDRESS_MAX);
		rcpts[i].orig = packet_in_str(in, "orig", ADDRESS_MAX);
		rcpts[i].orcpt = packet_in_str(in, "orcpt", ADDRESS_MAX);
		rcpts[i].notify = (unsigned)packet_in_num(in, "notify", 15);
		rcpts[i].user = packet_in_str(in, "user", 255);
	}
}

bool
delivery_get(
    struct packet_in *in, struct arena *a, struct delivery_request *out)
{
	out->fd = -1;
	if (in->bad || !span_is(in->call, "delivery"))
		return false;
	out->fd = packet_in_fd(in);
	out->qid = packet_in_str(in, "qid", QUEUE_ID_MAX);
	out->content_size = packet_in_num(in, "content_size", INT64_MAX);
	out->crc = (uint32_t)packet_in_num(in, "crc", UINT32_MAX);
	out->edits = packet_in_bytes(in, "edits", QUEUE_EDITS_MAX);
	out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
	out->envid = packet_in_str(in, "envid", 100);
	out->ret = (unsigned)packet_in_num(in, "ret", RET_HDRS);
	out->flags = (unsigned)packet_in_num(in, "flags", 31);
	out->arrival_us = packet_in_signed(in, "arrival_us");
	out->ready_us = packet_in_signed(in, "ready_us");
	out->transport = packet_in_str(in, "transport", NAME_MAX_BYTES);
	out->nexthop = packet_in_str(in, "nexthop", NAME_MAX_BYTES);
	out->client_addr = packet_in_str(in, "client_addr", NAME_MAX_BYTES);
	out->helo = packet_in_str(in, "helo", NAME_MAX_BYTES);
	out->proto = packet_in_str(in, "proto", 20);
	rcpts_get(in, a, out);
	if (packet_in_end(in))
		return true;
	if (out->fd != -1)
		close(out->fd);
	out->fd = -1;
	return false;
}

void
delivery_done_put(struct packet_out *o, uint32_t id,
    const struct delivery_result *results, size_t count)
{
	packet_begin(o, "delivery_done", id);
	packet_num(o, "count", count);
	for (size_t i = 0; i < count; i++) {
		why_put(o, &results[i].why);
		packet_num(o, "fresh", results[i].fresh_count);
		for (size_t k = 0; k < results[i].fresh_count; k++)
			packet_str(o, "address", results[i].fresh[k]);
	}
}

void
delivery_refuse_put(struct packet_out *o, const struct packet_in *in)
{
	log_warning("malformed request for a delivery");
	delivery_done_put(o, in->id, NULL, 0);
}

static void
fresh_get(struct packet_in *in, struct arena *a, struct delivery_result *r)
{
	struct span *fresh;

	r->fresh_count = (size_t)packet_in_num(in, "fresh", DELIVERY_NEW_MAX);
	fresh = arena_array(a, r->fresh_count, sizeof(*fresh));
	for (size_t i = 0; i < r->fresh_count; i++)
		fresh[i] = packet_in_str(in, "address", ADDRESS_MAX);
	r->fresh = fresh;
}

bool
delivery_done_get(struct packet_in *in, struct arena *a,
    struct delivery_result **results, size_t *count)
{
	struct delivery_result *r;

	if (in->bad || !span_is(in->call, "delivery_done"))
		return false;
	*count = (size_t)packet_in_num(in, "count", DELIVERY_RCPTS_MAX);
	r = arena_array(a, *count, sizeof(*r));
	for (size_t i = 0; i < *count; i++) {
		why_init(&r[i].why);
		why_get(in, &r[i].why);
		fresh_get(in, a, &r[i]);
	}
	*results = r;
	if (packet_in_end(in))
		return true;
	for (size_t i = 0; i < *count; i++)
		why_free(&r[i].why);
	return false;
}
