/* test_penalty.c - auth/penalty.h */

#include "auth/penalty.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/loop.h"
#include "tests/unit.h"

static struct loop *loop;

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
	struct penalty *p = penalty_new(2, loop, NULL);

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
	struct penalty *p = penalty_new(1, loop, NULL);

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
	struct penalty *p = penalty_new(1, loop, NULL);

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
	struct penalty *p = penalty_new(1, loop, NULL);

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

/* Who comes next, after a crash or not, knows them; and names are not shown. */
START_TEST(kept)
{
	char folder[] = "/tmp/facteur-test-XXXXXX", command[64];
	struct penalty *p;
	struct buf text = BUF_EMPTY;
	char *path;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	p = penalty_new(1, loop, folder);
	for (int i = 0; i < 5; i++)
		(void)failed_as(p, "192.0.2.1", "typed-by-mistake");
	good(p, "192.0.2.2");
	penalty_flush(p);
	penalty_free(&p);
	path = mem_printf("%s/failures.db", folder);
	ck_assert_int_eq(file_read_path(path, 1 << 20, &text), 0);
	ck_assert_uint_eq(span_search(buf_span(&text), SPAN("typed")), text.n);
	p = penalty_new(1, loop, folder);
	ck_assert_int_eq(rank(p, "192.0.2.1", "v"), RANK_FAILING);
	ck_assert_int_eq(failed(p, "192.0.2.1"), 8000);
	ck_assert_int_eq(failed(p, "192.0.2.2"), 1000);
	penalty_free(&p);
	buf_free(&text);
	free(path);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static void
setup(void)
{
	loop = loop_new();
}

static void
teardown(void)
{
	loop_free(&loop);
}

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, kept);
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
