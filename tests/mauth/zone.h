/* zone.h - answers of a name server, for the tests of this folder */

#ifndef TESTS_MAUTH_ZONE_H
#define TESTS_MAUTH_ZONE_H

#include <check.h>
#include <string.h>

#include "base/arena.h"
#include "dns/answer.h"
#include "os/sock.h"

/* One record; a table ends with a NULL name. value "(trouble)": no answer. */
struct zone_row {
	const char *name;
	enum dns_type type;
	const char *value;
};

static inline struct dns_answer
zone_answer(const struct zone_row *rows, enum dns_type type, struct span name,
    struct arena *a)
{
	struct dns_answer answer = { .result = DNS_NXDOMAIN };
	struct dns_record *records = arena_array(a, 64, sizeof(*records));
	struct address *address;

	answer.records = records;
	for (; rows->name != NULL; rows++) {
		struct span value = span_str(rows->value);

		if (!span_iis(name, rows->name))
			continue;
		if (answer.result == DNS_NXDOMAIN)
			answer.result = DNS_NODATA;
		if (rows->type != type)
			continue;
		if (span_is(value, "(trouble)"))
			return (struct dns_answer){ .result = DNS_TROUBLE };
		address = arena_alloc(a, sizeof(*address));
		if (type == DNS_A || type == DNS_AAAA) {
			ck_assert(address_parse(value, 0, address));
			value = address_bytes(address);
		}
		ck_assert_uint_lt(answer.count, 64);
		records[answer.count++].data = value;
		answer.result = DNS_FOUND;
	}
	return answer;
}

#endif
