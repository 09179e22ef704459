/* nexthop.h - next hops as main.cf and transport(5) write them */

#ifndef WIRE_NEXTHOP_H
#define WIRE_NEXTHOP_H

#include <stdbool.h>

#include "base/span.h"

/* Take "example.com", "[host]", either with ":port" and with "inet:" before it,
 * apart; port is empty where there is none. Brackets: the host itself is meant,
 * no MX records. False: it is none of these. All lives in text. */
bool nexthop_split(
    struct span text, struct span *host, struct span *port, bool *bracketed);

#endif
