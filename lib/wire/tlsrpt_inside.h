/* tlsrpt_inside.h - the counts as tlsrpt.c and tlsrpt_json.c see them */

#ifndef WIRE_TLSRPT_INSIDE_H
#define WIRE_TLSRPT_INSIDE_H

#include "base/list.h"
#include "wire/tlsrpt.h"

struct tlsrpt {
	size_t limit, count;
	struct list rows, ruas; /* the newest first */
};

struct tlsrpt_detail {
	struct list in;
	enum tlsrpt_result result;
	uint64_t count;
	struct span local, host, address, text;
};

/* A policy of a domain on a day. */
struct tlsrpt_row {
	struct list in;
	struct arena *arena;
	char day[TLSRPT_DAY];
	struct span domain;
	enum tlsrpt_type type;
	struct span policy, patterns;
	uint64_t successes, failures;
	unsigned detail_count;
	struct list details;
};

struct tlsrpt_rua {
	struct list in;
	char day[TLSRPT_DAY];
	char *domain;
	char *uris; /* empty: nobody wants a report */
	bool sent; /* or given up */
};

#endif
