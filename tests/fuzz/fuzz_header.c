/* fuzz_header.c - header fields, message/header.h */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "message/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
check_walk(struct span in)
{
	struct span rest = in;
	struct header_field f;
	struct buf value = BUF_EMPTY;
	const char *at = in.p;

	while (header_next(&rest, &f)) {
		must(f.all.p == at && f.all.n > 0);
		must(f.name.n == 0 || header_name_valid(f.name));
		at += f.all.n;
		buf_clear(&value);
		header_unfold(&value, f.value);
		must(!span_has_break(buf_span(&value)));
	}
	must(rest.n == 0 || rest.p >= at);
	buf_free(&value);
}

static struct header_scan *
scan(struct span in, size_t cut)
{
	struct header_scan *s = header_scan_new(1000, NULL, NULL);

	header_scan_feed(s, in.p, cut);
	header_scan_feed(s, in.p + cut, in.n - cut);
	header_scan_finish(s);
	return s;
}

/* The first byte is where the input is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	size_t cut = n > 0 ? p[0] : 0;
	struct header_scan *a, *b;
	const struct header_facts *x, *y;

	if (n == 0)
		return 0;
	in = span_skip(in, 1);
	check_walk(in);
	a = scan(in, 0);
	b = scan(in, cut < in.n ? cut : in.n);
	x = header_scan_facts(a);
	y = header_scan_facts(b);
	must(x->ended && x->body_at <= in.n && x->header_bytes <= x->body_at);
	must(x->body_at == y->body_at && x->header_bytes == y->header_bytes);
	must(x->seen == y->seen && x->fields == y->fields);
	must(x->non_ascii == y->non_ascii && x->nul == y->nul);
	must(span_eq(buf_span(&x->message_id), buf_span(&y->message_id)));
	must(span_eq(buf_span(&x->subject), buf_span(&y->subject)));
	header_scan_free(&a);
	header_scan_free(&b);
	return 0;
}
