/* test_probe_sender.c - config/probe_sender.h */

#include "config/probe_sender.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *sender;
	int64_t ttl, now;
	const char *want;
} puts_of[] = {
	{ "double-bounce", 0, 1000000, "double-bounce" },
	{ "double-bounce@x.example", 0, 1000000, "double-bounce@x.example" },
	{ "double-bounce@x.example", 1000, 1000000,
	    "double-bounce118@x.example" },
	{ "db", 1000, 999, "db0" },
	{ "", 1000, 1000000, "" },
};

START_TEST(made)
{
	struct buf out = BUF_EMPTY;

	probe_sender_put(&out, span_str(puts_of[_i].sender), puts_of[_i].ttl,
	    puts_of[_i].now);
	ck_assert_str_eq(buf_str(&out), puts_of[_i].want);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *local;
	int64_t ttl, now;
	bool want;
} locals[] = {
	{ "db118", 1000, 1000000, true },
	{ "DB118", 1000, 1000000, true },
	{ "db118", 1000, 1001500, true }, /* of a moment ago */
	{ "db118", 1000, 999999, true },
	{ "db118", 1000, 1002000, false },
	{ "db", 1000, 1000000, false },
	{ "db1189", 1000, 1000000, false },
	{ "xb118", 1000, 1000000, false },
	{ "db118", 0, 1000000, false },
	{ "", 1000, 1000000, false },
};

START_TEST(known)
{
	ck_assert_int_eq(
	    probe_sender_is(span_str(locals[_i].local), SPAN("db@x.example"),
		locals[_i].ttl, locals[_i].now),
	    locals[_i].want);
	ck_assert(!probe_sender_is(span_str(locals[_i].local), SPAN(""),
	    locals[_i].ttl, locals[_i].now));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, made, 0, UNIT_COUNT(puts_of));
	tcase_add_loop_test(t, known, 0, UNIT_COUNT(locals));
}

int
main(void)
{
	return unit_main("config/probe_sender", fill);
}
