/* fuzz_sts.c - wire/sts.h */

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "wire/sts.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What is taken keeps its promises. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of((const char *)p, n), id;
	struct sts_policy policy;
	const char *error;

	if (sts_record_parse(in, &id) == STS_RECORD_GOOD)
		must(sts_id_valid(id));
	if (!sts_policy_parse(in, &policy, &error))
		return 0;
	must(policy.max_age <= STS_AGE_MAX && policy.mx_count <= STS_MX_MAX);
	must(policy.mx_count > 0 || policy.mode == STS_NONE);
	for (size_t i = 0; i < policy.mx_count; i++) {
		must(sts_mx_valid(policy.mx[i]));
		must(sts_mx_match(policy.mx[i], policy.mx[i]) ||
		    span_starts(policy.mx[i], "*."));
	}
	return 0;
}
