/* fuzz_aliases.c - the text of aliases(5), names and members */

#include <stdint.h>

#include "base/must.h"
#include "maps/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span text = span_of((const char *)p, n), line, value;
	struct buf name = BUF_EMPTY, member = BUF_EMPTY;
	enum alias_kind kind;
	struct source s;

	source_init(&s, text);
	while (source_next(&s, &line)) {
		size_t sum = 0;

		buf_clear(&name);
		if (source_alias(line, &name, &value) != NULL)
			continue;
		must(name.n > 0 && value.n > 0);
		while (source_member(&value, &kind, &member))
			sum += member.n;
		must(sum <= line.n);
	}
	source_done(&s);
	buf_free(&name);
	buf_free(&member);
	return 0;
}
