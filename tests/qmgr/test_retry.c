/* test_retry.c - when messages are tried, on a clock that somebody sets */

#include "qmgr/qmgr.h"

#include "base/arena.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/loop.h"
#include "qmgr/conf.h"
#include "tests/unit.h"

enum { HOUR = 3600, DAY = 24 * HOUR, START = 1795000000 };

/* The clocks of this program. */
static int64_t wall, mono;

int64_t
clock_ms(void)
{
	return mono * 1000;
}

int64_t
clock_wall(void)
{
	return wall;
}

int64_t
clock_wall_us(void)
{
	return wall * 1000000;
}

static struct {
	struct qmgr q;
	struct qmgr_conf conf;
	struct message *m;
} it;

static void
passes(int64_t seconds)
{
	wall += seconds;
	mono += seconds;
}

static struct message *
message(const char *id)
{
	struct qfile_envelope e = { .sender = SPAN("a@b"),
		.arrival_us = wall * 1000000,
		.attempts = 1 };
	struct qfile_closing first = { .content_size = 1 };
	struct message *m = message_new(&it.q, id, PLACE_DEFERRED);

	message_take(m, &e, &first, 1);
	return m;
}

static void
begin(void)
{
	wall = START;
	mono = 1000;
	it.conf = (struct qmgr_conf){ .minimal_backoff_time = 300,
		.maximal_backoff_time = 4000,
		.maximal_queue_lifetime = 5 * DAY,
		.bounce_queue_lifetime = 5 * DAY,
		.qmgr_message_active_limit = 100,
		.qmgr_message_recipient_limit = 100 };
	it.q = (struct qmgr){ .conf = &it.conf, .loop = loop_new() };
	it.q.messages = table_new();
	retry_start(&it.q);
	it.m = message("ABCDEF0");
}

static void
end(void)
{
	message_free(&it.m);
	table_free(&it.q.messages, NULL);
	heap_free(&it.q.retries);
	loop_timer_free(&it.q.retry_timer);
	loop_free(&it.q.loop);
}

/* Seconds until it is tried. */
static int64_t
wait_of(const struct message *m)
{
	return m->retry.when - mono;
}

START_TEST(planned)
{
	begin();
	retry_plan(it.m, wall + 500);
	ck_assert_int_eq(wait_of(it.m), 500);
	retry_plan(it.m, wall - 500);
	ck_assert_int_eq(wait_of(it.m), 0);
	retry_plan(it.m, 0);
	ck_assert_int_eq(it.m->retry.when, 0);
	/* what no wait can have been: the clock was set back since */
	retry_plan(it.m, wall + 10 * DAY);
	ck_assert_int_eq(wait_of(it.m), 4460);
	ck_assert_int_eq(it.m->next_try, wall + 4460);
	end();
}
END_TEST

/* Neither way does a jump change when a message is tried next. */
START_TEST(wait_stays)
{
	int64_t jump = _i == 0 ? 10 * DAY : -10 * DAY;

	begin();
	retry_plan(it.m, wall + 500);
	wall += jump;
	retry_look(&it.q);
	ck_assert_int_eq(wait_of(it.m), 500);
	end();
}
END_TEST

START_TEST(forward_returns_nothing)
{
	struct message *later;

	begin();
	passes(HOUR);
	wall += 10 * DAY;
	ck_assert(!retry_expired(it.m));
	ck_assert_int_eq(retry_age(it.m), HOUR);
	ck_assert_int_eq(retry_end(it.m), wall - HOUR + 5 * DAY);
	/* what comes on the new clock is as old as that says */
	later = message("ABCDEF1");
	passes(5 * DAY - HOUR - 1);
	ck_assert(!retry_expired(it.m) && !retry_expired(later));
	passes(2);
	ck_assert(retry_expired(it.m) && !retry_expired(later));
	passes(HOUR);
	ck_assert(retry_expired(later));
	message_free(&later);
	end();
}
END_TEST

START_TEST(forward_and_back)
{
	begin();
	passes(HOUR);
	wall += 10 * DAY;
	retry_look(&it.q);
	passes(HOUR);
	wall -= 10 * DAY;
	retry_look(&it.q);
	ck_assert_int_eq(it.q.jump, 0);
	ck_assert_int_eq(retry_age(it.m), 2 * HOUR);
	end();
}
END_TEST

