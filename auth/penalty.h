/* penalty.h - refusals are told late, and later the more there were
 *
 * Counted for each IPv4 address and each IPv6 /64, forgotten after ten minutes
 * without a failure.
 */

#ifndef AUTH_PENALTY_H
#define AUTH_PENALTY_H

#include <stdint.h>

#include "base/span.h"

struct penalty;

struct penalty *penalty_new(int64_t base_delay_s);
void penalty_free(struct penalty **p);
/* One more failure from this address: how long to wait with the answer, in
 * milliseconds: the base, doubled from the fourth failure on, 16 times it at
 * most. */
int64_t penalty_failed(struct penalty *p, struct span client_addr);
/* A success forgets. */
void penalty_good(struct penalty *p, struct span client_addr);

#endif
