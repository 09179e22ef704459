/*
 * content.c - a message of the queue as it goes over the wire
 *
 * Pieces of a fixed size are read, long lines are broken, then the dot writer
 * makes CRLF of the line ends. A message may have lines of any length.
 */

#include "smtp/content.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "queue/edits.h"
#include "wire/dot.h"

enum { PIECE = 16384 };

struct content {
	const struct edited *message;
	uint64_t offset;
	size_t line_max, column;
	struct dot_writer dot;
};

struct content *
content_new(const struct edited *message, size_t line_max)
{
	struct content *c = mem_new(sizeof(*c));

	c->message = message;
	c->line_max = line_max == 1 ? 2 : line_max; /* a break adds a blank */
	dot_writer_init(&c->dot, true);
	return c;
}

void
content_free(struct content **c)
{
	if (*c != NULL)
		mem_free(c);
}

/* Up to the end of the line or the limit, whichever comes first. */
static size_t
line_part(struct content *c, struct span rest, bool *broken)
{
	size_t end = span_find(rest, '\n'), room = c->line_max - c->column;

	*broken = c->line_max > 0 && end > room;
	if (*broken) {
		c->column = 1; /* the blank */
		return room;
	}
	if (end == rest.n) {
		c->column += end;
		return end;
	}
	c->column = 0;
	return end + 1;
}

static void
put(struct content *c, struct span piece, struct buf *out)
{
	while (piece.n > 0) {
		bool broken;
		size_t n = line_part(c, piece, &broken);

		dot_write(&c->dot, span_head(piece, n), out);
		if (broken)
			dot_write(&c->dot, SPAN("\n "), out);
		piece = span_skip(piece, n);
	}
}

enum content_result
content_next(struct content *c, struct buf *out)
{
	char piece[PIECE];
	uint64_t left = edited_size(c->message) - c->offset;
	size_t want = left < PIECE ? (size_t)left : PIECE;
	ssize_t got;

	if (want == 0) {
		dot_write_finish(&c->dot, out);
		return CONTENT_END;
	}
	got = edited_read(c->message, piece, want, c->offset);
	if (got <= 0) {
		if (got == 0)
			errno = EIO; /* shorter than its envelope says */
		return CONTENT_FAILED;
	}
	put(c, span_of(piece, (size_t)got), out);
	c->offset += (uint64_t)got;
	return CONTENT_MORE;
}
