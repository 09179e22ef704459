/* test_limits.c - smtpd/limits.h */

#include "smtpd/limits.h"

#include "tests/unit.h"

static const char v4[] = "\xc0\x00\x02\x09";
static const char v6[] = "\x20\x01\x0d\xb8\0\0\0\1\0\0\0\0\0\0\0\1";
static const char v6_near[] = "\x20\x01\x0d\xb8\0\0\0\1\xff\xff\0\0\0\0\0\2";
static const char v6_far[] = "\x20\x01\x0d\xb8\0\0\0\2\0\0\0\0\0\0\0\1";

static struct limits *
make(void)
{
	struct limits_conf conf = { .unit_ms = 1000,
		.ipv6_prefix = 64,
		.count = 2,
		.rate = { [LIMIT_MESSAGES] = 3 } };

	return limits_new(&conf);
}

START_TEST(open_connections)
{
	struct limits *l = make();
	struct limits_client *a = limits_enter(l, span_of(v4, 4), 0), *b, *c;

	ck_assert(!limits_crowded(a));
	b = limits_enter(l, span_of(v4, 4), 0);
	ck_assert(!limits_crowded(b));
	c = limits_enter(l, span_of(v4, 4), 0);
	ck_assert(limits_crowded(c));
	ck_assert_uint_eq(limits_open(c), 3);
	limits_leave(&c, 0);
	limits_leave(&b, 0);
	ck_assert(!limits_crowded(a));
	limits_leave(&a, 0);
	limits_free(&l);
}
END_TEST

START_TEST(rates)
{
	struct limits *l = make();
	struct limits_client *a = limits_enter(l, span_of(v4, 4), 0);

	for (int i = 0; i < 3; i++)
		ck_assert(limits_count(a, LIMIT_MESSAGES, 10));
	ck_assert(!limits_count(a, LIMIT_MESSAGES, 999));
	/* another connection of the same client goes on counting */
	limits_leave(&a, 999);
	a = limits_enter(l, span_of(v4, 4), 999);
	ck_assert(!limits_count(a, LIMIT_MESSAGES, 999));
	ck_assert_uint_eq(limits_rate(a, LIMIT_MESSAGES), 5);
	/* no limit was set for these */
	for (int i = 0; i < 100; i++)
		ck_assert(limits_count(a, LIMIT_AUTH, 999));
	/* the unit is over */
	ck_assert(limits_count(a, LIMIT_MESSAGES, 1000));
	limits_leave(&a, 1000);
	limits_free(&l);
}
END_TEST

START_TEST(networks)
{
	struct limits *l = make();
	struct limits_client *a = limits_enter(l, span_of(v6, 16), 0);
	struct limits_client *b = limits_enter(l, span_of(v6_near, 16), 0);
	struct limits_client *c = limits_enter(l, span_of(v6_far, 16), 0);

	ck_assert_ptr_eq(a, b);
	ck_assert_ptr_ne(a, c);
	limits_leave(&a, 0);
	limits_leave(&b, 0);
	limits_leave(&c, 0);
	limits_free(&l);
}
END_TEST

/* Whoever comes once is forgotten. */
START_TEST(memory)
{
	struct limits *l = make();

	for (uint32_t i = 0; i < 120000; i++) {
		struct limits_client *c =
		    limits_enter(l, span_of((const char *)&i, 4), 0);

		limits_leave(&c, 0);
	}
	ck_assert_uint_le(limits_clients(l), 50001);
	{
		struct limits_client *c = limits_enter(l, span_of(v4, 4), 5000);

		ck_assert_uint_eq(limits_clients(l), 1);
		limits_leave(&c, 5000);
	}
	limits_free(&l);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, open_connections);
	tcase_add_test(t, rates);
	tcase_add_test(t, networks);
	tcase_add_test(t, memory);
}

int
main(void)
{
	return unit_main("smtpd/limits", fill);
}
