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
#include "smtp/letter.h"

enum { HEADER_STEP = 16384 };

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

/* The header, and what of the body came with it. False: errno. */
static bool
header_read(const struct letter *l, struct buf *out)
{
	ssize_t n = 1;

	while (n > 0 && out->n < HEADER_BYTES_MAX &&
	    header_end(buf_span(out)) == out->n) {
		n = edited_read(l->message, buf_room(out, HEADER_STEP),
		    HEADER_STEP, out->n);
		if (n > 0)
			out->n += (size_t)n;
	}
	return n >= 0;
}

bool
way_is_new(
    const struct letter *l, struct span via, size_t told, struct why *why)
{
	struct buf head = BUF_EMPTY;
	struct span rest, by = SPAN("");
	struct header_field field;
	bool good = header_read(l, &head);

	if (!good)
		why_set(why, "4.3.0", "queue file: %s", strerror(errno));
	rest = buf_span(&head);
	for (size_t i = 0; good && by.n == 0 && header_next(&rest, &field); i++)
		if (i >= told && span_iis(field.name, "Delivered-To") &&
		    via_has(via, span_trim(field.value)))
			by = span_trim(field.value);
	if (by.n > 0)
		why_set(why, "5.4.6", "mail forwarding loop for %.*s",
		    (int)by.n, by.p);
	good = good && by.n == 0;
	buf_free(&head);
	return good;
}
