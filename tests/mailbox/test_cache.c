/* test_cache.c - mailbox/cache.h */

#include "mailbox/cache.h"

#include <errno.h>

#include "base/buf.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static int dir;

static void
setup(void)
{
	base = scratch_new();
	dir = file_open_dir(AT_FDCWD, base, false);
}

static void
teardown(void)
{
	fault_arm(FAULT_WRITE, 0, 0, false);
	file_close(&dir);
	scratch_free(&base);
}

/* Entries of UIDs 1 to n; item 1 is as long as ten times the UID. */
static uint64_t
fill_cache(struct cache *c, uint32_t n, uint64_t places[])
{
	struct buf all = BUF_EMPTY, text = BUF_EMPTY;
	uint64_t at;

	for (uint32_t uid = 1; uid <= n; uid++) {
		struct cache_entry e = { .items = { { NULL, 0 } } };

		for (int i = 0; i < 10; i++)
			buf_add_byte(&text, (char)('a' + uid % 26));
		e.items[0] = SPAN("");
		e.items[1] = buf_span(&text);
		places[uid] = all.n;
		ck_assert(cache_put(&all, uid, &e));
	}
	ck_assert(cache_append(c, 77, buf_span(&all), 1 << 30, &at));
	for (uint32_t uid = 1; uid <= n; uid++)
		places[uid] += at;
	buf_free(&all);
	buf_free(&text);
	return at;
}

static void
holds(struct cache *c, uint64_t at, uint32_t uid)
{
	struct cache_entry e;

	ck_assert_msg(cache_get(c, at, uid, &e), "UID %u", uid);
	ck_assert(e.items[0].p != NULL && e.items[0].n == 0);
	ck_assert_uint_eq(e.items[1].n, 10 * uid);
	ck_assert_int_eq(e.items[1].p[10 * uid - 1], 'a' + uid % 26);
	ck_assert_ptr_null(e.items[2].p);
}

START_TEST(round_trip)
{
	struct cache *c = cache_new(dir, "c", 0600);
	uint64_t places[301];
	struct cache_entry e;

	ck_assert_uint_eq(cache_id(c, 77), 0);
	(void)fill_cache(c, 300, places);
	for (uint32_t uid = 1; uid <= 300; uid++)
		holds(c, places[uid], uid);
	for (uint32_t uid = 300; uid > 7; uid -= 7)
		holds(c, places[uid], uid);
	ck_assert(!cache_get(c, places[5], 6, &e));
	ck_assert(!cache_get(c, places[5] + 1, 5, &e));
	ck_assert(!cache_get(c, 0, 5, &e));
	ck_assert(!cache_get(c, UINT64_C(1) << 62, 5, &e));
	cache_free(&c);
	c = cache_new(dir, "c", 0600);
	ck_assert_uint_ne(cache_id(c, 77), 0);
	holds(c, places[9], 9);
	ck_assert_uint_eq(cache_id(c, 78), 0);
	cache_free(&c);
}
END_TEST

START_TEST(begun_anew)
{
	struct cache *c = cache_new(dir, "c", 0600);
	uint64_t places[4], id, at;

	(void)fill_cache(c, 3, places);
	id = cache_id(c, 77);
	ck_assert(cache_append(c, 77, SPAN("x"), 10, &at));
	ck_assert_uint_ne(cache_id(c, 77), id);
	ck_assert_uint_eq(at, 32);
	cache_free(&c);
}
END_TEST

/* Two who have it open, and one begins it anew: the other joins him. */
START_TEST(begun_anew_by_another)
{
	struct cache *c = cache_new(dir, "c", 0600);
	struct cache *d = cache_new(dir, "c", 0600);
	uint64_t first[4], ours[4], theirs[4], at;

	(void)fill_cache(c, 3, first);
	(void)fill_cache(d, 3, first);
	ck_assert(cache_append(c, 77, SPAN("x"), 10, &at));
	(void)fill_cache(c, 3, ours);
	(void)fill_cache(d, 3, theirs);
	ck_assert_uint_eq(cache_id(c, 77), cache_id(d, 77));
	for (uint32_t uid = 1; uid <= 3; uid++) {
		holds(c, theirs[uid], uid);
		holds(d, ours[uid], uid);
	}
	cache_free(&c);
	cache_free(&d);
}
END_TEST

START_TEST(flipped_anywhere)
{
	struct cache *c = cache_new(dir, "c", 0600);
	char *path = mem_printf("%s/c", base);
	struct buf whole = BUF_EMPTY;
	struct cache_entry e;
	uint64_t places[4];

	(void)fill_cache(c, 3, places);
	cache_free(&c);
	ck_assert_int_eq(file_read_path(path, 1 << 20, &whole), 0);
	for (size_t at = 0; at < whole.n; at++) {
		int fd = open(path, O_WRONLY | O_CLOEXEC), good = 0;

		whole.p[at] ^= 4;
		ck_assert_int_eq(file_write(fd, buf_span(&whole)), 0);
		whole.p[at] ^= 4;
		close(fd);
		c = cache_new(dir, "c", 0600);
		if (cache_id(c, 77) != 0)
			for (uint32_t uid = 1; uid <= 3; uid++)
				good += cache_get(c, places[uid], uid, &e);
		ck_assert_msg(good == (at < 32 ? 0 : 2), "byte %zu", at);
		cache_free(&c);
	}
	buf_free(&whole);
	free(path);
}
END_TEST

START_TEST(full_disk)
{
	struct cache *c = cache_new(dir, "c", 0600);
	uint64_t places[4], at;

	(void)fill_cache(c, 3, places);
	fault_arm(FAULT_WRITE, 1, ENOSPC, false);
	ck_assert(!cache_append(c, 77, SPAN("x"), 1 << 20, &at));
	ck_assert(!scratch_has(base, "c"));
	ck_assert_uint_eq(cache_id(c, 77), 0);
	(void)fill_cache(c, 3, places);
	holds(c, places[3], 3);
	cache_free(&c);
}
END_TEST

START_TEST(too_long)
{
	struct cache_entry e = { .items = { { NULL, 0 } } };
	struct buf big = BUF_EMPTY, out = BUF_EMPTY;

	(void)buf_room(&big, CACHE_ENTRY_MAX + 1);
	memset(big.p, 'x', CACHE_ENTRY_MAX + 1);
	big.n = CACHE_ENTRY_MAX + 1;
	e.items[3] = buf_span(&big);
	buf_add_str(&out, "before");
	ck_assert(!cache_put(&out, 1, &e));
	ck_assert_str_eq(buf_str(&out), "before");
	buf_free(&big);
	buf_free(&out);
}
END_TEST

START_TEST(in_memory)
{
	struct cache_entry e = { .items = { { NULL, 0 } } }, back;
	struct buf out = BUF_EMPTY;

	e.items[7] = SPAN("seven");
	ck_assert(cache_put(&out, 5, &e));
	ck_assert(cache_read(buf_span(&out), 5, &back));
	ck_assert(span_is(back.items[7], "seven"));
	for (size_t n = 0; n < out.n; n++)
		ck_assert(!cache_read(span_head(buf_span(&out), n), 5, &back));
	buf_free(&out);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, round_trip);
	tcase_add_test(c, begun_anew);
	tcase_add_test(c, begun_anew_by_another);
	tcase_add_test(c, flipped_anywhere);
	tcase_add_test(c, full_disk);
	tcase_add_test(c, too_long);
	tcase_add_test(c, in_memory);
}

int
main(void)
{
	return unit_main("mailbox/cache", fill);
}
