/*
 * metric.c - counters of a service, for facteur metrics
 *
 * Processes of one service, and threads, add to one page at once: so the
 * additions are atomic, and nothing else is.
 */

#include "base/metric.h"

#define SECOND 1000000LL

/* The page of this process, until master's is there. */
static uint64_t own[METRICS];
static uint64_t *page = own;

const struct metric_row metric_rows[] = {
	{ METRIC_PROCESSES, "facteur_processes", "",
	    "Processes that serve now.", true },
	{ METRIC_STARTS, "facteur_process_starts_total", "",
	    "Processes that master started.", false },
	{ METRIC_FAILURES, "facteur_process_failures_total", "",
	    "Processes that ended by a signal or with an error.", false },
	{ METRIC_CONNECTIONS, "facteur_connections_total", "",
	    "Clients that connected.", false },
	{ METRIC_DISCONNECTIONS, "facteur_disconnections_total", "",
	    "Sessions that ended.", false },
	{ METRIC_LOGINS_OK, "facteur_logins_total", "result=\"ok\"",
	    "Logins, by how they ended.", false },
	{ METRIC_LOGINS_FAILED, "facteur_logins_total", "result=\"failed\"",
	    NULL, false },
	{ METRIC_REJECT_CLIENT, "facteur_rejects_total", "class=\"client\"",
	    "Commands that smtpd refused, by the list that did.", false },
	{ METRIC_REJECT_HELO, "facteur_rejects_total", "class=\"helo\"", NULL,
	    false },
	{ METRIC_REJECT_SENDER, "facteur_rejects_total", "class=\"sender\"",
	    NULL, false },
	{ METRIC_REJECT_RELAY, "facteur_rejects_total", "class=\"relay\"", NULL,
	    false },
	{ METRIC_REJECT_RCPT, "facteur_rejects_total", "class=\"recipient\"",
	    NULL, false },
	{ METRIC_REJECT_GREYLIST, "facteur_rejects_total", "class=\"greylist\"",
	    NULL, false },
	{ METRIC_REJECT_DATA, "facteur_rejects_total", "class=\"data\"", NULL,
	    false },
	{ METRIC_REJECT_END_OF_DATA, "facteur_rejects_total",
	    "class=\"end_of_data\"", NULL, false },
	{ METRIC_REJECT_ETRN, "facteur_rejects_total", "class=\"etrn\"", NULL,
	    false },
	{ METRIC_REJECT_CONTENT, "facteur_rejects_total", "class=\"content\"",
	    NULL, false },
	{ METRIC_ACCEPTED_SMTPD, "facteur_messages_accepted_total",
	    "from=\"smtpd\"", "Messages put into the queue, by who did.",
	    false },
	{ METRIC_ACCEPTED_PICKUP, "facteur_messages_accepted_total",
	    "from=\"pickup\"", NULL, false },
	{ METRIC_ACCEPTED_BOUNCE, "facteur_messages_accepted_total",
	    "from=\"bounce\"", NULL, false },
	{ METRIC_REMOVED, "facteur_messages_removed_total", "",
	    "Messages that left the queue.", false },
	{ METRIC_SENT, "facteur_deliveries_total", "status=\"sent\"",
	    "Attempts to deliver to a recipient, by how they ended.", false },
	{ METRIC_DEFERRED, "facteur_deliveries_total", "status=\"deferred\"",
	    NULL, false },
	{ METRIC_BOUNCED, "facteur_deliveries_total", "status=\"bounced\"",
	    NULL, false },
};

const size_t metric_row_count = sizeof(metric_rows) / sizeof(metric_rows[0]);

const int64_t *
metric_bounds(enum metric first)
{
	static const int64_t delays[METRIC_BUCKETS - 1] = { SECOND / 10,
		SECOND / 2, SECOND, 5 * SECOND, 30 * SECOND, 60 * SECOND,
		600 * SECOND, 3600 * SECOND, 86400 * SECOND };
	static const int64_t flushes[METRIC_BUCKETS - 1] = { 1000, 2500, 5000,
		10000, 25000, 50000, 100000, SECOND / 2, 5 * SECOND };

	return first == METRIC_DELAY ? delays : flushes;
}

void
metric_page_set(uint64_t *with)
{
	page = with == NULL ? own : with;
}

void
metric_add(enum metric m, int64_t n)
{
	(void)__atomic_fetch_add(&page[m], (uint64_t)n, __ATOMIC_RELAXED);
}

void
metric_observe(enum metric first, int64_t us)
{
	const int64_t *bounds = metric_bounds(first);
	unsigned at = 0;

	if (us < 0) /* the clock was set back */
		us = 0;
	while (at < METRIC_BUCKETS - 1 && us > bounds[at])
		at++;
	metric_add((enum metric)((unsigned)first + at), 1);
	metric_add((enum metric)((unsigned)first - 1), us);
}
