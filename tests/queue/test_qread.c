/* test_qread.c - queue/qread.h */

#include "queue/qread.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/crc.h"
#include "tests/unit.h"

static const struct {
	const char *id;
	bool good;
} ids[] = {
	{ "661067E293249", true },
	{ "ABCDEF", true },
	{ "123456", true },
	{ "4XyZ0bcDFGz0", true },
	{ "3Pt2mN2VXxznjll", true },
	{ "", false },
	{ "12345", false }, /* too short */
	{ "123456789012345678901", false }, /* too long */
	{ "abcdef", false },
	{ "12345g", false }, /* no z: of neither kind */
	{ "4XyZ0bcDFaz0", false }, /* a vowel */
	{ "../../x", false },
	{ "ABCDEF/", false },
	{ "ABC DEF", false },
	{ "-ABCDEF", false },
};

START_TEST(id_ok)
{
	ck_assert_msg(qread_id_ok(span_str(ids[_i].id)) == ids[_i].good, "%s",
	    ids[_i].id);
}
END_TEST

START_TEST(check)
{
	static const char text[] = "some content, and what is behind it";
	uint32_t crc = crc_add(0, SPAN("some content"));
	int fd = memfd_create("content", 0);

	ck_assert_int_eq(write(fd, text, sizeof(text)), sizeof(text));
	ck_assert_int_eq(qread_check(fd, 12, crc), 0);
	ck_assert_int_eq(qread_check(fd, 0, 0), 0);
	ck_assert_int_eq(qread_check(fd, 11, crc), -1);
	ck_assert_int_eq(errno, EBADMSG);
	/* the file has lost its end */
	ck_assert_int_eq(qread_check(fd, 1000, crc), -1);
	ck_assert_int_eq(errno, EBADMSG);
	close(fd);
	ck_assert_int_eq(qread_check(-1, 12, crc), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, check);
	tcase_add_loop_test(t, id_ok, 0, UNIT_COUNT(ids));
}

int
main(void)
{
	return unit_main("queue/qread", fill);
}
