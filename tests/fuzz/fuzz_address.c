/* fuzz_address.c - address lists of header fields, message/address.h */

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "message/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n);
	struct arena *a = arena_new();
	struct address_list l;
	bool in_group = false;

	address_list_parse(a, in, &l);
	must(l.count <= ADDRESS_COUNT_MAX + 1 && l.work <= 16 * n + 100);
	for (size_t i = 0; i < l.count; i++) {
		const struct address_entry *one = &l.list[i];

		must(!span_has_break(one->name) && !span_has_break(one->local));
		must(!span_has_break(one->route) &&
		    !span_has_break(one->domain));
		must(one->kind != ADDRESS_GROUP_START || !in_group);
		must(one->kind != ADDRESS_GROUP_END || in_group);
		if (one->kind != ADDRESS_MAILBOX)
			in_group = !in_group;
	}
	must(!in_group);
	arena_free(&a);
	return 0;
}
