/* delivery_log.c - the line that tells how a delivery to a recipient ended */

#include "calls/delivery_log.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/metric.h"

enum { SECOND = 1000000, ADDRESS_MAX = 256 };

void
delivery_log_delay(struct buf *out, int64_t us, int resolution)
{
	int decimals = us >= 10 * (int64_t)SECOND ? 0
	    : us >= SECOND                        ? 1
						  : resolution;
	int64_t unit = SECOND;

	if (us < 0)
		us = 0;
	/* below a second, two digits behind the zeros in front */
	if (us < SECOND)
		for (int64_t at = SECOND / 10, n = 1; at > 0; at /= 10, n++)
			if (us >= at && n + 1 < decimals)
				decimals = (int)n + 1;
	if (decimals > resolution)
		decimals = resolution;
	for (int i = 0; i < decimals; i++)
		unit /= 10;
	us = (us + unit / 2) / unit * unit;
	buf_printf(out, "%lld", (long long)(us / SECOND));
	us %= SECOND;
	if (us > 0)
		buf_add_byte(out, '.');
	for (int64_t at = SECOND / 10; us > 0; at /= 10) {
		buf_add_byte(out, (char)('0' + us / at));
		us %= at;
	}
}

/* What lies between two stamps, of which the second may not have come. */
static int64_t
between(int64_t from, int64_t to)
{
	return from == 0 || to == 0 || to < from ? 0 : to - from;
}

static void
put_delays(struct buf *out, const struct delivery_log *l)
{
	int64_t setup = l->setup_us == 0 ? l->now_us : l->setup_us;
	int64_t transfer = l->transfer_us == 0 ? l->now_us : l->transfer_us;

	if (setup > transfer)
		setup = transfer;
	buf_add_str(out, ", delay=");
	delivery_log_delay(
	    out, between(l->arrival_us, l->now_us), l->resolution);
	buf_add_str(out, ", delays=");
	delivery_log_delay(
	    out, between(l->arrival_us, l->ready_us), l->resolution);
	buf_add_byte(out, '/');
	delivery_log_delay(out, between(l->ready_us, setup), l->resolution);
	buf_add_byte(out, '/');
	delivery_log_delay(out, between(setup, transfer), l->resolution);
	buf_add_byte(out, '/');
	delivery_log_delay(out, between(transfer, l->now_us), l->resolution);
}

void
delivery_log_print(struct buf *out, const struct delivery_log *l)
{
	static const char *const words[] = {
		[DONE] = "sent", [DEFER] = "deferred", [BOUNCE] = "bounced"
	};
	const char *word = words[l->outcome];

	if (l->probe)
		word = l->outcome == DONE ? "deliverable" : "undeliverable";

	metric_count((enum metric)(METRIC_SENT + (unsigned)l->outcome));
	if (l->outcome == DONE)
		metric_observe(METRIC_DELAY, between(l->arrival_us, l->now_us));
	buf_add_span(out, l->qid);
	buf_add_str(out, ": to=<");
	log_quote(out, l->address, ADDRESS_MAX);
	if (l->orig.n > 0) {
		buf_add_str(out, ">, orig_to=<");
		log_quote(out, l->orig, ADDRESS_MAX);
	}
	buf_add_str(out, ">, relay=");
	buf_add_span(out, l->relay.n > 0 ? l->relay : SPAN("none"));
	if (l->conn_use > 1)
		buf_printf(out, ", conn_use=%u", l->conn_use);
	put_delays(out, l);
	buf_add_str(out, ", dsn=");
	buf_add_span(out, l->status);
	buf_printf(out, ", status=%s (", word);
	buf_add_span(out, l->text);
	buf_add_byte(out, ')');
}
