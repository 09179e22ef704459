/* test_json.c - base/json.h */

#include "base/json.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct row {
	struct span in;
	const char *out;
} rows[] = {
	{ SPAN_INIT(""), "\"\"" },
	{ SPAN_INIT("a\"b\\c"), "\"a\\\"b\\\\c\"" },
	{ SPAN_INIT("a\nb\0\x7f"), "\"a\\u000ab\\u0000\\u007f\"" },
	{ SPAN_INIT("\xc3\xa9\xe2\x82\xac"), "\"\xc3\xa9\xe2\x82\xac\"" },
	{ SPAN_INIT("\xc3(\xff"), "\"?(?\"" },
};

START_TEST(string)
{
	struct buf out = BUF_EMPTY;

	json_string(&out, rows[_i].in);
	ck_assert_str_eq(buf_str(&out), rows[_i].out);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, string, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("base/json", fill);
}
