/* fuzz_mime.c - the structure of messages, message/mime.h */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "base/utf8.h"
#include "message/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
check_part(const struct mime_part *p, struct span message)
{
	const struct mime_part *q = p->parent;
	struct span body = mime_part_body(p, message);
	struct buf b = BUF_EMPTY;

	must(p->header_at <= p->body_at && p->body_at <= p->end_at);
	must(p->end_at <= message.n && p->body.raw == body.n);
	must(p->body.lf <= p->body.raw && p->body.raw <= p->body.crlf);
	must(p->body.crlf == p->body.lf + p->body.lines);
	must(q == NULL ||
	    (p->header_at >= q->body_at && p->end_at <= q->end_at));
	must(p->next == NULL || p->next->header_at >= p->end_at);
	must(p->depth <= MIME_DEPTH_MAX);
	must(!span_has_break(p->type) && !span_has_break(p->description));
	mime_part_text(p, message, 200, &b);
	must(b.n <= 200 && utf8_valid(buf_span(&b)));
	buf_clear(&b);
	mime_part_filename(p, &b);
	must(utf8_valid(buf_span(&b)) && !span_has_break(buf_span(&b)));
	must(span_find(buf_span(&b), '/') == b.n);
	buf_free(&b);
}

/* The first byte is where the message is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_skip(span_of((const char *)p, n), 1);
	size_t cut = n > 0 ? p[0] : 0;
	struct arena *a = arena_new();
	struct mime_parser *parser = mime_new(a);
	struct mime_tree t, again;
	const struct mime_part *x, *y;
	size_t count = 0;

	mime_feed(parser, span_head(in, cut));
	mime_feed(parser, span_skip(in, cut));
	mime_finish(parser, &t);
	must(mime_work(parser) <= (MIME_DEPTH_MAX + 2) * n + 10);
	mime_free(&parser);
	mime_parse(a, in, &again);
	y = again.root;
	for (x = t.root; x != NULL; x = mime_part_next(x)) {
		check_part(x, in);
		must(y != NULL && x->end_at == y->end_at &&
		    x->header_at == y->header_at);
		y = mime_part_next(y);
		count++;
	}
	must(y == NULL && count == t.count && count <= MIME_PARTS_MAX);
	arena_free(&a);
	return 0;
}
