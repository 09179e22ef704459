/* test_sched.c - whose turn it is, and how sites are remembered */

#include "qmgr/sched.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/table.h"
#include "base/why.h"
#include "config/param.h"
#include "os/loop.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "tests/unit.h"

enum { MESSAGES = 8 };

static struct {
	struct qmgr q;
	struct qmgr_conf conf;
	struct transport *t;
	struct message *messages[MESSAGES];
	struct main_cf *main_cf;
} it;

static void
begin(const char *config)
{
	struct why why;

	why_init(&why);
	memset(&it, 0, sizeof(it));
	it.conf = (struct qmgr_conf){ .default_process_limit = 100,
		.minimal_backoff_time = 300,
		.maximal_backoff_time = 4000 };
	it.main_cf = main_cf_parse(span_str(config), "test", &why);
	ck_assert_ptr_nonnull(it.main_cf);
	it.q.conf = &it.conf;
	it.q.main_cf = it.main_cf;
	it.q.loop = loop_new();
	it.q.messages = table_new();
	it.q.transports = table_new();
	it.q.retries = heap_new();
	list_init(&it.q.transport_list);
	sites_start(&it.q);
	it.t = transport_new(&it.q, SPAN("smtp"), true);
	why_free(&why);
}

static void
end(void)
{
	struct list out;

	for (int i = 0; i < MESSAGES; i++)
		if (it.messages[i] != NULL) {
			list_init(&out); /* its members go with the message */
			sched_withdraw(it.messages[i], &out);
			message_free(&it.messages[i]);
		}
	ck_assert_uint_eq(table_count(it.t->lanes), 0);
	ck_assert_uint_eq(table_count(it.t->groups), 0);
	ck_assert_uint_eq(table_count(it.t->shares), 0);
	main_cf_free(&it.main_cf);
	loop_free(&it.q.loop);
}

/* "A1x A1x B2y": message number 1 of sender A to a recipient at site x. */
static void
add(const char *words)
{
	struct span rest = span_str(words), word;

	while (span_word(&rest, " ", &word)) {
		char id[] = "ABCDEF0";
		struct message **m = &it.messages[word.p[1] - '0'];
		struct qfile_rcpt from = { .state = STATE_QUEUED };
		struct rcpt *r;
		struct site *s;

		id[6] = word.p[1];
		if (*m == NULL) {
			struct qfile_envelope e = { .sender =
							span_of(word.p, 1) };
			struct qfile_closing first = { .content_size = 1 };

			*m = message_new(&it.q, id, PLACE_ACTIVE);
			message_take(*m, &e, &first, 1);
		}
		r = message_rcpt_add(*m, &from);
		r->kind = TO_REMOTE;
		r->nexthop = arena_span((*m)->arena, span_of(word.p + 2, 1));
		r->address = r->nexthop;
		s = site_get(it.t, r);
		sched_add(s, r);
		sched_choose(s);
	}
}

/* Deliver one recipient at a time until nothing can be begun; they stay under
 * way. */
static void
run(struct buf *out)
{
	struct group *g;

	while ((g = sched_next(it.t)) != NULL) {
		struct site *s = group_site(g);
		struct rcpt *r = group_take(g);

		buf_printf(out, "%s%c%c%s", out->n == 0 ? "" : " ",
		    r->m->e->sender.p[0], r->m->id[6], s->key);
		site_count(s, 1, 0);
		group_begun(g, r);
		sched_choose(s);
	}
}

static struct site *
site(const char *key)
{
	return table_get(it.t->sites, span_str(key));
}

static void
ended(const char *key, bool reached)
{
	struct site *s = site(key);

	site_count(s, -1, 0);
	(void)site_result(s, reached, "4.4.1", SPAN("no route"));
	sched_choose(s);
	site_settle(s);
}

static bool
is_dead(const char *key)
{
	const char *status, *reason;

	return site_is_dead(site(key), &status, &reason);
}

