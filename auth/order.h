/* order.h - whose password is looked at next
 *
 * Pure. A hash takes a tenth of a second of a processor: whoever knocks with
 * many guesses must not make those wait who have the right one.
 */

#ifndef AUTH_ORDER_H
#define AUTH_ORDER_H

#include <stdint.h>

#include "auth/penalty.h"
#include "base/list.h"
#include "base/span.h"

/* Inside whatever waits or is under way; both lists are of these. */
struct order_entry {
	struct list in;
	enum penalty_rank rank;
	struct span client_addr;
	int64_t since_ms;
};

/* After so long a failing one is taken for a fresh one, so that it comes to its
 * turn; never for a known one. */
enum { ORDER_AGE_MS = 5000 };

/* The first of the best rank whose address has less than share under way; when
 * there is none in any rank, the first of the best rank. waiting is not
 * empty. */
struct order_entry *order_next(const struct list *waiting,
    const struct list *running, unsigned share, int64_t now_ms);
/* Too many wait: which one is to give way to a new one of this rank? The last
 * of the worst rank below it, or NULL. */
struct order_entry *
order_worst(const struct list *waiting, enum penalty_rank rank);

#endif
