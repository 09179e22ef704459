/* srs.h - senders of forwarded mail, rewritten so that SPF lets them through
 *
 * SRS0=HASH=DAY=DOMAIN=USER@OURS stands for USER@DOMAIN, and for somebody who
 * forwarded before us SRS1=HASH=THEIRS==HASH=DAY=DOMAIN=USER@OURS. The hash
 * says that it was we who wrote it; what anybody else writes leads nowhere.
 */

#ifndef ROUTE_SRS_H
#define ROUTE_SRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct srs;
struct why;

/* domain is copied; secret: any bytes, not empty. */
struct srs *srs_new(struct span domain, struct span secret);
/* The secret of path, which is made when it is not there: while still root.
 * NULL: why. */
struct srs *srs_open(const char *domain, const char *path, struct why *why);
void srs_free(struct srs **s);

/* Is the address one of this kind, at our domain? */
bool srs_is_ours(const struct srs *s, struct span local, struct span domain);
/* Append the address that local stands for; false: it is none of ours, or
 * older than three weeks. now: wall clock, seconds. */
bool srs_decode(
    const struct srs *s, struct span local, int64_t now, struct buf *out);
/* Append the sender to forward with; false: it would be too long, and nothing
 * is appended. */
bool srs_encode(
    const struct srs *s, struct span sender, int64_t now, struct buf *out);

#endif
