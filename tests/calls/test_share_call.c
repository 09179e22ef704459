/* test_share_call.c - calls/share_call.h: there and back, and ill-formed */

#include "calls/share_call.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/calls/packets.h"
#include "tests/unit.h"

START_TEST(asked)
{
	const struct share_ask ask = { .kind = (enum share_kind)_i,
		.pass = SPAN("a\0b"),
		.owner = SPAN("ann"),
		.list = SPAN("user=bob\nanyone\n"),
		.fd = _i == SHARE_VISIT ? STDIN_FILENO : -1,
		.park = _i == SHARE_VISIT ? STDOUT_FILENO : -1 };
	struct share_ask got;

	share_ask_put(&out, &ask);
	deliver();
	ck_assert(share_ask_get(&in, &got));
	ck_assert_int_eq(got.kind, ask.kind);
	ck_assert(span_eq(got.pass, ask.pass) && span_eq(got.owner, ask.owner));
	ck_assert(span_eq(got.list, ask.list));
	ck_assert_int_eq(got.fd != -1, _i == SHARE_VISIT);
	ck_assert_int_eq(got.park != -1, _i == SHARE_VISIT);
	if (got.fd != -1) {
		close(got.fd);
		close(got.park);
	}
}
END_TEST

START_TEST(answered)
{
	const struct share_answer a = { .verdict = AUTH_DENIED,
		.text = SPAN("why"),
		.list = SPAN("ann\n"),
		.fd = _i == 0 ? -1 : STDIN_FILENO };
	struct share_answer got;

	share_answer_put(&out, 7, &a);
	deliver();
	ck_assert(share_answer_get(&in, &got));
	ck_assert_int_eq(got.verdict, AUTH_DENIED);
	ck_assert(span_is(got.text, "why") && span_is(got.list, "ann\n"));
	ck_assert_int_eq(got.fd != -1, _i == 1);
	if (got.fd != -1)
		close(got.fd);
}
END_TEST

static const struct {
	const char *call, *owner;
	size_t pass;
	unsigned fds;
} bad[] = {
	{ "share_other", "ann", 10, 0 },
	{ "park_offer", "ann", 10, 0 },
	{ "share_visit", "an\nn", 10, 0 },
	{ "share_visit", "ann", 9000, 0 },
	{ "share_visit", "ann", 10, 1 }, /* says so, and has none */
	{ "share_answer", "ann", 10, 0 },
};

START_TEST(ill_formed)
{
	struct share_answer answer;
	struct buf pass = BUF_EMPTY;
	struct share_ask got;

	for (size_t i = 0; i < bad[_i].pass; i++)
		buf_add_byte(&pass, 'x');
	packet_begin(&out, bad[_i].call, 0);
	packet_bytes(&out, "pass", buf_span(&pass));
	packet_str(&out, "owner", span_str(bad[_i].owner));
	packet_bytes(&out, "list", SPAN(""));
	packet_num(&out, "fds", bad[_i].fds);
	deliver();
	ck_assert(!share_ask_get(&in, &got));
	ck_assert_int_eq(got.fd, -1);
	ck_assert(!share_answer_get(&in, &answer));
	ck_assert_int_eq(answer.fd, -1);
	buf_free(&pass);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, packets_begin, packets_end);
	tcase_add_loop_test(t, asked, 0, 3);
	tcase_add_loop_test(t, answered, 0, 2);
	tcase_add_loop_test(t, ill_formed, 0, UNIT_COUNT(bad));
}

int
main(void)
{
	return unit_main("calls/share_call", fill);
}
