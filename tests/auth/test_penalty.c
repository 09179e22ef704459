/* test_penalty.c - auth/penalty.h */

#include "auth/penalty.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tests/unit.h"

static int64_t
failed_as(struct penalty *p, const char *addr, const char *user)
{
	return penalty_failed(
	    p, &(struct penalty_of){ span_str(addr), span_str(user) });
}

static int64_t
failed(struct penalty *p, const char *addr)
{
	return failed_as(p, addr, "");
}

static void
good_as(struct penalty *p, const char *addr, const char *user)
{
	penalty_good(p, &(struct penalty_of){ span_str(addr), span_str(user) });
}

static void
good(struct penalty *p, const char *addr)
{
	good_as(p, addr, "");
}

static enum penalty_rank
rank(struct penalty *p, const char *addr, const char *user)
{
	return penalty_rank(
	    p, &(struct penalty_of){ span_str(addr), span_str(user) });
}

START_TEST(grows)
{
	static const int64_t delays[] = { 2000, 2000, 2000, 4000, 8000, 16000,
		32000, 32000, 32000 };
	struct penalty *p = penalty_new(2);

	for (int i = 0; i < UNIT_COUNT(delays); i++)
		ck_assert_int_eq(failed(p, "192.0.2.1"), delays[i]);
	ck_assert_int_eq(failed(p, "192.0.2.2"), 2000);
	good(p, "192.0.2.1");
	ck_assert_int_eq(failed(p, "192.0.2.1"), 2000);
	penalty_free(&p);
}
END_TEST

/* A /64 is one client. */
START_TEST(networks)
{
	struct penalty *p = penalty_new(1);

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(failed(p, "2001:db8::1"), 1000);
	ck_assert_int_eq(failed(p, "2001:db8::2:3"), 2000);
	ck_assert_int_eq(failed(p, "2001:db8:0:1::1"), 1000);
	ck_assert_int_eq(failed(p, "unknown"), 1000);
	penalty_free(&p);
}
END_TEST

/* One name guessed at from everywhere is guessed at slowly; a right password
 * of one address is no help to the others. */
START_TEST(names)
{
	struct penalty *p = penalty_new(1);

	for (int i = 0; i < 20; i++) {
		char *addr = mem_printf("192.0.2.%d", i);

		ck_assert_int_eq(failed_as(p, addr, "u"), 1000);
		free(addr);
	}
	ck_assert_int_eq(failed_as(p, "198.51.100.1", "u"), 2000);
	good_as(p, "198.51.100.2", "u");
	ck_assert_int_eq(failed_as(p, "198.51.100.3", "u"), 4000);
	ck_assert_int_eq(failed_as(p, "198.51.100.3", "v"), 1000);
	penalty_free(&p);
}
END_TEST

START_TEST(ranks)
{
	struct penalty *p = penalty_new(1);

	ck_assert_int_eq(rank(p, "192.0.2.1", "u"), RANK_FRESH);
	(void)failed_as(p, "192.0.2.1", "u");
	ck_assert_int_eq(rank(p, "192.0.2.1", "v"), RANK_FAILING);
	ck_assert_int_eq(rank(p, "192.0.2.2", "u"), RANK_FRESH);
	good_as(p, "192.0.2.1", "u");
	ck_assert_int_eq(rank(p, "192.0.2.1", "u"), RANK_KNOWN);
	ck_assert_int_eq(rank(p, "192.0.2.1", "v"), RANK_FRESH);
	/* a slip of the hand is forgiven, guessing is not */
	for (int i = 0; i < 3; i++)
		(void)failed_as(p, "192.0.2.1", "u");
	ck_assert_int_eq(rank(p, "192.0.2.1", "u"), RANK_KNOWN);
	(void)failed_as(p, "192.0.2.1", "u");
	ck_assert_int_eq(rank(p, "192.0.2.1", "u"), RANK_FAILING);
	good_as(p, "2001:db8::1", "u");
	ck_assert_int_eq(rank(p, "2001:db8::2", "u"), RANK_KNOWN);
	penalty_free(&p);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, grows);
	tcase_add_test(t, networks);
	tcase_add_test(t, names);
	tcase_add_test(t, ranks);
}

int
main(void)
{
	return unit_main("auth/penalty", fill);
}
