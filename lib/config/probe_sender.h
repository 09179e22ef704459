/* probe_sender.h - the sender of address probes, which may change with time
 * (address_verify_sender_ttl)
 */

#ifndef CONFIG_PROBE_SENDER_H
#define CONFIG_PROBE_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

/* Append sender as it is at the time now: behind its local part stands what
 * changes each ttl seconds; 0: nothing does. */
void
probe_sender_put(struct buf *out, struct span sender, int64_t ttl, int64_t now);
/* Is local such a local part, of now or of one ttl before or after? Letters'
 * case does not count. Always false without a ttl or a sender. */
bool probe_sender_is(
    struct span local, struct span sender, int64_t ttl, int64_t now);

#endif
