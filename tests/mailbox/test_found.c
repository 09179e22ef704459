/* found.c: files in the order of their arrival */

#include "mailbox/found.h"

#include <stdlib.h>

#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "tests/unit.h"

/* Oldest first; one name in two places is in cur/ first. */
static const struct {
	const char *name;
	int part;
} in_order[] = {
	{ "nothing", MAILDIR_CUR },
	{ "zzz", MAILDIR_NEW },
	{ "1.P1.h", MAILDIR_CUR },
	{ "2.A.h:2,S", MAILDIR_CUR },
	{ "2.Q9.h", MAILDIR_CUR },
	{ "2.M0P9.h", MAILDIR_CUR },
	{ "2.M5P9.h", MAILDIR_CUR },
	{ "2.M10P1.h:2,", MAILDIR_CUR },
	{ "2.M10P1.h", MAILDIR_NEW },
	{ "2.M999999P1.h,S=3", MAILDIR_CUR },
	{ "10.M1P1.h", MAILDIR_CUR },
	{ "10.M1P2.h", MAILDIR_CUR },
	{ "4294967296.M1.h", MAILDIR_CUR },
	{ "17592186044414.M9.h", MAILDIR_CUR },
	{ "17592186044415.M8.h", MAILDIR_CUR },
	{ "17592186044415.M9.h", MAILDIR_CUR },
	{ "17592186044416.x", MAILDIR_CUR },
	{ "9999999999999999999.x", MAILDIR_CUR },
};

static void
put(struct found_list *l, struct buf *names, size_t i)
{
	struct span name = span_str(in_order[i].name);

	found_add(l,
	    (struct found){ .when = flags_arrival_key(name),
		.name_at = (uint32_t)names->n,
		.name_n = (uint8_t)name.n,
		.part = (uint8_t)in_order[i].part });
	buf_add_span(names, name);
}

static void
check(struct found_list *l, struct buf *names, size_t each)
{
	for (size_t i = 0; i < l->count; i++) {
		struct span got = found_name(&l->list[i], names);

		ck_assert_msg(span_eq(got, span_str(in_order[i / each].name)) &&
			l->list[i].part == in_order[i / each].part,
		    "at %zu: \"%.*s\"", i, (int)got.n, got.p);
	}
}

/* So many of each, few and many being sorted in other ways. */
static const size_t each[] = { 1, 3, 4, 64 };

START_TEST(sorted)
{
	size_t count = each[_i] * UNIT_COUNT(in_order);
	struct found_list l = { NULL, 0, 0 };
	struct buf names = BUF_EMPTY;

	for (size_t i = 0; i < count; i++)
		put(&l, &names, i * 7 % count % UNIT_COUNT(in_order));
	ck_assert_uint_eq(l.count, count);
	found_sort(&l, &names);
	check(&l, &names, each[_i]);
	found_free(&l);
	ck_assert_uint_eq(l.count, 0);
	buf_free(&names);
}
END_TEST

START_TEST(none)
{
	struct found_list l = { NULL, 0, 0 };
	struct buf names = BUF_EMPTY;

	found_sort(&l, &names);
	ck_assert_uint_eq(l.count, 0);
	put(&l, &names, 3);
	found_sort(&l, &names);
	ck_assert(span_eq(
	    found_name(&l.list[0], &names), span_str(in_order[3].name)));
	found_free(&l);
	buf_free(&names);
}
END_TEST

static const struct {
	const char *name;
	uint32_t sec;
} secs[] = {
	{ "nothing", 0 },
	{ "12.M5.h", 12 },
	{ "4294967295.h", UINT32_MAX },
	{ "4294967296.h", 0 },
	{ "9999999999999999999.x", 0 },
};

START_TEST(seconds)
{
	ck_assert_uint_eq(
	    flags_arrival_sec(flags_arrival_key(span_str(secs[_i].name))),
	    secs[_i].sec);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, sorted, 0, UNIT_COUNT(each));
	tcase_add_test(t, none);
	tcase_add_loop_test(t, seconds, 0, UNIT_COUNT(secs));
}

int
main(void)
{
	return unit_main("mailbox/found", fill);
}
