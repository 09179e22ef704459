/* penalty.h - refusals are told late, and later the more there were
 *
 * Counted for each IPv4 address and each IPv6 /64, forgotten after ten minutes
 * without a failure. The counts are in data_directory/failures.db too: a crash
 * or a reload forgives nobody.
 */

#ifndef AUTH_PENALTY_H
#define AUTH_PENALTY_H

#include <stdint.h>

#include "base/span.h"

struct loop;
struct penalty;

/* data_directory NULL: in memory alone. */
struct penalty *penalty_new(
    int64_t base_delay_s, struct loop *loop, const char *data_directory);
/* Write what has not been written. */
void penalty_flush(struct penalty *p);
void penalty_free(struct penalty **p);
/* The address counts, and the name that was tried: one who is guessed at from
 * everywhere is not guessed at faster. A right password is never late. */
struct penalty_of {
	struct span client_addr;
	struct span user; /* may be empty */
};
/* Who goes first when passwords wait. */
enum penalty_rank {
	RANK_KNOWN, /* this user has logged in from there lately */
	RANK_FRESH, /* no failures are known */
	RANK_FAILING /* of the address, or of the name from there */
};
enum penalty_rank
penalty_rank(const struct penalty *p, const struct penalty_of *who);
/* One more failure from this address: how long to wait with the answer, in
 * milliseconds: the base, doubled from the fourth failure on, 16 times it at
 * most. */
int64_t penalty_failed(struct penalty *p, const struct penalty_of *who);
/* A success: the address's failures are forgotten, the two are known for a
 * day. Those of the name remain, or else its owner would help who guesses. */
void penalty_good(struct penalty *p, const struct penalty_of *who);

#endif