/* Back: mail lives longer, and what comes now does not die sooner. */
START_TEST(back)
{
	struct message *later;

	begin();
	passes(HOUR);
	wall -= DAY;
	retry_look(&it.q);
	ck_assert(!retry_expired(it.m));
	later = message("ABCDEF1");
	passes(5 * DAY - 1);
	ck_assert(!retry_expired(later));
	passes(2);
	ck_assert(retry_expired(later));
	message_free(&later);
	end();
}
END_TEST

/* A slow correction is none. */
START_TEST(drift)
{
	begin();
	for (int i = 0; i < 100; i++) {
		passes(30);
		wall += 50;
		retry_look(&it.q);
	}
	ck_assert_int_eq(it.q.jump, 0);
	end();
}
END_TEST

/* A release is meant by the wall clock. */
START_TEST(release)
{
	begin();
	it.m->release = wall + 2 * DAY;
	retry_plan(it.m, it.m->release);
	ck_assert_int_eq(wait_of(it.m), 2 * DAY);
	wall += DAY;
	retry_look(&it.q);
	ck_assert_int_eq(wait_of(it.m), DAY);
	end();
}
END_TEST

/* minimal_backoff_time and maximal_backoff_time: as long again as it has been
 * here, a tenth more or less, and never beyond the two. */
static const struct {
	int64_t least, most, age, from, to;
} waits[] = {
	{ 300, 4000, 0, 300, 330 }, { 300, 4000, 1000, 899, 1101 },
	{ 300, 4000, 3900, 3500, 4000 }, { 300, 4000, 5 * DAY, 3599, 4000 },
	{ 60, 60, HOUR, 60, 60 }, { 1, 4000, 0, 1, 1 },
	{ 900, 600, HOUR, 900, 900 }, /* who sets them so wants the first */
};

START_TEST(backoff)
{
	begin();
	it.conf.minimal_backoff_time = waits[_i].least;
	it.conf.maximal_backoff_time = waits[_i].most;
	passes(waits[_i].age);
	for (int i = 0; i < 500; i++) {
		int64_t wait = retry_wait(it.m);

		ck_assert_int_ge(wait, waits[_i].from);
		ck_assert_int_le(wait, waits[_i].to);
	}
	end();
}
END_TEST

/* maximal_queue_lifetime and, without a sender, bounce_queue_lifetime. */
static const struct {
	int64_t queue, bounce;
	const char *sender;
	unsigned attempts;
	int64_t age;
	bool expired;
} lives[] = {
	{ 5 * DAY, 5 * DAY, "a@b", 1, 5 * DAY, false },
	{ 5 * DAY, 5 * DAY, "a@b", 1, 5 * DAY + 1, true },
	{ 5 * DAY, DAY, "a@b", 3, 2 * DAY, false },
	{ 5 * DAY, DAY, "", 3, 2 * DAY, true },
	{ DAY, 5 * DAY, "", 3, 2 * DAY, false },
	/* old at its first try: another one */
	{ 5 * DAY, 5 * DAY, "a@b", 0, 6 * DAY, false },
	/* one try and no more, however quick it was */
	{ 0, 5 * DAY, "a@b", 0, 0, true },
	{ 0, 5 * DAY, "", 0, 0, false },
	{ 5 * DAY, 0, "", 0, 0, true },
};

START_TEST(lifetimes)
{
	begin();
	it.conf.maximal_queue_lifetime = lives[_i].queue;
	it.conf.bounce_queue_lifetime = lives[_i].bounce;
	it.m->e->sender = span_str(lives[_i].sender);
	it.m->attempts = lives[_i].attempts;
	passes(lives[_i].age);
	ck_assert(retry_expired(it.m) == lives[_i].expired);
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, backoff, 0, UNIT_COUNT(waits));
	tcase_add_loop_test(t, lifetimes, 0, UNIT_COUNT(lives));
	tcase_add_test(t, planned);
	tcase_add_loop_test(t, wait_stays, 0, 2);
	tcase_add_test(t, forward_returns_nothing);
	tcase_add_test(t, forward_and_back);
	tcase_add_test(t, back);
	tcase_add_test(t, drift);
	tcase_add_test(t, release);
}

int
main(void)
{
	return unit_main("qmgr/retry", fill);
}
