/* test_asked.c - lookup/asked.h, with connections that are none */

#include "lookup/asked.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "os/loop.h"
#include "tests/unit.h"

enum { LATE_MS = 300 };

static struct {
	struct loop *loop;
	struct asked_pool pool;
	bool unreachable, slow; /* of connections to come */
	struct asked_line *opening; /* the last slow one */
	struct asked_line *busy; /* what was given a question last */
	unsigned opened, closed, sent, freed, wanted;
	char said[300];
} t;

static bool
open_line(struct asked_site *s)
{
	struct asked_line *l;

	if (t.unreachable)
		return false;
	l = mem_new(sizeof(*l));
	t.opened++;
	asked_line_add(s, l, !t.slow);
	if (t.slow)
		t.opening = l;
	return true;
}

static void
close_line(struct asked_line *l)
{
	t.closed++;
	free(l);
}

/* A server knows what begins with a "y", and never answers what begins with an
 * "h". */
static void
send_line(struct asked_line *l)
{
	struct asked *q = l->question;
	struct why why;

	t.sent++;
	t.busy = l;
	if (q->name[0] == 'h')
		return;
	why_init(&why);
	asked_line_idle(l);
	if (q->name[0] == 'y')
		asked_end(q, MAP_FOUND, SPAN("yes"), &why);
	else
		asked_end(q, MAP_NONE, SPAN(""), &why);
	why_free(&why);
}

static void
free_question(struct asked *q)
{
	t.freed++;
	free(q);
}

static const struct asked_kind kind = {
	.open = open_line,
	.close = close_line,
	.send = send_line,
	.free = free_question,
	.unreachable = "unreachable",
	.late = "late",
};

static void
answered(
    void *arg, enum map_result got, struct span value, const struct why *why)
{
	size_t n = strlen(t.said);
	struct span text = got == MAP_ERROR ? buf_span(&why->text) : value;

	(void)snprintf(t.said + n, sizeof(t.said) - n, "%s=%.*s ",
	    (const char *)arg, (int)text.n, text.p);
	if (--t.wanted == 0)
		loop_stop(t.loop);
}

/* False: it was refused at once. */
static bool
ask(const char *site, const char *key)
{
	struct parked_to to = { answered, (void *)(uintptr_t)key };
	struct buf name = BUF_EMPTY;
	struct asked_site *s;
	struct why why;
	bool good;

	why_init(&why);
	buf_printf(&name, "%s@%s", key, site);
	good = asked_join(&t.pool, buf_span(&name), to);
	s = asked_site_find(&t.pool, span_str(site));
	if (!good && asked_may(s, &why)) {
		asked_begin(s, mem_new(sizeof(struct asked)), &name, to);
		good = true;
	}
	ck_assert(good || why.outcome == DEFER);
	t.wanted += good;
	why_free(&why);
	buf_free(&name);
	return good;
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

/* Let the questions go. */
static void
step(void)
{
	struct loop_timer *timer = loop_timer_new(t.loop, stop, t.loop);

	loop_timer_set(timer, 1);
	loop_run(t.loop);
	loop_timer_free(&timer);
}

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	t.loop = loop_new();
	asked_pool_init(&t.pool, t.loop, &kind, LATE_MS, NULL);
}

static void
end(void)
{
	asked_pool_done(&t.pool);
	ck_assert_uint_eq(t.opened, t.closed);
	loop_free(&t.loop);
}

START_TEST(answers)
{
	ck_assert(ask("a", "yes1"));
	ck_assert(ask("a", "no1"));
	ck_assert_str_eq(t.said, ""); /* never from inside */
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "yes1=yes no1= ");
	ck_assert_uint_eq(t.opened, 1);
	ck_assert_uint_eq(t.freed, 2);
}
END_TEST

