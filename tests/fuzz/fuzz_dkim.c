/* Whatever a message or a key record holds: each signature is judged, of DKIM
 * and of ARC, and only one whose body and key fit can pass. */

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "dns/answer.h"
#include "mauth/arc.h"
#include "mauth/dkim.h"
#include "mauth/passage.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct run {
	struct arena *arena;
	struct bodies *bodies;
	struct dkim dkim;
	struct arc arc;
};

static void
header(void *arg, const struct fields *f)
{
	struct run *r = arg;

	dkim_begin(&r->dkim, f, r->bodies, r->arena);
	arc_begin(&r->arc, f, r->bodies, r->arena);
}

static void
body(void *arg, struct span bytes)
{
	struct run *r = arg;

	bodies_feed(r->bodies, bytes);
}

/* The message is its own key record, and a right one comes second. */
static void
judge(struct run *r, const struct fields *f, struct span message)
{
	struct dns_record records[] = { { .data = message },
		{ .data = SPAN("k=ed25519; p=11qYAYKxCrfVS/"
			       "7TyWQHOg7hcvPapiMlrwIaaPcHURo=") } };
	struct dns_answer answer = {
		.result = DNS_FOUND, .count = 2, .records = records
	};
	struct buf name = BUF_EMPTY;

	while (dkim_question(&r->dkim, &name)) {
		dkim_answer(&r->dkim, f, &answer, r->arena);
		buf_clear(&name);
	}
	while (arc_question(&r->arc, &name)) {
		arc_answer(&r->arc, f, &answer, r->arena);
		buf_clear(&name);
	}
	must(r->arc.result != ARC_PASS || r->arc.count > 0);
	for (size_t i = 0; i < r->dkim.count; i++) {
		must(!r->dkim.checks[i].waits);
		must(r->dkim.checks[i].result != DKIM_PASS ||
		    r->dkim.checks[i].parsed);
	}
	buf_free(&name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct passage_calls calls = { header, body };
	struct span message = span_of((const char *)p, n);
	struct run r = { .arena = arena_new(), .bodies = bodies_new() };
	struct passage *passage = passage_new(&calls, &r);

	passage_feed(passage, span_head(message, n / 2));
	passage_feed(passage, span_skip(message, n / 2));
	passage_end(passage);
	bodies_end(r.bodies);
	dkim_body(&r.dkim, r.bodies, 1528637910);
	arc_body(&r.arc, r.bodies, 1528637910);
	judge(&r, passage_fields(passage), message);
	passage_free(&passage);
	bodies_free(&r.bodies);
	arena_free(&r.arena);
	return 0;
}
