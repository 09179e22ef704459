/* fuzz_managesieve.c - what a client of ManageSieve sends, until it is read */

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/must.h"
#include "wire/managesieve.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
print_back(const struct managesieve_command *c)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < c->count; i++)
		managesieve_string(&out, c->args[i].text);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct managesieve_command c;
	bool goes_on = true;

	while (in.n > 0 && goes_on) {
		struct arena *a = arena_new();
		enum managesieve_result got = managesieve_read(a, in, 100, &c);

		goes_on = got == MANAGESIEVE_WHOLE || got == MANAGESIEVE_BAD;
		must(c.count <= MANAGESIEVE_ARGS && c.used <= in.n);
		must((c.used > 0) ==
		    (got != MANAGESIEVE_MORE && got != MANAGESIEVE_ENDLESS));
		if (got == MANAGESIEVE_WHOLE) {
			print_back(&c);
			managesieve_wipe(&c);
		}
		in = span_skip(in, c.used);
		arena_free(&a);
	}
	return 0;
}