/* One question for all that ask the same, until it is answered. */
START_TEST(joined)
{
	ck_assert(ask("a", "yes"));
	ck_assert(ask("a", "yes"));
	ck_assert(ask("b", "yes"));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "yes=yes yes=yes yes=yes ");
	ck_assert_uint_eq(t.sent, 2);
	ck_assert(ask("a", "yes"));
	loop_run(t.loop);
	ck_assert_uint_eq(t.sent, 3);
}
END_TEST

/* What hangs takes its site's connections, and no other's. */
START_TEST(hangs)
{
	static const char *const keys[] = { "h1", "h2", "h3", "h4" };

	for (size_t i = 0; i < UNIT_COUNT(keys); i++)
		ck_assert(ask("a", keys[i]));
	ck_assert(ask("a", "yes"));
	t.wanted = 0;
	ck_assert(ask("b", "yes"));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "yes=yes ");
	ck_assert_uint_eq(t.opened, 5);
	/* what is in the queue is as late as those before it */
	t.wanted = 5;
	loop_run(t.loop);
	ck_assert_str_eq(
	    t.said, "yes=yes h1=late h2=late h3=late h4=late yes=late ");
	ck_assert_uint_eq(t.closed, 4);
	ck_assert(!ask("a", "yes")); /* a moment's rest */
	ck_assert(ask("b", "yes"));
	loop_run(t.loop);
}
END_TEST

START_TEST(unreachable)
{
	t.unreachable = true;
	ck_assert(ask("a", "yes"));
	ck_assert(ask("a", "no"));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "yes=unreachable no=unreachable ");
	t.unreachable = false;
	ck_assert(!ask("a", "yes"));
}
END_TEST

/* A connection that is being made is waited for, not made once more. */
START_TEST(slow)
{
	t.slow = true;
	ck_assert(ask("a", "yes"));
	step();
	asked_site_go(asked_site_find(&t.pool, SPAN("a")));
	ck_assert_uint_eq(t.opened, 1);
	ck_assert_uint_eq(t.sent, 0);
	asked_line_ready(t.opening);
	asked_site_go(t.opening->site);
	ck_assert_str_eq(t.said, "yes=yes ");
}
END_TEST

/* A question whose connection ended goes to the next one, once. */
START_TEST(again)
{
	struct asked *q;

	ck_assert(ask("a", "hang"));
	step();
	q = asked_line_end(t.busy);
	ck_assert(asked_again(q));
	asked_site_go(q->site);
	ck_assert_uint_eq(t.sent, 2);
	q = asked_line_end(t.busy);
	ck_assert(!asked_again(q));
	asked_fail(q, "broken");
	ck_assert_str_eq(t.said, "hang=broken ");
}
END_TEST

START_TEST(full)
{
	static char keys[2001][8];

	t.slow = true;
	for (int i = 0; i <= 2000; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "n%d", i);
		ck_assert_int_eq(ask("a", keys[i]), i < 2000);
	}
	ck_assert(ask("a", keys[0])); /* it is asked already */
	ck_assert(ask("b", keys[0]));
}
END_TEST

/* What waits when the pool ends is told so. */
START_TEST(ended)
{
	ck_assert(ask("a", "hang"));
	step();
	t.slow = true;
	ck_assert(ask("b", "yes"));
	asked_pool_done(&t.pool);
	ck_assert_ptr_nonnull(strstr(t.said, "hang=the process ends"));
	ck_assert_ptr_nonnull(strstr(t.said, "yes=the process ends"));
	asked_pool_init(&t.pool, t.loop, &kind, LATE_MS, NULL);
}
END_TEST

static void
fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, answers);
	tcase_add_test(tc, joined);
	tcase_add_test(tc, hangs);
	tcase_add_test(tc, unreachable);
	tcase_add_test(tc, slow);
	tcase_add_test(tc, again);
	tcase_add_test(tc, full);
	tcase_add_test(tc, ended);
}

int
main(void)
{
	return unit_main("lookup/asked", fill);
}
