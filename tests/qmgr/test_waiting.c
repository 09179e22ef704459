/* test_waiting.c - what sleeps, by where it is to go and by who holds it */

#include "os/clock.h"
#include "tests/qmgr/life.h"

/* Each message by the domains of its recipients; a blank before each. */
static const struct {
	const char *site, *finds; /* numbers of messages */
} rows[] = {
	{ "one.example", "0 2 " },
	{ "ONE.Example", "0 2 " },
	{ "two.example", "1 2 " },
	{ "below.one.example", "3 " },
	{ "@one.example", "0 2 3 " },
	{ "@example", "0 1 2 3 " },
	{ "example", "" },
	{ "done.example", "" }, /* it does not wait any more */
	{ "ne.example", "" },
	{ "", "" },
	{ "@", "" },
};

static struct message *
message(int number, const char *domains)
{
	struct span rest = span_str(domains);
	struct qfile_rcpt rcpts[4] = { { .notify = 0 } };
	char addresses[4][64], id[QUEUE_ID_MAX + 1];
	struct qfile_envelope e = { .arrival_us = 1, .rcpts = rcpts };
	struct qfile_closing first = { .content_size = 10 };
	struct message *m;

	while (rest.n > 0) {
		size_t n = span_find(rest, ' ');
		struct qfile_rcpt *r = &rcpts[e.rcpt_count];

		snprintf(addresses[e.rcpt_count], 64, "u@%.*s", (int)n, rest.p);
		r->address = span_str(addresses[e.rcpt_count]);
		r->state =
		    span_starts(rest, "done") ? STATE_DONE : STATE_QUEUED;
		e.rcpt_count++;
		rest = span_skip(rest, n + 1);
	}
	snprintf(id, sizeof(id), "ABCDE%d", number);
	m = message_new(&it.q, id, PLACE_DEFERRED);
	message_take(m, &e, &first, 100);
	message_sleep(m);
	return m;
}

static void
find(const char *site, struct buf *out)
{
	struct waiting_ids w;

	buf_clear(out);
	waiting_for(&it.q, span_str(site), &w);
	for (char c = '0'; c <= '9'; c++)
		for (size_t i = 0; i < w.count; i++)
			if (w.ids[i][5] == c) {
				buf_printf(out, "%c ", c);
				break;
			}
	free(w.ids);
}

static void
sites(void)
{
	static const char *const domains[] = { "one.example done.example",
		"two.example", "one.example two.example One.example",
		"below.one.example" };
	struct message *m[4];
	struct buf found = BUF_EMPTY;

	for (int i = 0; i < 4; i++)
		m[i] = message(i, domains[i]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		find(rows[i].site, &found);
		if (strcmp(buf_str(&found), rows[i].finds) != 0) {
			fprintf(
			    stderr, "%s: %s\n", rows[i].site, buf_str(&found));
			_exit(1);
		}
	}
	message_free(&m[2]);
	find("@example", &found);
	CHECK(strcmp(buf_str(&found), "0 1 3 ") == 0);
	message_free(&m[0]);
	message_free(&m[1]);
	message_free(&m[3]);
	CHECK(table_count(it.q.waiting) == 0);
	buf_free(&found);
}

START_TEST(test_sites)
{
	live(sites);
}
END_TEST

static void
holders(void)
{
	struct message *a = message(0, "x.example"),
		       *b = message(1, "x.example");

	CHECK(holder_count(&it.q, SPAN("u")) == 0);
	holder_set(a, SPAN("u"));
	holder_set(a, SPAN("u")); /* is the same wish */
	holder_set(b, SPAN("u"));
	CHECK(holder_count(&it.q, SPAN("u")) == 2);
	CHECK(holder_count(&it.q, SPAN("v")) == 0);
	it.conf.future_release_message_limit = 2;
	CHECK(retry_too_many(&it.q, SPAN("u")));
	CHECK(!retry_too_many(&it.q, SPAN("v")));
	holder_set(b, SPAN(""));
	CHECK(holder_count(&it.q, SPAN("")) == 1);
	CHECK(!retry_too_many(&it.q, SPAN("u")));
	message_free(&a);
	message_free(&b);
	CHECK(table_count(it.q.holders) == 0);
	it.conf.future_release_message_limit = 0; /* none */
	CHECK(!retry_too_many(&it.q, SPAN("u")));
}

START_TEST(test_holders)
{
	live(holders);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_sites);
	tcase_add_test(t, test_holders);
}

int
main(void)
{
	return unit_main("qmgr/waiting", fill);
}
