/* metric.h - counters of a service, for facteur metrics
 *
 * Each row of master.cf has a page that its processes share and master keeps,
 * so that a process that ends takes nothing with it. Counting is one addition
 * in memory. Until metric_page_set(), and in programs that master did not
 * start, a page of the process itself is counted in.
 */

#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric {
	METRIC_PROCESSES, /* master's: how many serve now */
	METRIC_STARTS,
	METRIC_FAILURES, /* ended by a signal or with a status */
	METRIC_CONNECTIONS,
	METRIC_DISCONNECTIONS,
	METRIC_LOGINS_OK,
	METRIC_LOGINS_FAILED,
	/* smtpd, in the order of enum policy_stage */
	METRIC_REJECT_CLIENT,
	METRIC_REJECT_HELO,
	METRIC_REJECT_SENDER,
	METRIC_REJECT_RELAY,
	METRIC_REJECT_RCPT,
	METRIC_REJECT_GREYLIST,
	METRIC_REJECT_DATA,
	METRIC_REJECT_END_OF_DATA,
	METRIC_REJECT_ETRN,
	METRIC_REJECT_CONTENT,
	/* qmgr */
	METRIC_ACCEPTED_SMTPD,
	METRIC_ACCEPTED_PICKUP,
	METRIC_ACCEPTED_BOUNCE,
	METRIC_REMOVED,
	/* of a recipient, in the order of enum outcome */
	METRIC_SENT,
	METRIC_DEFERRED,
	METRIC_BOUNCED,
	/* microseconds in all, then the buckets of metric_bounds() */
	METRIC_DELAY_SUM,
	METRIC_DELAY,
	METRIC_DELAY_LAST = METRIC_DELAY + 9,
	METRIC_FLUSH_SUM,
	METRIC_FLUSH,
	METRIC_FLUSH_LAST = METRIC_FLUSH + 9,
	METRICS
};

enum { METRIC_BUCKETS = 10, METRIC_HEADER = 4096 };

void metric_add(enum metric m, int64_t n);
static inline void
metric_count(enum metric m)
{
	metric_add(m, 1);
}
/* One more of this length: first is METRIC_DELAY or METRIC_FLUSH. */
void metric_observe(enum metric first, int64_t us);
/* The upper bounds of its buckets in microseconds; the last has none. */
const int64_t *metric_bounds(enum metric first);
/* METRICS counters, for as long as the process lives. NULL: its own again. */
void metric_page_set(uint64_t *page);

/* How a counter is shown; the rows of a name stand together. */
struct metric_row {
	enum metric metric;
	const char *name, *labels; /* "class=\"helo\"", or "" */
	const char *help; /* in the first row of a name */
	bool gauge;
};
extern const struct metric_row metric_rows[];
extern const size_t metric_row_count;

/* A page in a file: METRIC_HEADER bytes of "facteur-metrics 1\nPROGRAM\n
 * SERVICE\n" and zeros, then METRICS counters in this machine's order. */
#define METRIC_MAGIC "facteur-metrics 1"

#endif
