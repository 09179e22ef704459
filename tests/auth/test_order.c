/* test_order.c - auth/order.h: sixty who guess, and one who knows */

#include "auth/order.h"

#include <stdio.h>

#include "tests/unit.h"

enum { ATTACKERS = 60, WORKERS = 4, SHARE = 2 };

struct knock {
	struct order_entry order;
	char addr[20];
};

static struct list waiting, running;
static struct knock knocks[ATTACKERS + 2];

static struct knock *
knock(int i, const char *addr, enum penalty_rank rank, int64_t since_ms)
{
	struct knock *k = &knocks[i];

	(void)snprintf(k->addr, sizeof(k->addr), "%s", addr);
	k->order = (struct order_entry){ .rank = rank,
		.client_addr = span_str(k->addr),
		.since_ms = since_ms };
	list_add_tail(&waiting, &k->order.in);
	return k;
}

static void
attackers(enum penalty_rank rank)
{
	list_init(&waiting);
	list_init(&running);
	for (int i = 0; i < ATTACKERS; i++) {
		char addr[20];

		(void)snprintf(addr, sizeof(addr), "192.0.2.%d", i);
		(void)knock(i, addr, rank, 0);
	}
}

static struct knock *
next(int64_t now_ms)
{
	struct order_entry *e = order_next(&waiting, &running, SHARE, now_ms);

	list_remove(&e->in);
	list_add_tail(&running, &e->in);
	return LIST_OF(e, struct knock, order);
}

static const struct {
	enum penalty_rank attackers, user;
	int64_t now_ms;
	bool first;
} rows[] = {
	{ RANK_FAILING, RANK_KNOWN, 0, true },
	{ RANK_FAILING, RANK_FRESH, 0, true },
	{ RANK_FRESH, RANK_KNOWN, 0, true },
	{ RANK_FRESH, RANK_FRESH, 0, false },
	{ RANK_FAILING, RANK_KNOWN, ORDER_AGE_MS + 1, true },
	/* who has waited long has his turn before the new ones */
	{ RANK_FAILING, RANK_FRESH, ORDER_AGE_MS + 1, false },
};

START_TEST(good_login)
{
	struct knock *k;

	attackers(rows[_i].attackers);
	k = knock(ATTACKERS, "198.51.100.1", rows[_i].user, rows[_i].now_ms);
	ck_assert((next(rows[_i].now_ms) == k) == rows[_i].first);
	for (int i = 0; i < ATTACKERS - 1; i++)
		(void)next(rows[_i].now_ms);
	ck_assert((next(rows[_i].now_ms) == k) == !rows[_i].first);
	ck_assert(list_empty(&waiting));
}
END_TEST

/* In one rank they come in their order, but for an address with its share. */
START_TEST(shares)
{
	list_init(&waiting);
	list_init(&running);
	for (int i = 0; i < 5; i++)
		(void)knock(i, "192.0.2.1", RANK_FRESH, 0);
	(void)knock(5, "192.0.2.2", RANK_FRESH, 0);
	(void)knock(6, "192.0.2.3", RANK_FAILING, 0);
	ck_assert(next(0) == &knocks[0]);
	ck_assert(next(0) == &knocks[1]);
	ck_assert(next(0) == &knocks[5]);
	ck_assert(next(0) == &knocks[6]);
	ck_assert(next(0) == &knocks[2]);
}
END_TEST

/* When too many wait, the last of the worst gives way to a better one. */
START_TEST(room)
{
	struct knock *k;

	attackers(RANK_FRESH);
	ck_assert_ptr_null(order_worst(&waiting, RANK_FAILING));
	ck_assert_ptr_null(order_worst(&waiting, RANK_FRESH));
	ck_assert(
	    order_worst(&waiting, RANK_KNOWN) == &knocks[ATTACKERS - 1].order);
	k = knock(ATTACKERS, "198.51.100.1", RANK_FAILING, 0);
	(void)knock(ATTACKERS + 1, "198.51.100.2", RANK_FRESH, 0);
	ck_assert(order_worst(&waiting, RANK_FRESH) == &k->order);
	ck_assert(order_worst(&waiting, RANK_KNOWN) == &k->order);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, good_login, 0, UNIT_COUNT(rows));
	tcase_add_test(t, shares);
	tcase_add_test(t, room);
}

int
main(void)
{
	return unit_main("auth/order", fill);
}
