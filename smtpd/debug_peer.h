/* debug_peer.h - debug_peer_list: whose conversation is written down */

#ifndef SMTPD_DEBUG_PEER_H
#define SMTPD_DEBUG_PEER_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct debug_peers;
struct session;
struct why;

/* Networks and addresses as cidr_list_new() has them; names of hosts, and of
 * domains with all below them. NULL: why. Lives in a but for its networks. */
struct debug_peers *
debug_peers_new(struct arena *a, struct span list, struct why *why);
void debug_peers_free(struct debug_peers **d);
bool debug_peers_has(
    const struct debug_peers *d, struct span name, struct span address);

/* The client said this line; what would give a password away is left out. */
void debug_said(const struct session *s, struct span line, bool secret);
/* It is told these lines. */
void debug_told(const struct session *s, struct span lines);

#endif
