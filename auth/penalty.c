/* penalty.c - refusals are told late, and later the more there were */

#include "auth/penalty.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/sock.h"

enum { FREE_FAILURES = 3, DOUBLINGS = 4, ENTRIES_MAX = 20000 };
enum { FORGET_MS = 600 * 1000 };

struct count {
	unsigned failures;
	int64_t last_ms;
};

struct penalty {
	int64_t base_ms;
	struct table *counts;
};

struct penalty *
penalty_new(int64_t base_delay_s)
{
	struct penalty *p = mem_new(sizeof(*p));

	p->base_ms = base_delay_s * 1000;
	p->counts = table_new();
	return p;
}

void
penalty_free(struct penalty **p)
{
	if (*p == NULL)
		return;
	table_free(&(*p)->counts, free);
	mem_free(p);
}

/* The address bytes; of IPv6 the first 8. */
static struct span
key_of(struct span client_addr, struct address *a)
{
	struct span bytes;

	if (!address_parse(client_addr, 0, a))
		return client_addr;
	bytes = address_bytes(a);
	return span_head(bytes, bytes.n == 16 ? 8 : bytes.n);
}

static void
forget_old(struct penalty *p)
{
	int64_t now = clock_ms();
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(p->counts, &at, &key, &value)) {
		struct count *c = value;

		if (now - c->last_ms > FORGET_MS) {
			(void)table_remove(p->counts, key);
			free(c);
		}
	}
	if (table_count(p->counts) < ENTRIES_MAX)
		return;
	/* a flood from everywhere: all begin again */
	table_free(&p->counts, free);
	p->counts = table_new();
}

int64_t
penalty_failed(struct penalty *p, struct span client_addr)
{
	struct address a;
	struct span key = key_of(client_addr, &a);
	struct count *c = table_get(p->counts, key);
	int64_t now = clock_ms(), delay = p->base_ms;

	if (c == NULL) {
		if (table_count(p->counts) >= ENTRIES_MAX)
			forget_old(p);
		c = mem_new(sizeof(*c));
		table_put(p->counts, key, c);
	} else if (now - c->last_ms > FORGET_MS) {
		c->failures = 0;
	}
	c->last_ms = now;
	c->failures++;
	for (unsigned i = FREE_FAILURES;
	     i < c->failures && i < FREE_FAILURES + DOUBLINGS; i++)
		delay *= 2;
	return delay;
}

void
penalty_good(struct penalty *p, struct span client_addr)
{
	struct address a;
	struct count *c = table_remove(p->counts, key_of(client_addr, &a));

	free(c);
}
