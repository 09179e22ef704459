/* fuzz_courier.c - Courier's files */

#include <stdint.h>

#include "base/must.h"
#include "base/why.h"
#include "config/courier.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct courier_range range = { 1, 100, 5 };
	struct why why;
	struct courier *c;
	struct courier_setting s;
	size_t at = 0;
	int64_t number;
	bool yes;

	why_init(&why);
	c = courier_parse(span_of((const char *)p, n), "imapd", &why);
	must(c != NULL || why.text.n > 0);
	while (c != NULL && courier_next(c, &at, &s)) {
		must(courier_get(c, s.name) == s.value && s.line > 0);
		(void)courier_use(s.name);
		(void)courier_yes(c, s.name, true, &yes, &why);
		(void)courier_number(c, s.name, &range, &number, &why);
	}
	courier_free(&c);
	why_free(&why);
	return 0;
}
