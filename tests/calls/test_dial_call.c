#include "calls/dial_call.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"
#include "tests/calls/packets.h"
#include "tests/unit.h"

static struct why why;

static void
begin(void)
{
	packets_begin();
	why_init(&why);
}

static void
end(void)
{
	packets_end();
	why_free(&why);
}

START_TEST(question)
{
	struct span target;

	dial_put(&out, SPAN("inet:localhost:8891"));
	deliver();
	ck_assert(dial_get(&in, &target));
	ck_assert(span_is(target, "inet:localhost:8891"));
}
END_TEST

START_TEST(question_empty_or_long)
{
	char text[DIAL_TARGET_MAX + 1];
	struct span target;

	dial_put(&out, SPAN(""));
	deliver();
	ck_assert(!dial_get(&in, &target));
	memset(text, 'x', sizeof(text));
	dial_put(&out, span_of(text, sizeof(text)));
	deliver();
	ck_assert(!dial_get(&in, &target));
}
END_TEST

START_TEST(connected)
{
	int pair[2], fd;
	char c = 0;

	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, pair), 0);
	dial_answer_put(&out, 3, pair[0], &why);
	deliver();
	ck_assert(dial_answer_get(&in, &fd, &why));
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert_int_eq(read(fd, &c, 1), 1);
	ck_assert_int_eq(c, 'x');
	close(fd);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(failed)
{
	int fd;

	why_set(&why, "4.4.1", "connect to x: refused");
	dial_answer_put(&out, 3, -1, &why);
	why_set(&why, "2.0.0", "Ok");
	deliver();
	ck_assert(dial_answer_get(&in, &fd, &why));
	ck_assert_int_eq(fd, -1);
	ck_assert_str_eq(why.status, "4.4.1");
	ck_assert_str_eq(why_text(&why), "connect to x: refused");
}
END_TEST

/* Success without a descriptor, and a failure with one. */
START_TEST(contradictions)
{
	int pair[2], fd;

	dial_answer_put(&out, 3, -1, &why);
	deliver();
	ck_assert(!dial_answer_get(&in, &fd, &why));
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(sock_pair(SOCK_STREAM, false, pair), 0);
	why_set(&why, "4.4.1", "no");
	dial_answer_put(&out, 3, pair[0], &why);
	deliver();
	ck_assert(!dial_answer_get(&in, &fd, &why));
	ck_assert_int_eq(fd, -1);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

static const struct {
	const char *value, *target;
} filters[] = {
	{ "127.0.0.1:10025", "inet:127.0.0.1:10025" },
	{ " inet:[::1]:10025 ", "inet:[::1]:10025" },
	{ "10025", "inet:localhost:10025" },
	{ ":10025", "inet:localhost:10025" },
	{ "inet::10025", "inet:localhost:10025" },
	{ "inet:10025", "inet:localhost:10025" },
	{ "unix:private/filter", "unix:private/filter" },
	{ "", "" },
};

START_TEST(filter)
{
	struct buf made = BUF_EMPTY;

	dial_filter_target(&made, span_str(filters[_i].value));
	ck_assert_str_eq(buf_str(&made), filters[_i].target);
	buf_free(&made);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, filter, 0, UNIT_COUNT(filters));
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, question);
	tcase_add_test(t, question_empty_or_long);
	tcase_add_test(t, connected);
	tcase_add_test(t, failed);
	tcase_add_test(t, contradictions);
}

int
main(void)
{
	return unit_main("calls/dial_call", fill);
}
