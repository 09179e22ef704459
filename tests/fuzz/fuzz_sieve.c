/* fuzz_sieve.c - a script and a message, an empty line of dashes between */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "sieve/run.h"
#include "sieve/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool
exists(void *ctx, struct span name)
{
	(void)ctx;
	return name.n % 2 == 0;
}

static bool
seen(void *ctx, struct span key)
{
	(void)ctx;
	return key.n % 2 == 0;
}

/* The script itself, under names of one letter. */
static enum sieve_included
include(
    void *ctx, struct span name, bool global, const struct sieve_script **out)
{
	*out = ctx;
	return name.n == 1 && !global ? SIEVE_INCLUDED : SIEVE_MISSING;
}

static void
run(struct arena *a, struct sieve_script *s, struct span message)
{
	const struct sieve_ops ops = { .ctx = s,
		.mailbox_exists = exists,
		.seen = seen,
		.include = include };
	const struct sieve_message m = { .text = message,
		.from = SPAN("a+b@c.test"),
		.to = SPAN("u+x@d.test"),
		.now = 1700000000,
		.delimiters = "+",
		.host = "h" };
	struct sieve_result out;
	bool good = sieve_run(s, a, &m, &ops, &out);

	must(good == (out.what == NULL));
	must(good || (out.count == 1 && out.actions[0].kind == SIEVE_KEEP));
	must(out.count <= s->limits.actions + 1);
	for (size_t i = 0; i < out.count; i++)
		must(out.actions[i].tail <= message.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char between[] = "\n--\n";
	const struct sieve_limits limits = { .work = 1000000 };
	struct span all = span_of((const char *)p, n);
	size_t at = span_search(all, span_str(between));
	struct arena *a = arena_new();
	struct sieve_script *s;

	s = sieve_script_new(a, span_head(all, at), &limits);
	for (size_t i = 0; i < s->error_count; i++)
		must(s->errors[i].line > 0 && s->errors[i].column > 0);
	if (s->error_count == 0)
		run(a, s, span_skip(all, at + sizeof(between) - 1));
	arena_free(&a);
	return 0;
}
