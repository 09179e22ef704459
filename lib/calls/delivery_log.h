/* delivery_log.h - the line that tells how a delivery to a recipient ended
 *
 * Log readers know it by heart: "QID: to=<b>, orig_to=<c>, relay=R, conn_use=N,
 * delay=D, delays=a/b/c/d, dsn=2.0.0, status=sent (TEXT)".
 */

#ifndef CALLS_DELIVERY_LOG_H
#define CALLS_DELIVERY_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/why.h"

struct buf;

struct delivery_log {
	struct span qid, address;
	struct span orig; /* empty: not shown */
	struct span relay; /* "mx[192.0.2.1]:25"; empty: "none" */
	unsigned conn_use; /* how often the connection served; from 2 shown */
	/* Wall clock: accepted; delivery begun; connected (for the network);
	 * content under way; now. One that has not come is 0. */
	int64_t arrival_us, ready_us, setup_us, transfer_us, now_us;
	int resolution; /* delay_logging_resolution_limit */
	struct span status; /* "2.0.0" */
	enum outcome outcome;
	bool probe; /* nothing was to be delivered */
	struct span text; /* without control bytes; printed as it is */
};

void delivery_log_print(struct buf *out, const struct delivery_log *l);
/* Seconds: two digits that count, at most resolution decimals, no zeros at the
 * end. */
void delivery_log_delay(struct buf *out, int64_t us, int resolution);

#endif
