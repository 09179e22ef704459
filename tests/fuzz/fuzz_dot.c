/* fuzz_dot.c - dots of content, read and written again, wire/dot.h */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "wire/dot.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What was read, written for the next host, is read there as the same. */
static void
check_hop(struct buf *content)
{
	struct dot_reader *r = dot_new(DOT_STRICT);
	struct buf wire = BUF_EMPTY, again = BUF_EMPTY;
	struct dot_writer w;
	size_t used;

	dot_writer_init(&w, true);
	dot_write(&w, buf_span(content), &wire);
	dot_write_finish(&w, &wire);
	must(dot_feed(r, wire.p, wire.n, &used, &again) == DOT_END);
	must(used == wire.n);
	if (content->n > 0 && content->p[content->n - 1] != '\n')
		buf_add_byte(content, '\n');
	must(span_eq(buf_span(&again), buf_span(content)));
	buf_free(&wire);
	buf_free(&again);
	dot_free(&r);
}

/* First byte: the mode; second: where the input is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_skip(span_of((const char *)p, n), 2);
	enum dot_mode mode = (enum dot_mode)(n > 0 ? p[0] % 3 : 0);
	struct span front = span_head(in, n > 1 ? p[1] : 0);
	struct dot_reader *whole = dot_new(mode), *cut = dot_new(mode);
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;
	size_t used, first, second = 0;
	enum dot_result x, y;

	x = dot_feed(whole, in.p, in.n, &used, &a);
	y = dot_feed(cut, front.p, front.n, &first, &b);
	if (y == DOT_MORE)
		y = dot_feed(cut, in.p + first, in.n - first, &second, &b);
	must(x == y && used == first + second);
	must(span_eq(buf_span(&a), buf_span(&b)) && a.n <= in.n + 3);
	must(span_find(buf_span(&a), '\r') == a.n);
	if (x != DOT_BAD)
		check_hop(&a);
	buf_free(&a);
	buf_free(&b);
	dot_free(&whole);
	dot_free(&cut);
	return 0;
}
