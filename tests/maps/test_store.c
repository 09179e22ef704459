/* test_store.c - maps/store.h: a child that writes */

#include "maps/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/fault.h"
#include "os/loop.h"
#include "tests/unit.h"

enum { ENTRIES = 20000, LIFE = 1000, TICK_MS = 2, WAIT_TICKS = 2000 };

static char folder[64];
static char *spec;
static struct loop *loop;
static struct store *s;
static struct loop_timer *tick;
static unsigned ticks;
static bool begun;

static void
begin(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/facteur-store.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	spec = mem_printf("hash:%s/x", folder);
	loop = loop_new();
	s = store_open(loop, spec, ENTRIES + 100, 1);
	store_write_aside(s, 2);
	ticks = 0;
	begun = false;
}

static void
end(void)
{
	char *path = mem_printf("%s/x.db", folder);

	store_free(&s);
	loop_timer_free(&tick);
	loop_free(&loop);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
	free(path);
	free(spec);
}

static void
fill_store(void)
{
	for (int i = 0; i < ENTRIES; i++) {
		char *key = mem_printf("key number %d", i);

		store_put(s, span_str(key), clock_wall() + LIFE, SPAN("text"));
		free(key);
	}
}

static size_t
on_disk(void)
{
	struct store *other = store_open(loop, spec, ENTRIES + 100, 1);
	size_t n = store_count(other);

	store_free(&other);
	return n;
}

/* Runs in the loop while the child writes; puts one more entry in. */
static void
ticked(void *arg)
{
	(void)arg;
	if (store_is_writing(s)) {
		if (!begun)
			store_put(s, SPAN("meanwhile"), clock_wall() + LIFE,
			    SPAN(""));
		begun = true;
		ticks++;
	} else if (begun) {
		loop_stop(loop);
		return;
	}
	loop_timer_set(tick, begun ? TICK_MS : 0);
}

static void
run(void)
{
	tick = loop_timer_new(loop, ticked, NULL);
	loop_timer_set(tick, 0);
	loop_run(loop);
}

/* The loop goes on, and what came meanwhile is written the next time. */
START_TEST(aside)
{
	begin();
	fill_store();
	run();
	ck_assert_uint_gt(ticks, 0);
	ck_assert_uint_eq(on_disk(), ENTRIES);
	store_flush(s);
	ck_assert_uint_eq(on_disk(), ENTRIES + 1);
	end();
}
END_TEST

/* A flush in the middle waits and writes all. */
static void
flushed(void *arg)
{
	(void)arg;
	if (store_is_writing(s)) {
		store_put(
		    s, SPAN("late"), clock_wall() + LIFE, SPAN("and true"));
		store_flush(s);
		ck_assert(!store_is_writing(s));
		loop_stop(loop);
		return;
	}
	loop_timer_set(tick, 0);
}

START_TEST(flush)
{
	begin();
	fill_store();
	tick = loop_timer_new(loop, flushed, NULL);
	loop_timer_set(tick, 0);
	loop_run(loop);
	ck_assert_uint_eq(on_disk(), ENTRIES + 1);
	end();
}
END_TEST

static void
waited(void *arg)
{
	const size_t *want = arg;

	if (++ticks == WAIT_TICKS ||
	    (!store_is_writing(s) && on_disk() == *want))
		loop_stop(loop);
	else
		loop_timer_set(tick, TICK_MS);
}

static void
wait_for(size_t want)
{
	ticks = 0;
	tick = loop_timer_new(loop, waited, &want);
	loop_timer_set(tick, TICK_MS);
	loop_run(loop);
	loop_timer_free(&tick);
	ck_assert_uint_eq(on_disk(), want);
}

/* What is removed is not there again after a crash. */
START_TEST(removed)
{
	begin();
	store_put(s, SPAN("ticket"), clock_wall() + LIFE, SPAN(""));
	wait_for(1);
	store_remove(s, SPAN("ticket"));
	wait_for(0);
	end();
}
END_TEST

/* A child that cannot write leaves the old file, and nothing is forgotten. */
START_TEST(trouble)
{
	begin();
	store_put(s, SPAN("old"), clock_wall() + LIFE, SPAN(""));
	store_flush(s);
	store_put(s, SPAN("new"), clock_wall() + LIFE, SPAN(""));
	fault_arm(FAULT_SYNC, 1, EIO, true);
	run();
	fault_arm(FAULT_SYNC, 0, 0, false);
	ck_assert_uint_eq(on_disk(), 1);
	store_flush(s);
	ck_assert_uint_eq(on_disk(), 3);
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, aside);
	tcase_add_test(t, flush);
	tcase_add_test(t, removed);
	tcase_add_test(t, trouble);
}

int
main(void)
{
	return unit_main("maps/store", fill);
}
