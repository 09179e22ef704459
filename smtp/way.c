/* way.c - mail that local delivery has sent on: it says so, and goes once */

#include "smtp/way.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/queue_call.h"
#include "message/header.h"
#include "queue/edits.h"
#include "queue/via.h"
#include "smtp/header.h"
#include "smtp/letter.h"

struct edited *
way_open(const struct delivery_request *r, struct arena *a, size_t *told)
{
	struct buf edits = BUF_EMPTY;
	struct span kept;

	*told = 0;
	if (r->via.n == 0)
		return edited_open(r->fd, r->content_size, r->edits);
	buf_add_span(&edits, r->edits);
	*told = via_edit(&edits, r->via, (r->flags & QUEUE_SMTPUTF8) != 0);
	kept = arena_span(a, buf_span(&edits));
	buf_free(&edits);
	return edited_open(r->fd, r->content_size, kept);
}

bool
way_is_new(
    const struct letter *l, struct span via, size_t told, struct why *why)
{
	struct arena *a = arena_new();
	struct header_list list = { .count = 0 };
	struct span by = SPAN("");
	bool good = header_load(l, a, &list);

	if (!good)
		why_set(why, "4.3.0", "queue file: %s", strerror(errno));
	for (size_t i = told; i < list.count && by.n == 0; i++)
		if (span_iis(list.list[i].name, "Delivered-To") &&
		    via_has(via, span_trim(list.list[i].value)))
			by = span_trim(list.list[i].value);
	if (by.n > 0)
		why_set(why, "5.4.6", "mail forwarding loop for %.*s",
		    (int)by.n, by.p);
	arena_free(&a);
	return good && by.n == 0;
}
