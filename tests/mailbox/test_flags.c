/* test_flags.c - mailbox/flags.h */

#include "mailbox/flags.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *name;
	unsigned flags;
	unsigned set;
	const char *renamed;
} names[] = {
	{ "1.a.h,S=5", 0, FLAG_SEEN, "1.a.h,S=5:2,S" },
	{ "1.a.h:2,", 0, 0, "1.a.h:2," },
	{ "1.a.h:2,RS", FLAG_ANSWERED | FLAG_SEEN, FLAG_DELETED, "1.a.h:2,T" },
	{ "1.a.h:2,abS", FLAG_SEEN, FLAG_DRAFT | FLAG_SEEN, "1.a.h:2,DSab" },
	{ "1.a.h:2,SZa!", FLAG_SEEN, FLAG_FLAGGED, "1.a.h:2,!FZa" },
	{ "1.a.h:1,SFx", 0, FLAG_SEEN, "1.a.h:2,S" },
	{ "1.a.h:2,SSS", FLAG_SEEN, FLAG_SEEN, "1.a.h:2,S" },
	{ "1.a.h:2,DFPRST", FLAG_ALL, FLAG_ALL, "1.a.h:2,DFPRST" },
	{ "", 0, 0, ":2," },
	{ ":2,S", FLAG_SEEN, 0, ":2," },
};

START_TEST(rename_keeps)
{
	struct span name = span_str(names[_i].name);
	struct buf out = BUF_EMPTY;

	ck_assert_msg(flags_of(name) == names[_i].flags, "flags of \"%s\"",
	    names[_i].name);
	flags_rename(&out, name, names[_i].set);
	ck_assert_str_eq(buf_str(&out), names[_i].renamed);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *name;
	char field;
	bool found;
	uint64_t size;
} sizes[] = {
	{ "1.a.h,S=12:2,S", 'S', true, 12 },
	{ "1.a.h,S=12,W=13:2,S", 'W', true, 13 },
	{ "1.a.h,S=12,W=13", 'W', true, 13 },
	{ "1.a.h", 'S', false, 0 },
	{ "S=9", 'S', false, 0 },
	{ "1.a.h:2,,S=9", 'S', false, 0 },
	{ "1.a.h,S=", 'S', false, 0 },
	{ "1.a.h,S=-1", 'S', false, 0 },
	{ "1.a.h,S=9223372036854775807", 'S', true, INT64_MAX },
	{ "1.a.h,S=9223372036854775808", 'S', false, 0 },
	{ "1.a.h,S=18446744073709551617", 'S', false, 0 },
	{ "1.a.h,S=1x", 'S', false, 0 },
};

START_TEST(size_fields)
{
	uint64_t n = 0;

	ck_assert_msg(flags_size(span_str(sizes[_i].name), sizes[_i].field,
			  &n) == sizes[_i].found &&
		n == sizes[_i].size,
	    "\"%s\"", sizes[_i].name);
}
END_TEST

/* Each stands before the next. */
static const char *const in_order[] = {
	"nothing",
	"zzz",
	"1.P1.h",
	"2.A.h",
	"2.Q9.h",
	"2.M5P9.h",
	"2.M10P1.h",
	"2.M999999P1.h,S=3",
	"10.M1P1.h",
	"10.M1P2.h",
	"99999999999.x",
};

START_TEST(arrival)
{
	for (int i = 0; i < UNIT_COUNT(in_order); i++)
		for (int k = 0; k < UNIT_COUNT(in_order); k++) {
			struct flags_arrival a =
			    flags_arrival(span_str(in_order[i]));
			struct flags_arrival b =
			    flags_arrival(span_str(in_order[k]));
			int got = flags_arrival_cmp(&a, &b);

			ck_assert_msg(
			    (got < 0) == (i < k) && (got == 0) == (i == k),
			    "%s, %s", in_order[i], in_order[k]);
		}
}
END_TEST

START_TEST(letters)
{
	struct buf out = BUF_EMPTY;

	ck_assert(flags_has_letter(SPAN("1.a:2,Sa"), 'a'));
	ck_assert(!flags_has_letter(SPAN("1.a:2,S"), 'a'));
	ck_assert(!flags_has_letter(SPAN("1.a"), 'a'));
	flags_in_cur(&out, SPAN("1.a"));
	ck_assert_str_eq(buf_str(&out), "1.a:2,");
	buf_clear(&out);
	flags_in_cur(&out, SPAN("1.a:2,S"));
	ck_assert_str_eq(buf_str(&out), "1.a:2,S");
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, rename_keeps, 0, UNIT_COUNT(names));
	tcase_add_loop_test(t, size_fields, 0, UNIT_COUNT(sizes));
	tcase_add_test(t, arrival);
	tcase_add_test(t, letters);
}

int
main(void)
{
	return unit_main("mailbox/flags", fill);
}
