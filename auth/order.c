/* order.c - whose password is looked at next */

#include "auth/order.h"

#include <stddef.h>

static unsigned
running_for(const struct list *running, struct span client_addr)
{
	unsigned n = 0;

	LIST_EACH(l, running)
	if (span_eq(
		LIST_OF(l, struct order_entry, in)->client_addr, client_addr))
		n++;
	return n;
}

static enum penalty_rank
rank_now(const struct order_entry *e, int64_t now_ms)
{
	return e->rank == RANK_FAILING && now_ms - e->since_ms > ORDER_AGE_MS
	    ? RANK_FRESH
	    : e->rank;
}

struct order_entry *
order_next(const struct list *waiting, const struct list *running,
    unsigned share, int64_t now_ms)
{
	struct order_entry *best = NULL, *modest = NULL;

	LIST_EACH(l, waiting)
	{
		struct order_entry *e = LIST_OF(l, struct order_entry, in);
		enum penalty_rank rank = rank_now(e, now_ms);

		if (best == NULL || rank < rank_now(best, now_ms))
			best = e;
		if ((modest == NULL || rank < rank_now(modest, now_ms)) &&
		    running_for(running, e->client_addr) < share)
			modest = e;
	}
	return modest != NULL ? modest : best;
}

struct order_entry *
order_worst(const struct list *waiting, enum penalty_rank rank)
{
	struct order_entry *worst = NULL;

	LIST_EACH(l, waiting)
	{
		struct order_entry *e = LIST_OF(l, struct order_entry, in);

		if (e->rank > rank && (worst == NULL || e->rank >= worst->rank))
			worst = e;
	}
	return worst;
}
