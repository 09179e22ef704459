/* limits.h - how hard a transport may press its sites
 *
 * NAME_destination_concurrency_limit and its kin of main.cf, or the default_
 * ones where the transport has none of its own.
 */

#ifndef QMGR_LIMITS_H
#define QMGR_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct main_cf;

/* "1", "0.5", "1/concurrency", "1/sqrt_concurrency" */
struct feedback {
	double number; /* 0 to 1 */
	enum { FEEDBACK_PLAIN, FEEDBACK_PER, FEEDBACK_PER_SQRT } by;
};

struct limits {
	unsigned concurrency; /* 0: no limit */
	unsigned hosts; /* the same for a receiving host; 0: none is known */
	unsigned recipients; /* in one delivery; 0: no limit */
	unsigned initial;
	unsigned slot_cost; /* 0: nobody overtakes anybody */
	unsigned cohorts; /* of failures until a site is dead; 0: never */
	struct feedback positive, negative;
	int64_t rate_delay; /* seconds between deliveries to a site */
	int64_t transport_delay; /* and of the transport at all */
};

/* What is ill-formed is logged, and Postfix's default is taken for it. */
void
limits_read(struct limits *out, const struct main_cf *m, const char *transport);

/* Those of one receiving host, whichever its sites. */
struct limits limits_of_host(const struct limits *l);

/* The concurrency of one site: it grows while deliveries succeed and shrinks
 * while the site cannot be reached. */
struct window {
	unsigned now; /* deliveries at once; never 0 */
	double success, failure; /* parts of a step */
	double cohorts; /* failures, in windows */
};

void window_init(struct window *w, const struct limits *l);
/* A delivery went through to the site, busy others are under way there. */
void window_success(struct window *w, const struct limits *l, unsigned busy);
/* The site could not be reached. True: it is to be taken for dead. */
bool window_failure(struct window *w, const struct limits *l);

#endif
