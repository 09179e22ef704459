/* test_users_recent.c - os/users_recent.h, with accounts that every system has
 */

#include "os/users_recent.h"

#include "base/arena.h"
#include "tests/unit.h"

START_TEST(found_and_found_again)
{
	struct users_recent *r = users_recent_new();
	struct arena *first = arena_new(), *second = arena_new();
	struct account a, b;

	ck_assert_int_eq(
	    users_recent_find(r, first, SPAN("daemon"), &a), USERS_FOUND);
	ck_assert_str_eq(a.name, "daemon");
	/* what is remembered is nobody's arena */
	arena_free(&first);
	ck_assert_int_eq(
	    users_recent_find(r, second, SPAN("daemon"), &b), USERS_FOUND);
	ck_assert_str_eq(b.name, "daemon");
	ck_assert_uint_ne(b.uid, 0);
	ck_assert_ptr_nonnull(b.home);
	arena_free(&second);
	users_recent_free(&r);
	ck_assert_ptr_null(r);
}
END_TEST

START_TEST(nobody)
{
	struct users_recent *r = users_recent_new();
	struct arena *a = arena_new();
	struct account who;

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    users_recent_find(r, a, SPAN("nobody-like-this"), &who),
		    USERS_UNKNOWN);
	ck_assert_int_eq(
	    users_recent_find(r, a, SPAN(""), &who), USERS_UNKNOWN);
	arena_free(&a);
	users_recent_free(&r);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, found_and_found_again);
	tcase_add_test(t, nobody);
}

int
main(void)
{
	return unit_main("os/users_recent", fill);
}
