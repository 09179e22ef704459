/* test_buf.c - base/buf.h */

#include "base/buf.h"

#include "tests/unit.h"

/* No room is a place too: pointers may be taken from it. */
START_TEST(no_room)
{
	struct buf b = BUF_EMPTY;
	char *p = buf_room(&b, 0);

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_ptr_eq(buf_room(&b, 0), p);
	buf_free(&b);
}
END_TEST

START_TEST(grows)
{
	struct buf b = BUF_EMPTY;

	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	ck_assert_uint_eq(b.n, 3890);
	buf_drop(&b, 3880);
	ck_assert_str_eq(buf_str(&b), "7,998,999,");
	buf_drop(&b, 100);
	ck_assert_uint_eq(b.n, 0);
	buf_free(&b);
}
END_TEST

START_TEST(numbers)
{
	struct buf b = BUF_EMPTY;

	buf_add_number(&b, 0);
	buf_add_byte(&b, ' ');
	buf_add_number(&b, 1234567890);
	buf_add_byte(&b, ' ');
	buf_add_number(&b, UINT64_MAX);
	ck_assert_str_eq(buf_str(&b), "0 1234567890 18446744073709551615");
	buf_free(&b);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, no_room);
	tcase_add_test(t, grows);
	tcase_add_test(t, numbers);
}

int
main(void)
{
	return unit_main("base/buf", fill);
}
