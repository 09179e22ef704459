/* test_qid.c - queue/qid.h */

#include "queue/qid.h"

#include <string.h>

#include "queue/qread.h"
#include "tests/unit.h"

static const uint64_t times[] = { 1000000, 1795000000000000, 1795000000999999,
	1795000001000000, 7258118400000000 };

START_TEST(there_and_back)
{
	for (int is_long = 0; is_long < 2; is_long++) {
		char id[QID_MAX + 1], next[QID_MAX + 1];

		qid_put(times[_i], is_long == 1, id);
		qid_put(times[_i] + 1, is_long == 1, next);
		ck_assert_msg(strcmp(id, next) < 0, "%s %s", id, next);
		if (strlen(id) < 6)
			continue;
		ck_assert_msg(qread_id_ok(span_str(id)), "%s", id);
		ck_assert_msg(qid_time(span_str(id)) == times[_i], "%s", id);
	}
}
END_TEST

static const struct {
	const char *id;
	uint64_t us;
} rows[] = {
	{ "ABCDEF", 0xABCDEF },
	{ "FFFFFFFFFFFFFFFF", 0 }, /* no such time */
	{ "FFFFFFFFFFFFFFFFFFFF", 0 },
	{ "zzzzzzzzzzzzzzzzzzzz", 0 },
	{ "BBBBBBBBz", 0 }, /* too short */
	{ "3Pt2mN2VXxznjll", 1300631508353025 }, /* of Postfix */
	{ "", 0 },
	{ "../../x", 0 },
};

START_TEST(odd)
{
	ck_assert_msg(qid_time(span_str(rows[_i].id)) == rows[_i].us,
	    "%s: %llu", rows[_i].id,
	    (unsigned long long)qid_time(span_str(rows[_i].id)));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, there_and_back, 0, UNIT_COUNT(times));
	tcase_add_loop_test(t, odd, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("queue/qid", fill);
}
