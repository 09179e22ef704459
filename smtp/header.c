/* header.c - the header of a letter, as it was last made */

#include "smtp/header.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "message/header.h"
#include "queue/edits.h"
#include "smtp/letter.h"

static bool
message_read(const struct letter *l, struct buf *out)
{
	uint64_t size = edited_size(l->message);
	size_t want = size < HEADER_BYTES_MAX ? (size_t)size : HEADER_BYTES_MAX;

	while (out->n < want) {
		ssize_t n = edited_read(l->message,
		    buf_room(out, want - out->n), want - out->n, out->n);

		if (n <= 0) {
			errno = n == 0 ? EIO : errno;
			return false;
		}
		out->n += (size_t)n;
	}
	return true;
}

bool
header_load(const struct letter *l, struct arena *a, struct header_list *out)
{
	struct buf text = BUF_EMPTY;
	bool good = true;

	if (l->header_size > 0)
		buf_add_span(&text, l->header);
	else
		good = message_read(l, &text);
	if (good)
		header_list_parse(a, arena_span(a, buf_span(&text)), out);
	buf_free(&text);
	return good;
}

void
header_set(struct letter *l, const struct header_list *was, struct span fresh)
{
	size_t size = 0;

	for (size_t i = 0; i < was->count; i++)
		size += was->list[i].all.n;
	if (l->header_size == 0)
		l->header_size = size;
	l->header = arena_span(l->arena, fresh);
}
