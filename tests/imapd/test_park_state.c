/* test_park_state.c - imapd/park_state.h */

#include "imapd/park_state.h"

#include "base/arena.h"
#include "base/buf.h"
#include "calls/park_call.h"
#include "tests/unit.h"

static struct park_state
sample(void)
{
	return (struct park_state){ .enabled = 9,
		.idling = true,
		.tag = SPAN("a1"),
		.silent_ms = 1800000,
		.began = 1700000000,
		.headers = 1,
		.body = 2,
		.rcvd = 3,
		.sent = 4,
		.selected = true,
		.read_only = true,
		.name = SPAN("INBOX.B\xc3\xbc"
			     "cher"),
		.known = { 7, 40, 3, UINT64_C(1700000000000000) },
		.told_keywords = 5,
		.recent = SPAN("39:40"),
		.saved = SPAN("1,40") };
}

START_TEST(there_and_back)
{
	struct park_state p = sample(), got;
	struct arena *a = arena_new();
	struct buf out = BUF_EMPTY;

	ck_assert(park_state_put(&out, &p));
	ck_assert(park_state_get(buf_span(&out), a, &got));
	ck_assert(got.enabled == 9 && got.idling && span_eq(got.tag, p.tag));
	ck_assert(got.silent_ms == p.silent_ms && got.began == p.began);
	ck_assert(got.headers == 1 && got.body == 2 && got.rcvd == 3);
	ck_assert(got.sent == 4 && got.selected && got.read_only);
	ck_assert(span_eq(got.name, p.name) && got.told_keywords == 5);
	ck_assert(got.known.validity == 7 && got.known.last == 40);
	ck_assert(got.known.count == 3);
	ck_assert(got.known.highest == p.known.highest);
	ck_assert(span_eq(got.recent, p.recent));
	ck_assert(span_eq(got.saved, p.saved));
	buf_free(&out);
	arena_free(&a);
}
END_TEST

START_TEST(cut_anywhere)
{
	struct park_state p = sample(), got;
	struct arena *a = arena_new();
	struct buf out = BUF_EMPTY;

	ck_assert(park_state_put(&out, &p));
	for (size_t i = 0; i < out.n; i++)
		ck_assert(
		    !park_state_get(span_head(buf_span(&out), i), a, &got));
	buf_free(&out);
	arena_free(&a);
}
END_TEST

START_TEST(too_much)
{
	struct park_state p = sample();
	struct buf out = BUF_EMPTY, recent = BUF_EMPTY;

	for (int i = 0; i < PARK_STATE_MAX / 4; i++)
		buf_add_str(&recent, "10,1");
	p.recent = buf_span(&recent);
	ck_assert(!park_state_put(&out, &p));
	ck_assert_int_eq(out.n, 0);
	buf_free(&recent);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, there_and_back);
	tcase_add_test(t, cut_anywhere);
	tcase_add_test(t, too_much);
}

int
main(void)
{
	return unit_main("imapd/park_state", fill);
}
