/* letter_make.c - a letter from what qmgr asked for */

#include "smtp/letter.h"

#include "base/arena.h"
#include "calls/delivery_call.h"

void
letter_request_copy(struct arena *a, const struct delivery_request *from,
    struct delivery_request *r)
{
	struct delivery_rcpt *rcpts =
	    arena_array(a, from->rcpt_count, sizeof(*rcpts));

	*r = *from;
	r->qid = arena_span(a, from->qid);
	r->edits = arena_span(a, from->edits);
	r->via = arena_span(a, from->via);
	r->sender = arena_span(a, from->sender);
	r->envid = arena_span(a, from->envid);
	r->nexthop = arena_span(a, from->nexthop);
	r->client_name = arena_span(a, from->client_name);
	r->client_addr = arena_span(a, from->client_addr);
	r->helo = arena_span(a, from->helo);
	r->proto = arena_span(a, from->proto);
	for (size_t i = 0; i < from->rcpt_count; i++) {
		rcpts[i] = from->rcpts[i];
		rcpts[i].address = arena_span(a, from->rcpts[i].address);
		rcpts[i].orig = arena_span(a, from->rcpts[i].orig);
		rcpts[i].orcpt = arena_span(a, from->rcpts[i].orcpt);
	}
	r->rcpts = rcpts;
}

void
letter_make(struct arena *a, const struct delivery_request *r, struct letter *l)
{
	*l = (struct letter){ .request = r,
		.sender = r->sender,
		.envid = r->envid,
		.ret = r->ret,
		.flags = r->flags,
		.arena = a,
		.count = r->rcpt_count,
		.rcpts = arena_array(a, r->rcpt_count, sizeof(*l->rcpts)) };
	for (size_t i = 0; i < r->rcpt_count; i++) {
		l->rcpts[i].to = &r->rcpts[i];
		l->rcpts[i].address = r->rcpts[i].address;
		why_init(&l->rcpts[i].why);
		/* replaced by the first word there is */
		why_set(&l->rcpts[i].why, "4.3.0", "not tried");
	}
}
