/* fuzz_accept.c - a segment of the accept log as a disk may give it back */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/must.h"
#include "queue/accept.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
records(struct span rest)
{
	struct span all = rest;
	struct accept_record r;

	while (accept_record_next(&rest, &r)) {
		must(rest.n < all.n);
		must(r.id.p >= all.p && r.id.n <= all.n);
		must(r.removed || r.tail.p + r.tail.n == rest.p);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span bytes = span_of((const char *)p, n);
	struct buf made = BUF_EMPTY;
	struct accept_batch b;

	while (accept_batch_get(bytes, &b)) {
		must(b.size >= ACCEPT_HEAD + b.records.n && b.size <= bytes.n);
		records(b.records);
		bytes = span_skip(bytes, b.size);
	}
	/* the input as records with a head that is right */
	accept_batch_begin(&made);
	buf_add(&made, p, n);
	accept_batch_end(&made, 1, 1);
	if (n <= ACCEPT_SEGMENT) {
		must(accept_batch_get(buf_span(&made), &b));
		must(b.records.n == n);
		records(b.records);
	}
	buf_free(&made);
	return 0;
}
