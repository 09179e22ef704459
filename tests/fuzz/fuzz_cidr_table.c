/* fuzz_cidr_table.c - rules of cidr: tables and what matches them */

#include <stdint.h>

#include "base/must.h"
#include "maps/cidr.h"
#include "maps/rules.h"
#include "maps/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span text = span_of((const char *)p, n), line;
	struct cidr_address address;
	struct cidr_block block;
	struct source s;

	source_init(&s, text);
	while (source_next(&s, &line)) {
		struct rule r;

		if (rule_parse_address(line, &r) == NULL &&
		    r.kind != RULE_ENDIF &&
		    cidr_block_parse(r.first.text, &block) == CIDR_OK)
			must(block.bits <= block.net.length * 8 &&
			    cidr_contains(&block, &block.net));
		if (cidr_address_parse(line, &address))
			must(address.length == 4 || address.length == 16);
	}
	source_done(&s);
	return 0;
}
