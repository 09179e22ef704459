/* test_metric.c - base/metric.h */

#include "base/metric.h"

#include <string.h>

#include "tests/unit.h"

static const struct row {
	enum metric first;
	int64_t us;
	unsigned bucket;
} rows[] = {
	{ METRIC_DELAY, -5, 0 },
	{ METRIC_DELAY, 0, 0 },
	{ METRIC_DELAY, 100000, 0 },
	{ METRIC_DELAY, 100001, 1 },
	{ METRIC_DELAY, 86400LL * 1000000, 8 },
	{ METRIC_DELAY, INT64_MAX, 9 },
	{ METRIC_FLUSH, 1000, 0 },
	{ METRIC_FLUSH, 5000001, 9 },
};

/* One bucket and the sum, and nothing else. */
START_TEST(observe)
{
	const struct row *r = &rows[_i];
	uint64_t page[METRICS] = { 0 };
	uint64_t total = 0;

	metric_page_set(page);
	metric_observe(r->first, r->us);
	ck_assert_uint_eq(page[(unsigned)r->first + r->bucket], 1);
	ck_assert_uint_eq(
	    page[(unsigned)r->first - 1], r->us < 0 ? 0 : (uint64_t)r->us);
	for (size_t i = 0; i < METRICS; i++)
		total += i == (unsigned)r->first - 1 ? 0 : page[i];
	ck_assert_uint_eq(total, 1);
	metric_page_set(NULL);
	metric_count(METRIC_SENT); /* a page of its own */
	ck_assert_uint_eq(page[METRIC_SENT], 0);
}
END_TEST

/* Each counter once, rows of a name together, the first with the help. */
START_TEST(table)
{
	bool seen[METRICS] = { false };

	for (size_t i = 0; i < metric_row_count; i++) {
		const struct metric_row *row = &metric_rows[i];
		bool first =
		    i == 0 || strcmp(row->name, metric_rows[i - 1].name) != 0;

		ck_assert_msg(!seen[row->metric], "%s", row->name);
		seen[row->metric] = true;
		ck_assert_msg((row->help != NULL) == first, "%s", row->name);
		for (size_t j = 0; first && j + 1 < i; j++)
			ck_assert_str_ne(row->name, metric_rows[j].name);
	}
	for (unsigned i = 0; i < METRIC_DELAY_SUM; i++)
		ck_assert_msg(seen[i], "counter %u is not shown", i);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, observe, 0, UNIT_COUNT(rows));
	tcase_add_test(t, table);
}

int
main(void)
{
	return unit_main("base/metric", fill);
}
