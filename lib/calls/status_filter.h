/* status_filter.h - tables that change what a delivery is said to have ended
 * with (default_delivery_status_filter and its kin)
 *
 * The key is status code and text, "5.1.1 unknown user", and the value that
 * takes its place has the same form. What was delivered stays delivered, what
 * is tried again is tried again, and what failed has failed: a value with
 * another first digit is not taken.
 */

#ifndef CALLS_STATUS_FILTER_H
#define CALLS_STATUS_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct channel;
struct status_query;
struct why;

typedef void status_filter_fn(void *arg);

struct status_words {
	const char *parameter;
	struct why *const *whys;
	size_t count; /* of them, at least 1 */
};

/* Look the words up, one after the other, in the tables of the parameter, and
 * change them in place; w and whys[] are copied, what they point to stays the
 * caller's until fn. A table that fails, and a value that makes no sense, are
 * logged, and change nothing. fn is called once, from the loop. */
struct status_query *status_filter_start(struct channel *lookup,
    const struct status_words *w, status_filter_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void status_filter_cancel(struct status_query **q);

/* "5.7.1 text" in place of what why has. False, and nothing changed: it is no
 * status and text, or of another class. */
bool status_filter_take(struct span value, struct why *why);

#endif
