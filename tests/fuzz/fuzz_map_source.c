/* fuzz_map_source.c - postmap's text, and the rules of pattern tables */

#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"
#include "maps/items.h"
#include "maps/rules.h"
#include "maps/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
one_rule(struct span line)
{
	struct span groups[RULE_GROUPS_MAX] = { { NULL, 0 } }, bad;
	struct buf out = BUF_EMPTY;
	struct rule r;
	unsigned largest;

	if (rule_parse(line, &r) == NULL &&
	    rule_result_check(r.result, &largest, &bad)) {
		must(largest < RULE_GROUPS_MAX);
		rule_result_expand(r.result, groups, largest + 1, &out);
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span text = span_of((const char *)p, n), line, key, value, item;
	struct source s;

	source_init(&s, text);
	while (source_next(&s, &line)) {
		if (source_pair(line, &key, &value) == NULL)
			must(key.n > 0 && value.n > 0 &&
			    key.n + value.n < line.n);
		one_rule(line);
		while (items_next(&line, &item))
			items_unbrace(&item);
	}
	source_done(&s);
	return 0;
}
