/* upstream.h - hosts that bring us their clients, and say who those are */

#ifndef LOGIN_UPSTREAM_H
#define LOGIN_UPSTREAM_H

#include <stdbool.h>

#include "base/span.h"

struct match_list;
struct session;

/* NULL for an empty list; name is the parameter's. Before the jail. */
struct match_list *upstream_new(const char *name, const char *networks);
/* text: the address, as it is printed. */
bool upstream_listed(const struct match_list *networks, struct span text);
/* Is the client's address one of login_trusted_networks? */
bool upstream_trusted(const struct session *s);
/* The client is at addr, says the host that brought it: believed of trusted
 * ones, and only what is an address. */
void upstream_told(struct session *s, struct span addr, struct span port);
/* Is XCLIENT offered? To hosts that bring us clients, and where we might bring
 * them further. */
bool upstream_xclient(const struct session *s);
/* Its words: ADDR=, PORT=, TTL=; others are passed over. */
void upstream_xclient_take(struct session *s, struct span words);
/* How many hosts the session may still pass through: believed of everybody, as
 * far as it is fewer. */
void upstream_hops(struct session *s, struct span number);

#endif
