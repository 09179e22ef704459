/* test_status_filter.c - calls/status_filter.h */

#include "calls/status_filter.h"

#include <stdio.h>

#include "base/why.h"
#include "tests/unit.h"

static const struct {
	const char *status, *value;
	const char *becomes; /* status and text; NULL: not taken */
} rows[] = {
	{ "5.1.1", "5.7.1 go away", "5.7.1 go away" },
	{ "4.4.1", "4.7.500 busy, later", "4.7.500 busy, later" },
	{ "2.0.0", "  2.1.5   fine ", "2.1.5 fine" },
	/* of another class */
	{ "5.1.1", "4.1.1 later", NULL },
	{ "5.1.1", "2.0.0 fine", NULL },
	{ "2.0.0", "5.0.0 no", NULL },
	{ "4.0.0", "5.0.0 no", NULL },
	/* of no form */
	{ "5.1.1", "", NULL },
	{ "5.1.1", "5.1.1", NULL },
	{ "5.1.1", "5.1.1 ", NULL },
	{ "5.1.1", "5.1 text", NULL },
	{ "5.1.1", "5.1.1text", NULL },
	{ "5.1.1", "5..1 text", NULL },
	{ "5.1.1", "5.1111.1 text", NULL },
	{ "5.1.1", "550 text", NULL },
	{ "5.1.1", "5.1.1\ttext", NULL },
	{ "5.1.1", "5.999.999 a\r\nb\033", "5.999.999 a??b?" },
};

START_TEST(take)
{
	struct why why;
	char got[100];
	bool taken;

	why_init(&why);
	why_set(&why, rows[_i].status, "before");
	taken = status_filter_take(span_str(rows[_i].value), &why);
	snprintf(got, sizeof(got), "%s %s", why.status, why_text(&why));
	ck_assert_msg(
	    taken == (rows[_i].becomes != NULL), "%s", rows[_i].value);
	if (taken)
		ck_assert_str_eq(got, rows[_i].becomes);
	else
		ck_assert_str_eq(why_text(&why), "before");
	ck_assert_int_eq(why.outcome,
	    rows[_i].status[0] == '2'       ? DONE
		: rows[_i].status[0] == '4' ? DEFER
					    : BOUNCE);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, take, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("calls/status_filter", fill);
}
