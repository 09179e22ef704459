/* test_cache.c - sts/cache.h: policies, in memory and as a document */

#include "sts/cache.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "sts/conf.h"
#include "tests/unit.h"

enum { NOW = 1000000, AGE = 1000, DAY = 86400 };

static struct cache *c;

static void
begin(void)
{
	c = cache_new(3);
}

static void
end(void)
{
	cache_free(&c);
	ck_assert_ptr_null(c);
}

static struct policy *
put(const char *domain, const char *id, uint32_t age)
{
	struct sts_policy p = { .mode = STS_ENFORCE,
		.max_age = age,
		.mx_count = 2,
		.mx = { SPAN("mx.example"), SPAN("*.example") } };

	return cache_put(c, span_str(domain), span_str(id), &p, NOW);
}

START_TEST(found_until_it_expires)
{
	struct policy *p;

	put("A.example", "1", AGE);
	p = cache_find(c, SPAN("a.EXAMPLE"), NOW + AGE - 1);
	ck_assert_ptr_nonnull(p);
	ck_assert(span_is(p->p.mx[1], "*.example"));
	ck_assert_ptr_null(cache_find(c, SPAN("b.example"), NOW));
	ck_assert_ptr_null(cache_find(c, SPAN("a.example"), NOW + AGE));
	ck_assert_uint_eq(cache_count(c), 0);
}
END_TEST

START_TEST(replaced)
{
	put("a.example", "1", AGE);
	put("a.example", "2", 2 * AGE);
	ck_assert_uint_eq(cache_count(c), 1);
	ck_assert(
	    span_is(cache_find(c, SPAN("a.example"), NOW + AGE)->id, "2"));
}
END_TEST

START_TEST(the_least_wanted_goes)
{
	struct policy *a = put("a.example", "1", AGE);

	put("b.example", "1", AGE);
	put("c.example", "1", AGE);
	cache_touch(c, a, NOW + 1);
	put("d.example", "1", AGE);
	ck_assert_uint_eq(cache_count(c), 3);
	ck_assert_ptr_nonnull(cache_find(c, SPAN("a.example"), NOW));
	ck_assert_ptr_null(cache_find(c, SPAN("b.example"), NOW));
}
END_TEST

static const struct {
	uint32_t age;
	int64_t used, after, retry;
	bool want;
} dues[] = {
	{ 10 * DAY, 10, DAY, 0, true },
	{ 10 * DAY, 10, DAY - 1, 0, false },
	{ 10 * DAY, -10, DAY, 0, false }, /* nobody asked since */
	{ 10 * DAY, 10, DAY, 2000, false },
	{ AGE, 10, AGE / 2, 0, true },
	{ AGE, 10, AGE / 2 - 1, 0, false },
	{ AGE, 10, AGE, 0, false },
};

START_TEST(due)
{
	struct policy *p = put("a.example", "1", dues[_i].age);

	p->used = NOW + dues[_i].used;
	p->retry_ms = dues[_i].retry;
	ck_assert(
	    (cache_due(c, NOW + dues[_i].after, 1000) == p) == dues[_i].want);
}
END_TEST

START_TEST(printed_and_read)
{
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
	struct sts_policy none = { .mode = STS_NONE, .max_age = 500 };

	put("a.example", "1", AGE)->used = NOW + 5;
	cache_put(c, SPAN("b.example"), SPAN("x2"), &none, NOW);
	cache_print(c, &once);
	ck_assert_str_eq(buf_str(&once),
	    "a.example 1 enforce 1000 1000000 1000005 mx.example *.example\n"
	    "b.example x2 none 500 1000000 0\n");
	end();
	begin();
	cache_load(c, buf_span(&once), NOW + 10);
	cache_print(c, &twice);
	ck_assert_str_eq(buf_str(&once), buf_str(&twice));
	end();
	begin();
	cache_load(c, buf_span(&once), NOW + 500);
	ck_assert_uint_eq(cache_count(c), 1);
	/* written by a clock that was ahead */
	end();
	begin();
	cache_load(c, buf_span(&once), NOW - 100);
	ck_assert_ptr_null(cache_find(c, SPAN("b.example"), NOW + 400));
	buf_free(&once);
	buf_free(&twice);
}
END_TEST

static const char *const ill[] = { "", "a.example", "a b enforce 1 1 1 mx",
	"a.example 1 enforce 1000 1000000 0",
	"a.example 1 hard 1000 1000000 0 m", "a.example 1 none x 1000000 0",
	"a.example 1 none 1000 -1 0", "a.example 1 none 1000 1000000",
	"a..b 1 none 1000 1000000 0", "a.example 1- none 1000 1000000 0",
	"a.example 1 enforce 1000 1000000 0 m..x",
	"a.example 1 none 1000 99999999999999999999 0" };

START_TEST(ill_formed)
{
	cache_load(c, span_str(ill[_i]), NOW);
	ck_assert_uint_eq(cache_count(c), 0);
}
END_TEST

/* mta_sts_cache_limit, as main reads it */
START_TEST(limit)
{
	static const struct {
		const char *config;
		size_t count;
	} rows[] = { { "", 2 }, { "mta_sts_cache_limit = 1\n", 1 } };
	struct arena *a = arena_new();
	struct sts_conf conf;
	struct main_cf *m;
	struct why why;

	why_init(&why);
	m = main_cf_parse(span_str(rows[_i].config), "main.cf", &why);
	ck_assert(m != NULL && param_fill(sts_params, m, a, &conf, &why));
	cache_free(&c);
	c = cache_new((size_t)conf.mta_sts_cache_limit);
	put("a.example", "1", AGE);
	put("b.example", "1", AGE);
	ck_assert_uint_eq(cache_count(c), rows[_i].count);
	main_cf_free(&m);
	why_free(&why);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, found_until_it_expires);
	tcase_add_test(t, replaced);
	tcase_add_test(t, the_least_wanted_goes);
	tcase_add_loop_test(t, limit, 0, 2);
	tcase_add_loop_test(t, due, 0, UNIT_COUNT(dues));
	tcase_add_test(t, printed_and_read);
	tcase_add_loop_test(t, ill_formed, 0, UNIT_COUNT(ill));
}

int
main(void)
{
	return unit_main("sts/cache", fill);
}
