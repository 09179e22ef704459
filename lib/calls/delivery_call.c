/* delivery_call.c - qmgr has a message delivered, both ends */

#include "calls/delivery_call.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/queue_call.h"
#include "calls/why_call.h"
#include "ipc/packet.h"
#include "queue/via.h"

enum {
	ADDRESS_MAX = 4096,
	NAME_MAX_BYTES = 1024,
	ITEM_MAX = 10,
	ITEM_ROOM = 200
};

void
delivery_put(struct packet_out *o, const struct delivery_request *r)
{
	packet_begin(o, "delivery", 0);
	packet_fd(o, r->fd);
	packet_str(o, "qid", r->qid);
	packet_num(o, "content_size", r->content_size);
	packet_num(o, "crc", r->crc);
	packet_bytes(o, "edits", r->edits);
	packet_str(o, "via", r->via);
	packet_str(o, "sender", r->sender);
	packet_str(o, "envid", r->envid);
	packet_num(o, "ret", r->ret);
	packet_num(o, "flags", r->flags);
	packet_signed(o, "arrival_us", r->arrival_us);
	packet_signed(o, "ready_us", r->ready_us);
	packet_str(o, "transport", r->transport);
	packet_str(o, "nexthop", r->nexthop);
	packet_str(o, "client_name", r->client_name);
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
	out->via = packet_in_str(in, "via", VIA_MAX);
	out->sender = packet_in_str(in, "sender", ADDRESS_MAX);
	out->envid = packet_in_str(in, "envid", 100);
	out->ret = (unsigned)packet_in_num(in, "ret", RET_HDRS);
	out->flags =
	    (unsigned)packet_in_num(in, "flags", QUEUE_FLAGS | QUEUE_CHECK);
	out->arrival_us = packet_in_signed(in, "arrival_us");
	out->ready_us = packet_in_signed(in, "ready_us");
	out->transport = packet_in_str(in, "transport", NAME_MAX_BYTES);
	out->nexthop = packet_in_str(in, "nexthop", NAME_MAX_BYTES);
	out->client_name = packet_in_str(in, "client_name", NAME_MAX_BYTES);
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

/* ---- the answer: items, each named by its first attribute */

static void
answer_begin(struct packet_out *o, uint32_t id)
{
	packet_begin(o, "delivery_part", id);
}

static void
item_add(struct packet_out *o, const char *kind)
{
	packet_str(o, "item", span_str(kind));
}

static void
result_put(struct packet_out *o, const struct delivery_result *r)
{
	item_add(o, "result");
	why_put(o, &r->why);
	packet_num(o, "told", r->told);
	packet_num(o, "unreachable", r->unreachable);
}

/* Room for an item of so many bytes: else what there is goes, and the item
 * begins a packet of its own. */
static void
room_make(struct packet_out *o, const struct delivery_answer *a, size_t bytes,
    delivery_send_fn *send, void *arg)
{
	if (packet_room(o) > bytes + ITEM_ROOM)
		return;
	item_add(o, "end");
	send(arg, o);
	answer_begin(o, a->id);
}

void
delivery_answer_send(
    const struct delivery_answer *a, delivery_send_fn *send, void *arg)
{
	struct packet_out o = { .fd_count = 0 };

	answer_begin(&o, a->id);
	for (size_t i = 0; i < a->count; i++) {
		const struct delivery_result *r = &a->results[i];

		room_make(&o, a, r->why.text.n, send, arg);
		result_put(&o, r);
		for (size_t k = 0; k < r->fresh_count; k++) {
			room_make(&o, a, r->fresh[k].n, send, arg);
			item_add(&o, "fresh");
			packet_str(&o, "address", r->fresh[k]);
		}
	}
	if (a->host.n > 0) {
		room_make(&o, a, DELIVERY_HOST_MAX, send, arg);
		item_add(&o, "host");
		packet_str(&o, "name", span_head(a->host, DELIVERY_HOST_MAX));
	}
	item_add(&o, "last");
	send(arg, &o);
	packet_done(&o);
}

void
delivery_refuse_put(struct packet_out *o, const struct packet_in *in)
{
	log_warning("malformed request for a delivery");
	answer_begin(o, in->id);
	item_add(o, "last");
}

void
delivery_results_init(struct delivery_results *r, size_t most)
{
	*r = (struct delivery_results){ .arena = arena_new(), .most = most };
	r->results =
	    arena_array(r->arena, most == 0 ? 1 : most, sizeof(*r->results));
}

/* What was collected belongs to the last result. */
static void
fresh_settle(struct delivery_results *r)
{
	struct delivery_result *last;
	struct span *list;

	if (r->count == 0)
		return;
	last = &r->results[r->count - 1];
	if (last->fresh_count == 0 || last->fresh != NULL)
		return;
	list = arena_array(r->arena, last->fresh_count, sizeof(*list));
	memcpy(list, r->fresh, last->fresh_count * sizeof(*list));
	last->fresh = list;
}

static bool
result_take(struct delivery_results *r, struct packet_in *in)
{
	struct delivery_result *result;

	fresh_settle(r);
	if (r->count == r->most)
		return false;
	result = &r->results[r->count++];
	why_init(&result->why);
	why_get(in, &result->why);
	result->told =
	    (enum delivery_told)packet_in_num(in, "told", TOLD_BY_NEXT);
	result->unreachable = packet_in_bool(in, "unreachable");
	return !in->bad;
}

static bool
fresh_take(struct delivery_results *r, struct packet_in *in)
{
	struct span address = packet_in_str(in, "address", ADDRESS_MAX);
	struct delivery_result *last;

	if (in->bad || r->count == 0 || r->fresh_count == DELIVERY_NEW_MAX)
		return false;
	last = &r->results[r->count - 1];
	if (last->fresh_count == r->fresh_room) {
		r->fresh_room = r->fresh_room == 0 ? 8 : r->fresh_room * 2;
		r->fresh =
		    mem_resize(r->fresh, r->fresh_room, sizeof(*r->fresh));
	}
	r->fresh[last->fresh_count++] = arena_span(r->arena, address);
	r->fresh_count++;
	return true;
}

static bool
host_take(struct delivery_results *r, struct packet_in *in)
{
	r->host =
	    arena_span(r->arena, packet_in_str(in, "name", DELIVERY_HOST_MAX));
	return !in->bad;
}

static enum delivery_came
items_take(struct delivery_results *r, struct packet_in *in)
{
	if (in->bad || !span_is(in->call, "delivery_part"))
		return DELIVERY_BAD;
	for (bool empty = true;; empty = false) {
		struct span item = packet_in_str(in, "item", ITEM_MAX);
		bool last = span_is(item, "last");

		if (last || span_is(item, "end")) {
			if (!packet_in_end(in) || (empty && !last))
				return DELIVERY_BAD;
			return last ? DELIVERY_END : DELIVERY_MORE;
		}
		if (span_is(item, "result")      ? !result_take(r, in)
			: span_is(item, "fresh") ? !fresh_take(r, in)
			: span_is(item, "host")  ? !host_take(r, in)
						 : true)
			return DELIVERY_BAD;
	}
}

enum delivery_came
delivery_results_take(struct delivery_results *r, struct packet_in *in)
{
	enum delivery_came got = items_take(r, in);

	if (got == DELIVERY_END)
		fresh_settle(r);
	else if (got == DELIVERY_BAD)
		delivery_results_done(r);
	return got;
}

void
delivery_results_done(struct delivery_results *r)
{
	for (size_t i = 0; i < r->count; i++)
		why_free(&r->results[i].why);
	free(r->fresh);
	arena_free(&r->arena);
	*r = (struct delivery_results){ .count = 0 };
}
