#include "calls/delivery_log.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	int64_t us;
	int resolution;
	const char *text;
} delays[] = {
	{ 0, 2, "0" },
	{ -5, 2, "0" },
	{ 999, 2, "0" },
	{ 4999, 2, "0" },
	{ 5000, 2, "0.01" },
	{ 20000, 2, "0.02" },
	{ 123456, 2, "0.12" },
	{ 100000, 2, "0.1" },
	{ 999999, 2, "1" },
	{ 1234567, 2, "1.2" },
	{ 1000000, 2, "1" },
	{ 9940000, 2, "9.9" },
	{ 9960000, 2, "10" },
	{ 12345678, 2, "12" },
	{ 86400000000, 2, "86400" },
	{ 123456, 6, "0.12" },
	{ 1234, 6, "0.0012" },
	{ 12, 6, "0.000012" },
	{ 1234567, 0, "1" },
	{ 600000, 0, "1" },
};

START_TEST(delay)
{
	struct buf b = BUF_EMPTY;

	delivery_log_delay(&b, delays[_i].us, delays[_i].resolution);
	ck_assert_str_eq(buf_str(&b), delays[_i].text);
	buf_free(&b);
}
END_TEST

static const struct delivery_log base = {
	.qid = { "4F00D", 5 },
	.address = { "b@example.com", 13 },
	.relay = { "mx[192.0.2.1]:25", 16 },
	.arrival_us = 1000000,
	.ready_us = 1100000,
	.setup_us = 1150000,
	.transfer_us = 1350000,
	.now_us = 1550000,
	.resolution = 2,
	.status = { "2.0.0", 5 },
	.outcome = DONE,
	.text = { "250 2.0.0 Ok: queued as 1", 25 },
};

START_TEST(sent)
{
	struct buf b = BUF_EMPTY;

	delivery_log_print(&b, &base);
	ck_assert_str_eq(buf_str(&b),
	    "4F00D: to=<b@example.com>, relay=mx[192.0.2.1]:25, delay=0.55, "
	    "delays=0.1/0.05/0.2/0.2, dsn=2.0.0, status=sent "
	    "(250 2.0.0 Ok: queued as 1)");
	buf_free(&b);
}
END_TEST

START_TEST(used_again)
{
	struct delivery_log l = base;
	struct buf b = BUF_EMPTY;

	l.conn_use = 1;
	delivery_log_print(&b, &l);
	ck_assert_ptr_null(strstr(buf_str(&b), "conn_use"));
	buf_clear(&b);
	l.conn_use = 2;
	delivery_log_print(&b, &l);
	ck_assert_ptr_nonnull(strstr(
	    buf_str(&b), ", relay=mx[192.0.2.1]:25, conn_use=2, delay="));
	buf_free(&b);
}
END_TEST

START_TEST(probe)
{
	static const char *const words[] = { [DONE] = ", status=deliverable (",
		[DEFER] = ", status=undeliverable (",
		[BOUNCE] = ", status=undeliverable (" };
	struct delivery_log l = base;
	struct buf b = BUF_EMPTY;

	l.probe = true;
	l.outcome = (enum outcome)_i;
	delivery_log_print(&b, &l);
	ck_assert_ptr_nonnull(strstr(buf_str(&b), words[_i]));
	buf_free(&b);
}
END_TEST

START_TEST(never_connected)
{
	struct delivery_log l = base;
	struct buf b = BUF_EMPTY;

	l.orig = SPAN("c\n@d");
	l.relay = SPAN("");
	l.setup_us = l.transfer_us = 0;
	l.status = SPAN("4.4.1");
	l.outcome = DEFER;
	l.text = SPAN("connect to x: refused");
	delivery_log_print(&b, &l);
	ck_assert_str_eq(buf_str(&b),
	    "4F00D: to=<b@example.com>, orig_to=<c?@d>, relay=none, "
	    "delay=0.55, delays=0.1/0.45/0/0, dsn=4.4.1, status=deferred "
	    "(connect to x: refused)");
	buf_free(&b);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, delay, 0, UNIT_COUNT(delays));
	tcase_add_test(t, sent);
	tcase_add_test(t, used_again);
	tcase_add_test(t, never_connected);
	tcase_add_loop_test(t, probe, DONE, BOUNCE + 1);
}

int
main(void)
{
	return unit_main("calls/delivery_log", fill);
}