static const struct {
	const char *add, *order;
} turns[] = {
	{ "A1x", "A1x" },
	{ "A1x A1x A1x", "A1x A1x A1x" },
	/* senders in turn, then the messages of one */
	{ "A1x A1x A1x B2x", "A1x B2x A1x A1x" },
	{ "A1x A2x A3x B4x B5x", "A1x B4x A2x B5x A3x" },
	{ "A1x A1x A1x A2x", "A1x A2x A1x A1x" },
	/* a long list to many sites does not hold up what comes behind it */
	{ "A1a A1b A1c A1d A1e A1f A2g B3h",
	    "A1a B3h A2g A1b A1c A1d A1e A1f" },
	/* a site that is full waits, the others go on */
	{ "A1x A1x A1x A1x A1x A1x A1x B2y A3z",
	    "A1x B2y A3z A1x A1x A1x A1x" },
};

START_TEST(turn)
{
	struct buf order = BUF_EMPTY;

	begin("");
	add(turns[_i].add);
	run(&order);
	ck_assert_str_eq(buf_str(&order), turns[_i].order);
	buf_free(&order);
	end();
}
END_TEST

/* With a cost of nothing nobody overtakes anybody. */
static const char *const no_cost[] = {
	"smtp_destination_concurrency_limit = 1\nsmtp_delivery_slot_cost = 0\n",
	"smtp_destination_concurrency_limit = 1\n"
	"default_delivery_slot_cost = 0\n",
};

START_TEST(in_order)
{
	struct buf order = BUF_EMPTY;

	begin(no_cost[_i]);
	add("A1x A1x A1x B2x A3x B2y");
	for (int i = 0; i < 5; i++) {
		run(&order);
		ended("x", true);
	}
	ck_assert_str_eq(buf_str(&order), "A1x B2y A1x A1x B2x A3x");
	buf_free(&order);
	end();
}
END_TEST

/* A place at a full site goes to the sender that has waited, not to whom the
 * other places went. */
START_TEST(full_site)
{
	struct buf order = BUF_EMPTY;

	begin("smtp_destination_concurrency_limit = 2\n");
	add("A1x A1x A1x A1x A1x A1x");
	run(&order);
	ck_assert_str_eq(buf_str(&order), "A1x A1x");
	add("B2x A3x");
	buf_clear(&order);
	run(&order);
	ck_assert_uint_eq(order.n, 0);
	for (int i = 0; i < 4; i++) {
		ended("x", true);
		run(&order);
	}
	ck_assert_str_eq(buf_str(&order), "A1x B2x A3x A1x");
	buf_free(&order);
	end();
}
END_TEST

START_TEST(withdrawn)
{
	struct buf order = BUF_EMPTY;
	struct list out;

	list_init(&out);
	begin("smtp_destination_concurrency_limit = 1\n");
	add("A1x A1x A1y B2x");
	sched_withdraw(it.messages[1], &out);
	ck_assert_ptr_null(site("y"));
	run(&order);
	ck_assert_str_eq(buf_str(&order), "B2x");
	buf_free(&order);
	end();
}
END_TEST

/* One letter at a time, each after the last has failed: its window is narrow
 * and known, and at the end the site is dead. */
START_TEST(dead)
{
	struct buf order = BUF_EMPTY;
	int tries = 0;

	begin("");
	do {
		add("A1x");
		run(&order);
		ended("x", false);
		ck_assert_ptr_nonnull(site("x"));
		tries++;
	} while (!is_dead("x"));
	ck_assert_int_eq(tries, 4);
	ck_assert_str_eq(
	    site("x")->dead_reason, "delivery temporarily suspended: no route");
	ck_assert_uint_eq(site_room(site("x")), 0);
	site_revive(site("x"));
	ck_assert_uint_eq(site_room(site("x")), 5);
	buf_free(&order);
	end();
}
END_TEST

/* A site that has nothing and of which nothing is known is forgotten. */
START_TEST(forgotten)
{
	struct buf order = BUF_EMPTY;

	begin("smtp_initial_destination_concurrency = 20\n");
	add("A1x");
	run(&order);
	ended("x", true);
	ck_assert_ptr_null(site("x"));
	buf_free(&order);
	end();
}
END_TEST

