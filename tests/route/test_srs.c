/* test_srs.c - route/srs.h, and what routing makes of it */

#include "route/srs.h"

#include "calls/clean_call.h"
#include "route/clean.h"
#include "tests/route/routing.h"

enum { NOW = 1800000000, DAY = 86400 };

static struct srs *ours, *theirs;

static void
begin(void)
{
	ours = srs_new(SPAN("ours.test"), SPAN("a secret of ours"));
	theirs = srs_new(SPAN("theirs.test"), SPAN("another one"));
}

static void
end(void)
{
	srs_free(&ours);
	srs_free(&theirs);
}

static struct span
local_of(const struct buf *b)
{
	return span_head(buf_span(b), span_rfind(buf_span(b), '@'));
}

static const char *const senders[] = { "joe@far.test", "a.b+c@x.y.test",
	"a=b@far.test", "=@far.test", "JOE@far.test" };

START_TEST(there_and_back)
{
	struct buf there = BUF_EMPTY, back = BUF_EMPTY, late = BUF_EMPTY;

	ck_assert(srs_encode(ours, span_str(senders[_i]), NOW, &there));
	ck_assert(srs_is_ours(ours, local_of(&there), SPAN("Ours.Test")));
	ck_assert(!srs_is_ours(ours, local_of(&there), SPAN("far.test")));
	ck_assert(srs_decode(ours, local_of(&there), NOW + 20 * DAY, &back));
	ck_assert_str_eq(buf_str(&back), senders[_i]);
	ck_assert(!srs_decode(ours, local_of(&there), NOW + 23 * DAY, &late));
	ck_assert(!srs_decode(theirs, local_of(&there), NOW, &late));
	ck_assert(!srs_decode(ours, local_of(&there), NOW - 2 * DAY, &late));
	for (size_t i = 0; i < there.n; i++)
		there.p[i] = (char)ascii_lower((unsigned char)there.p[i]);
	ck_assert(srs_decode(ours, local_of(&there), NOW, &late));
	buf_free(&there);
	buf_free(&back);
	buf_free(&late);
}
END_TEST

/* Through two of us, and a third: the first is told, whoever was between. */
START_TEST(again)
{
	struct buf first = BUF_EMPTY, second = BUF_EMPTY, third = BUF_EMPTY,
		   back = BUF_EMPTY, origin = BUF_EMPTY;

	ck_assert(srs_encode(theirs, SPAN("joe@far.test"), NOW, &first));
	ck_assert(srs_encode(ours, buf_span(&first), NOW, &second));
	ck_assert(span_starts(buf_span(&second), "SRS1="));
	ck_assert(srs_encode(theirs, buf_span(&second), NOW, &third));
	ck_assert(span_starts(buf_span(&third), "SRS1="));
	ck_assert(srs_decode(ours, local_of(&second), NOW, &back));
	ck_assert(span_eq(buf_span(&back), buf_span(&first)));
	buf_clear(&back);
	ck_assert(srs_decode(theirs, local_of(&third), NOW, &back));
	ck_assert(span_eq(buf_span(&back), buf_span(&first)));
	ck_assert(srs_decode(theirs, local_of(&back), NOW, &origin));
	ck_assert_str_eq(buf_str(&origin), "joe@far.test");
	buf_free(&first);
	buf_free(&second);
	buf_free(&third);
	buf_free(&back);
	buf_free(&origin);
}
END_TEST

static const char *const forged[] = { "SRS0=", "SRS0=AAAAAA",
	"SRS0=AAAAAA=", "SRS0=AAAAAA=AA=far.test=joe", "SRS0=AAAAAA=AA==joe",
	"SRS1=AAAAAA=x", "SRS1=AAAAAA=x==a",
	"SRS0=====", "SRS2=AAAAAA=AA=far.test=joe", "SRS0", "" };

START_TEST(not_ours)
{
	struct buf out = BUF_EMPTY;

	ck_assert(!srs_decode(ours, span_str(forged[_i]), NOW, &out));
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

START_TEST(too_long)
{
	char sender[300];
	struct buf out = BUF_EMPTY;

	memset(sender, 'a', sizeof(sender));
	memcpy(sender + 230, "@far.test", 10);
	ck_assert(!srs_encode(ours, span_str(sender), NOW, &out));
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *sender;
	bool forwarded, changed;
} outgoing[] = {
	{ "joe@far.test", true, true },
	{ "joe@far.test", false, false },
	{ "joe@mine.test", true, false },
	{ "", true, false },
};

START_TEST(routing)
{
	struct span sender = span_str(outgoing[_i].sender);
	struct clean_request r = { .first = true,
		.header = CLEAN_GENERIC,
		.forwarded = outgoing[_i].forwarded,
		.sender = sender };
	struct lookup_rcpt_request ask = { .verify_only = false };
	struct clean_answer got;
	struct lookup_route route;
	struct map_list none;
	struct routing x;

	routing_init(&x, "virtual_alias_domains = mine.test\n");
	x.conf.srs = ours;
	map_list_init(&none, x.pool, SPAN(""), MAP_FOLD);
	why_init(&got.why);
	ck_assert(route_generic(
	    &(struct generic){ x.route, &none }, x.arena, &r, &got));
	ck_assert(span_eq(got.sender, sender) != outgoing[_i].changed);
	if (outgoing[_i].changed) { /* and a report comes back */
		ask.address = got.sender;
		why_init(&route.why);
		ck_assert(route_rcpt(x.route, x.arena, &ask, &route));
		ck_assert(route.expanded && route.count == 1);
		ck_assert(span_eq(route.targets[0].address, sender));
		ask.address = SPAN("SRS0=AAAAAA=AA=far.test=joe@ours.test");
		ck_assert(route_rcpt(x.route, x.arena, &ask, &route));
		ck_assert_int_eq(route.why.outcome, BOUNCE);
		why_free(&route.why);
	}
	why_free(&got.why);
	map_list_done(&none);
	routing_done(&x);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, there_and_back, 0, UNIT_COUNT(senders));
	tcase_add_test(t, again);
	tcase_add_loop_test(t, not_ours, 0, UNIT_COUNT(forged));
	tcase_add_test(t, too_long);
	tcase_add_loop_test(t, routing, 0, UNIT_COUNT(outgoing));
}

int
main(void)
{
	return unit_main("route/srs", fill);
}
