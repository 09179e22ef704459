/* Whatever a packet holds, each record that comes out is fit for its type. */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "dns/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum dns_type types[] = { DNS_A, DNS_CNAME, DNS_PTR,
		DNS_MX, DNS_TXT, DNS_AAAA, DNS_TLSA };
	struct arena *a = arena_new();
	struct dns_answer got;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		dns_answer_parse(
		    span_of((const char *)p, n), types[i], a, &got);
		must(got.count <= DNS_RECORDS_MAX);
		must((got.count > 0) == (got.result == DNS_FOUND));
		for (size_t k = 0; k < got.count; k++)
			must(dns_record_fit(types[i], &got.records[k]));
	}
	arena_free(&a);
	return 0;
}