START_TEST(rate_delay)
{
	struct buf order = BUF_EMPTY;

	begin("smtp_destination_rate_delay = 1h\n");
	add("A1x A1x A1y");
	run(&order);
	ck_assert_str_eq(buf_str(&order), "A1x A1y");
	ended("x", true);
	run(&order);
	ck_assert_str_eq(buf_str(&order), "A1x A1y");
	site("x")->pause_until = 0;
	sched_choose(site("x"));
	run(&order);
	ck_assert_str_eq(buf_str(&order), "A1x A1y A1x");
	buf_free(&order);
	end();
}
END_TEST

/* Sites are known to share a host. */
static void
join(const char *keys)
{
	for (; *keys != '\0'; keys++) {
		struct span key = span_of(keys, 1);

		host_join(table_get(it.t->sites, key), SPAN("mx:25"));
	}
}

/* They share its window, and take turns in it. */
START_TEST(host)
{
	struct buf order = BUF_EMPTY;

	begin("smtp_host_concurrency_limit = 3\n");
	add("A1x A1y A1z");
	join("xyz");
	run(&order);
	add("A2x A2x A3x B4y B5y B6z A7w");
	run(&order);
	ck_assert_str_eq(buf_str(&order), "A1x A1y A1z A7w");
	buf_clear(&order);
	for (int i = 0; i < 4; i++) {
		ended(i % 2 == 0 ? "x" : "y", true);
		run(&order);
		if (i == 0)
			ck_assert_str_eq(buf_str(&order), "A2x");
	}
	ck_assert_str_eq(buf_str(&order), "A2x B4y B6z A3x");
	ck_assert_uint_eq(site("x")->host->underway, 3);
	ck_assert_uint_eq(site("x")->host->promised, 0);
	buf_free(&order);
	end();
}
END_TEST

/* A letter to each of its sites in turn finds it dead for all. */
START_TEST(host_dead)
{
	struct buf order = BUF_EMPTY;
	static const char *const letters[] = { "A1v", "A1w", "A1x", "A1y" };
	struct list out;
	int deaths = 0;

	list_init(&out);
	begin("");
	for (int i = 0; i < 4; i++) {
		struct host *h;

		add(letters[i]);
		run(&order);
		join(letters[i] + 2);
		h = site(letters[i] + 2)->host;
		ended(letters[i] + 2, false);
		if (host_result(h, false, "4.4.1", SPAN("no route"))) {
			host_withdraw(h, &out);
			deaths++;
		}
	}
	ck_assert_int_eq(deaths, 1);
	for (int i = 0; i < 4; i++)
		ck_assert(is_dead(letters[i] + 2));
	hosts_revive(it.t);
	ck_assert(!is_dead("v"));
	ck_assert_uint_eq(host_room(site("v")->host), 5);
	buf_free(&order);
	end();
}
END_TEST

/* What waits at its other sites goes when it dies; it is gone with them. */
START_TEST(host_ends)
{
	struct buf order = BUF_EMPTY;
	struct list out;

	list_init(&out);
	begin("smtp_host_concurrency_limit = 1\n"
	      "smtp_initial_destination_concurrency = 1\n");
	add("A1x A1y");
	join("xy");
	run(&order);
	add("B2y B2z");
	join("z");
	ended("x", false);
	ck_assert(
	    host_result(site("x")->host, false, "4.4.1", SPAN("no route")));
	host_withdraw(site("x")->host, &out);
	ck_assert_ptr_nonnull(site("y")); /* under way */
	ck_assert_uint_eq(site("x")->host->promised, 0);
	host_leave(site("x"));
	host_leave(site("y"));
	if (site("z") != NULL)
		host_leave(site("z"));
	ck_assert_uint_eq(table_count(it.t->hosts), 0);
	buf_free(&order);
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, turn, 0, UNIT_COUNT(turns));
	tcase_add_loop_test(t, in_order, 0, UNIT_COUNT(no_cost));
	tcase_add_test(t, full_site);
	tcase_add_test(t, withdrawn);
	tcase_add_test(t, dead);
	tcase_add_test(t, forgotten);
	tcase_add_test(t, rate_delay);
	tcase_add_test(t, host);
	tcase_add_test(t, host_dead);
	tcase_add_test(t, host_ends);
}

int
main(void)
{
	return unit_main("qmgr/sched", fill);
}
