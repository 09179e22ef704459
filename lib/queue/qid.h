/* qid.h - a queue id is a time
 *
 * Microseconds of the wall clock in upper-case hexadecimal, or in the long form
 * of enable_long_queue_ids. These functions are pure.
 */

#ifndef QUEUE_QID_H
#define QUEUE_QID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum { QID_MAX = 20 };

/* The id of that microsecond; is_long: without vowels, seconds (six digits and
 * more), microseconds (four), and behind a 'z' what makes a name of its own of
 * it for Postfix, and is not needed here. */
void qid_put(uint64_t us, bool is_long, char out[QID_MAX + 1]);
/* The time of an id of either form; 0 when it is none, or of a time that no
 * clock shows (from the year 2200 on). */
uint64_t qid_time(struct span id);

#endif
