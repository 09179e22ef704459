/* limits.h - what one client may take: connections and rates (Postfix's anvil)
 */

#ifndef SMTPD_LIMITS_H
#define SMTPD_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct limits;
/* One client's counters. */
struct limits_client;

enum limits_kind {
	LIMIT_CONNECTIONS,
	LIMIT_MESSAGES,
	LIMIT_RECIPIENTS,
	LIMIT_AUTH,
	LIMIT_TLS,
	LIMIT_KINDS
};

struct limits_conf {
	int64_t unit_ms; /* counts begin anew after that long */
	unsigned ipv6_prefix;
	unsigned count; /* connections open at once; 0 is no limit */
	unsigned rate[LIMIT_KINDS]; /* per unit; 0 is no limit */
};

/* Counts are those of this process. */
struct limits *limits_new(const struct limits_conf *conf);
void limits_free(struct limits **l);

/* A connection begins: the client's counters, for limits_leave() at its end.
 * address: 4 or 16 bytes; of IPv6 only the prefix counts. now: clock_ms(). */
struct limits_client *
limits_enter(struct limits *l, struct span address, int64_t now);
void limits_leave(struct limits_client **c, int64_t now);
/* Too many connections are open, this one included. */
bool limits_crowded(const struct limits_client *c);
unsigned limits_open(const struct limits_client *c);
/* One more of that kind; false when that is more than the rate allows. */
bool limits_count(struct limits_client *c, enum limits_kind kind, int64_t now);
unsigned limits_rate(const struct limits_client *c, enum limits_kind kind);
/* Clients remembered: for tests. */
size_t limits_clients(const struct limits *l);

#endif
