/* Whatever the DNS says, the evaluation ends within its limits. Each answer is
 * a line of the input: its first byte says what comes of it. */

#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "dns/name.h"
#include "mauth/spf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of((const char *)p, n), line;
	struct arena *a = arena_new();
	struct spf_want want = { .sender = SPAN("strong-bad@email.example.com"),
		.helo = SPAN("mx.example.org"),
		.receiver = SPAN("us.example") };
	struct spf *s;
	enum dns_type type;
	struct span name;
	unsigned asked = 0;

	must(address_parse(SPAN("192.0.2.3"), 0, &want.ip));
	s = spf_new(a, &want);
	while (spf_question(s, &type, &name)) {
		struct dns_record records[12];
		struct dns_answer answer = { .result = DNS_NXDOMAIN,
			.records = records };

		must(dns_name_askable(name));
		must(++asked < 150);
		if (!span_line(&rest, &line)) {
			answer.result = DNS_TROUBLE;
		} else if (line.n > 1) {
			answer.result = DNS_FOUND;
			answer.count = (unsigned char)line.p[0] % 12 + 1U;
			if (type == DNS_A)
				line = SPAN("x\xc0\0\2\3");
			for (size_t i = 0; i < answer.count; i++)
				records[i].data = span_skip(line, 1);
		}
		spf_answer(s, &answer);
	}
	arena_free(&a);
	return 0;
}
