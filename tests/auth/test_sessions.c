/* test_sessions.c - auth/sessions.h */

#include "auth/sessions.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/conf.h"
#include "os/loop.h"
#include "tests/unit.h"

static struct auth_conf conf;
static struct loop *loop;
static struct sessions *s;

static void
begin(int per_user, int per_both, int per_ip)
{
	conf = (struct auth_conf){ .login_user_limit = per_user,
		.mail_max_userip_connections = per_both,
		.imap_per_ip = per_ip };
	loop = loop_new();
	s = sessions_new(&conf, loop);
}

static void
end(void)
{
	sessions_free(&s);
	loop_free(&loop);
}

static struct session_of
who(const char *user, const char *addr)
{
	return (
	    struct session_of){ SPAN("imap"), span_str(user), span_str(addr) };
}

static bool
full(const char *user, const char *addr)
{
	struct session_of w = who(user, addr);
	const char *text;
	bool is = sessions_full(s, &w, &text);

	ck_assert(is == (text != NULL));
	return is;
}

static int
hold(const char *user, const char *addr)
{
	struct session_of w = who(user, addr);

	return sessions_begin(s, &w);
}

static const struct {
	int per_user, per_both, per_ip;
	const char *user, *addr; /* beside two of u at 192.0.2.1 */
	bool full;
} rows[] = {
	{ 2, 0, 0, "u", "192.0.2.9", true },
	{ 2, 0, 0, "v", "192.0.2.1", false },
	{ 3, 0, 0, "u", "192.0.2.1", false },
	{ 0, 2, 0, "u", "192.0.2.1", true },
	{ 0, 2, 0, "u", "192.0.2.2", false },
	{ 0, 2, 0, "v", "192.0.2.1", false },
	{ 0, 0, 2, "v", "192.0.2.1", true },
	{ 0, 0, 2, "u", "192.0.2.2", false },
	{ 9, 9, 9, "u", "192.0.2.1", false },
};

START_TEST(limits)
{
	int a, b;

	begin(rows[_i].per_user, rows[_i].per_both, rows[_i].per_ip);
	a = hold("u", "192.0.2.1");
	b = hold("u", "192.0.2.1");
	ck_assert_int_ne(a, -1);
	ck_assert_int_ne(b, -1);
	ck_assert(full(rows[_i].user, rows[_i].addr) == rows[_i].full);
	close(a);
	close(b);
	end();
}
END_TEST

static void
stop(void *arg)
{
	(void)arg;
	if (full("u", "192.0.2.1"))
		return;
	loop_stop(loop);
}

static void
poll_again(void *arg)
{
	struct loop_timer **t = arg;

	stop(NULL);
	loop_timer_set(*t, 1);
}

/* Whoever ends is counted no more; what it says before changes nothing. */
START_TEST(ends)
{
	struct loop_timer *t;
	int a, b;

	begin(2, 0, 0);
	a = hold("u", "192.0.2.1");
	b = hold("u", "192.0.2.1");
	ck_assert(full("u", "192.0.2.1"));
	ck_assert_int_eq(send(a, "lies", 4, 0), 4);
	close(b);
	t = loop_timer_new(loop, poll_again, &t);
	loop_timer_set(t, 1);
	loop_run(loop);
	ck_assert(!full("u", "192.0.2.1"));
	b = hold("u", "192.0.2.1");
	ck_assert(full("u", "192.0.2.1"));
	loop_timer_free(&t);
	close(a);
	close(b);
	end();
}
END_TEST

/* A visitor has eight for each session, which are no sessions of his. */
START_TEST(visits)
{
	struct session_of w = { SPAN("visit"), SPAN("u"), SPAN("192.0.2.1") };
	const char *text;
	int held[8];

	begin(1, 0, 0);
	for (int i = 0; i < 8; i++) {
		ck_assert(!sessions_full(s, &w, &text));
		held[i] = sessions_begin(s, &w);
		ck_assert_int_ne(held[i], -1);
	}
	ck_assert(sessions_full(s, &w, &text));
	ck_assert(!full("u", "192.0.2.1"));
	for (int i = 0; i < 8; i++)
		close(held[i]);
	end();
}
END_TEST

/* Nothing is held where there is no limit, nor counted for loopback. */
START_TEST(none)
{
	begin(0, 0, 0);
	ck_assert_int_eq(hold("u", "192.0.2.1"), -1);
	end();
	begin(0, 1, 1);
	ck_assert_int_eq(hold("u", "127.0.0.1"), -1);
	ck_assert_int_eq(hold("u", "::1"), -1);
	ck_assert(!full("u", "127.0.0.1"));
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, limits, 0, UNIT_COUNT(rows));
	tcase_add_test(t, ends);
	tcase_add_test(t, visits);
	tcase_add_test(t, none);
}

int
main(void)
{
	return unit_main("auth/sessions", fill);
}
