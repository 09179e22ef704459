/*
 * deflate.c - both directions of a compressed connection (RFC 1951, RFC 4978)
 *
 * Our window is 8 KiB, so that a session takes 32 KiB for it and not 256; the
 * other side may use all of the 32 KiB that the format allows.
 */

#include "os/deflate.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"

enum { LEVEL = 5, WINDOW = -13, MEMORY = 6, CHUNK = 16384 };

struct deflate {
	z_stream in, out;
	uint64_t took, gave; /* by deflate_unpack() */
	bool over;
};

struct deflate *
deflate_new(void)
{
	struct deflate *d = mem_new(sizeof(*d));

	must(deflateInit2(&d->out, LEVEL, Z_DEFLATED, WINDOW, MEMORY,
		 Z_DEFAULT_STRATEGY) == Z_OK);
	must(inflateInit2(&d->in, -MAX_WBITS) == Z_OK);
	return d;
}

void
deflate_free(struct deflate **d)
{
	if (*d == NULL)
		return;
	(void)deflateEnd(&(*d)->out);
	(void)inflateEnd(&(*d)->in);
	mem_free(d);
}

/* One step of zlib, whose lengths are 32 bits and whose input is not const. */
static void
feed(z_stream *z, struct span s, size_t most)
{
	z->next_in = (z_const Bytef *)(uintptr_t)s.p;
	z->avail_in = (uInt)(s.n < most ? s.n : most);
}

void
deflate_pack(struct deflate *d, struct span s, bool flush, struct buf *out)
{
	z_stream *z = &d->out;

	do {
		uInt had;

		feed(z, s, 1 << 30);
		had = z->avail_in;
		z->next_out = (Bytef *)buf_room(out, CHUNK);
		z->avail_out = CHUNK;
		(void)deflate(
		    z, flush && had == s.n ? Z_SYNC_FLUSH : Z_NO_FLUSH);
		out->n += CHUNK - z->avail_out;
		s = span_skip(s, had - z->avail_in);
	} while (s.n > 0 || z->avail_out == 0);
}

bool
deflate_unpack(struct deflate *d, struct span *s, struct buf *out)
{
	z_stream *z = &d->in;
	int got;

	if (d->over)
		return false;
	feed(z, *s, DEFLATE_PIECE);
	z->next_out = (Bytef *)buf_room(out, DEFLATE_PIECE);
	z->avail_out = DEFLATE_PIECE;
	d->took += z->avail_in;
	got = inflate(z, Z_SYNC_FLUSH);
	d->took -= z->avail_in;
	d->gave += DEFLATE_PIECE - z->avail_out;
	out->n += DEFLATE_PIECE - z->avail_out;
	*s = span_skip(*s, (size_t)((const char *)z->next_in - s->p));
	d->over = (got != Z_OK && got != Z_BUF_ERROR) ||
	    (d->gave > DEFLATE_FREE &&
		d->gave - DEFLATE_FREE > d->took * DEFLATE_RATIO);
	return !d->over;
}

void
gzip_pack(struct span s, struct buf *out)
{
	z_stream z = { .zalloc = NULL };
	int got;

	must(deflateInit2(&z, LEVEL, Z_DEFLATED, MAX_WBITS + 16, MEMORY,
		 Z_DEFAULT_STRATEGY) == Z_OK);
	do {
		uInt had;

		if (z.avail_in == 0 && s.n > 0) {
			feed(&z, s, CHUNK);
			s = span_skip(s, CHUNK);
		}
		z.next_out = (Bytef *)buf_room(out, CHUNK);
		z.avail_out = had = CHUNK;
		got = deflate(&z, s.n == 0 ? Z_FINISH : Z_NO_FLUSH);
		must(got != Z_STREAM_ERROR);
		out->n += had - z.avail_out;
	} while (got != Z_STREAM_END);
	(void)deflateEnd(&z);
}
