#include "calls/dns_call.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "tests/calls/packets.h"
#include "tests/unit.h"

static struct arena *arena;

static void
begin(void)
{
	arena = arena_new();
	packets_begin();
}

static void
end(void)
{
	packets_end();
	arena_free(&arena);
}

static const struct {
	const char *name;
	unsigned type;
	bool good;
} asks[] = { { "example.com", DNS_MX, true }, { "a_b.c.", DNS_TXT, true },
	{ "", DNS_A, false }, { "a..b", DNS_A, false }, { "a b", DNS_A, false },
	{ "a", 99, false }, { "a", 0, false } };

START_TEST(question)
{
	struct span name;
	enum dns_type type;

	dns_ask_put(
	    &out, span_str(asks[_i].name), (enum dns_type)asks[_i].type);
	deliver();
	ck_assert_msg(dns_ask_get(&in, &name, &type, NULL) == asks[_i].good,
	    "row %d", _i);
	if (!asks[_i].good)
		return;
	ck_assert(span_is(name, asks[_i].name));
	ck_assert_uint_eq(type, asks[_i].type);
}
END_TEST

START_TEST(answer)
{
	static const struct dns_record records[] = {
		{ 10, { "mx.example", 10 } }, { 0, { "", 0 } }
	};
	struct dns_answer a = { .result = DNS_FOUND,
		.secure = true,
		.ttl = 77,
		.name = SPAN("example"),
		.dropped = 3,
		.count = 2,
		.records = records },
			  got;

	dns_answer_put(&out, 9, DNS_MX, &a);
	deliver();
	ck_assert_uint_eq(in.id, 9);
	ck_assert(dns_answer_get(&in, arena, DNS_MX, &got));
	ck_assert(got.secure);
	ck_assert_uint_eq(got.ttl, 77);
	ck_assert_uint_eq(got.dropped, 3);
	ck_assert(span_is(got.name, "example"));
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.records[0].preference, 10);
	ck_assert(span_is(got.records[0].data, "mx.example"));
	ck_assert_uint_eq(got.records[1].data.n, 0);
}
END_TEST

START_TEST(nothing)
{
	struct dns_answer a = { .result = DNS_NXDOMAIN }, got;

	dns_answer_put(&out, 9, DNS_A, &a);
	deliver();
	ck_assert(dns_answer_get(&in, arena, DNS_A, &got));
	ck_assert_int_eq(got.result, DNS_NXDOMAIN);
	ck_assert_uint_eq(got.count, 0);
}
END_TEST

START_TEST(more_than_fits)
{
	struct dns_record records[20];
	struct dns_answer a = { .result = DNS_FOUND,
		.name = SPAN("a"),
		.count = 20,
		.records = records },
			  got;
	char text[DNS_TXT_MAX];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 20; i++)
		records[i] =
		    (struct dns_record){ 0, span_of(text, sizeof(text)) };
	dns_answer_put(&out, 9, DNS_TXT, &a);
	deliver();
	ck_assert(dns_answer_get(&in, arena, DNS_TXT, &got));
	ck_assert_uint_gt(got.count, 3);
	ck_assert_uint_eq(got.count + got.dropped, 20);
}
END_TEST

/* A resolver that was taken over sends these. */
static const struct {
	enum dns_type type, asked;
	struct dns_record record;
	enum dns_result result;
} lies[] = {
	{ DNS_A, DNS_MX, { 0, { "\1\2\3\4", 4 } }, DNS_FOUND },
	{ DNS_A, DNS_A, { 0, { "\1\2\3", 3 } }, DNS_FOUND },
	{ DNS_A, DNS_A, { 1, { "\1\2\3\4", 4 } }, DNS_FOUND },
	{ DNS_MX, DNS_MX, { 0, { "a\nb", 3 } }, DNS_FOUND },
	{ DNS_PTR, DNS_PTR, { 0, { "a>b", 3 } }, DNS_FOUND },
	{ DNS_A, DNS_A, { 0, { "\1\2\3\4", 4 } }, DNS_NODATA },
};

START_TEST(unfit)
{
	struct dns_answer a = { .result = lies[_i].result,
		.name = SPAN("a"),
		.count = 1,
		.records = &lies[_i].record },
			  got;

	dns_answer_put(&out, 9, lies[_i].type, &a);
	deliver();
	ck_assert_msg(
	    !dns_answer_get(&in, arena, lies[_i].asked, &got), "row %d", _i);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, question, 0, UNIT_COUNT(asks));
	tcase_add_test(t, answer);
	tcase_add_test(t, nothing);
	tcase_add_test(t, more_than_fits);
	tcase_add_loop_test(t, unfit, 0, UNIT_COUNT(lies));
}

int
main(void)
{
	return unit_main("calls/dns_call", fill);
}
