/*
 * probe_sender.c - the sender of address probes, which may change with time
 *
 * Who collects senders that never write has an address that is gone by the time
 * he uses it.
 */

#include "config/probe_sender.h"

#include "base/buf.h"

static void
suffix_put(struct buf *out, int64_t epoch)
{
	/* no vowels: no words come of it */
	static const char digits[] = "0123456789bcdfghjklmnpqrstvwxyz";
	const uint64_t base = sizeof(digits) - 1;
	uint64_t n = epoch > 0 ? (uint64_t)epoch : 0;
	char text[16];
	size_t at = sizeof(text);

	do {
		text[--at] = digits[n % base];
		n /= base;
	} while (n > 0 && at > 0);
	buf_add(out, text + at, sizeof(text) - at);
}

void
probe_sender_put(struct buf *out, struct span sender, int64_t ttl, int64_t now)
{
	size_t at = span_rfind(sender, '@');

	buf_add_span(out, span_head(sender, at));
	if (ttl > 0 && sender.n > 0)
		suffix_put(out, now / ttl);
	buf_add_span(out, span_skip(sender, at));
}

bool
probe_sender_is(struct span local, struct span sender, int64_t ttl, int64_t now)
{
	struct span base = span_head(sender, span_rfind(sender, '@'));
	struct buf suffix = BUF_EMPTY;
	bool is = false;

	if (ttl <= 0 || base.n == 0 ||
	    !span_ieq(span_head(local, base.n), base))
		return false;
	for (int64_t epoch = now / ttl - 1; epoch <= now / ttl + 1; epoch++) {
		buf_clear(&suffix);
		suffix_put(&suffix, epoch);
		is |= span_ieq(span_skip(local, base.n), buf_span(&suffix));
	}
	buf_free(&suffix);
	return is;
}
