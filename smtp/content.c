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
#include "message/downgrade.h"
#include "queue/edits.h"
#include "smtp/letter.h"
#include "wire/dot.h"

enum { PIECE = 16384 };

struct content {
	const struct edited *message;
	uint64_t offset;
	size_t line_max, column;
	struct dot_writer dot;
	struct span header; /* not sent yet */
	const struct change *changes; /* not made yet */
	size_t change_count;
	struct downgrade *downgrade; /* NULL: bytes are sent as they are */
};

struct content *
content_new(const struct edited *message, const struct content_how *how)
{
	struct content *c = mem_new(sizeof(*c));

	c->message = message;
	/* a break adds a blank */
	c->line_max = how->line_max == 1 ? 2 : how->line_max;
	dot_writer_init(&c->dot, !how->chunk);
	c->header = how->header;
	c->offset = how->header_size;
	c->changes = how->changes;
	c->change_count = how->change_count;
	if (how->seven_bit || how->no_utf8)
		c->downgrade = downgrade_new(
		    how->seven_bit ? DOWNGRADE_ALL : DOWNGRADE_GLOBAL);
	return c;
}

void
content_free(struct content **c)
{
	if (*c == NULL)
		return;
	downgrade_free(&(*c)->downgrade);
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

static void
put_encoded(struct content *c, struct span piece, bool last, struct buf *out)
{
	struct buf encoded = BUF_EMPTY;

	if (last)
		downgrade_finish(c->downgrade, &encoded);
	else
		downgrade_feed(c->downgrade, piece, &encoded);
	put(c, buf_span(&encoded), out);
	buf_free(&encoded);
}

static void
piece_put(struct content *c, struct span piece, struct buf *out)
{
	if (c->downgrade != NULL)
		put_encoded(c, piece, false, out);
	else
		put(c, piece, out);
}

/* The next change, where its place has come. */
static bool
change_make(struct content *c, struct buf *out)
{
	const struct change *next = c->changes;

	if (c->change_count == 0 || next->from > c->offset)
		return false;
	piece_put(c, next->text, out);
	if (next->to > c->offset)
		c->offset = next->to;
	c->changes++;
	c->change_count--;
	return true;
}

/* Octets of the message up to its end, or to the next change. */
static uint64_t
left_of(const struct content *c)
{
	if (c->change_count > 0)
		return c->changes->from - c->offset;
	return edited_size(c->message) - c->offset;
}

enum content_result
content_next(struct content *c, struct buf *out)
{
	char piece[PIECE];
	uint64_t left;
	size_t want;
	ssize_t got;

	if (c->header.n == 0 && change_make(c, out))
		return CONTENT_MORE;
	left = left_of(c);
	want = left < PIECE ? (size_t)left : PIECE;
	if (want == 0 && c->header.n == 0) {
		if (c->downgrade != NULL)
			put_encoded(c, SPAN(""), true, out);
		dot_write_finish(&c->dot, out);
		return CONTENT_END;
	}
	if (c->header.n > 0) {
		piece_put(c, c->header, out);
		c->header = SPAN("");
		return CONTENT_MORE;
	}
	got = edited_read(c->message, piece, want, c->offset);
	if (got <= 0) {
		if (got == 0)
			errno = EIO; /* shorter than its envelope says */
		return CONTENT_FAILED;
	}
	piece_put(c, span_of(piece, (size_t)got), out);
	c->offset += (uint64_t)got;
	return CONTENT_MORE;
}

int
content_is_wide(
    const struct edited *message, struct span header, size_t header_size)
{
	struct content_how how = { .chunk = true,
		.no_utf8 = true,
		.header = header,
		.header_size = header_size };
	struct content *c = content_new(message, &how);
	struct buf ignored = BUF_EMPTY;
	enum content_result got = CONTENT_MORE;
	int wide;

	while (got == CONTENT_MORE && !downgrade_met_wide(c->downgrade) &&
	    !downgrade_is_past_headers(c->downgrade)) {
		got = content_next(c, &ignored);
		buf_clear(&ignored);
	}
	wide = got == CONTENT_FAILED ? -1 : downgrade_met_wide(c->downgrade);
	content_free(&c);
	buf_free(&ignored);
	return wide;
}
