/* rewrite.h - the form that addresses get before all else */

#ifndef ROUTE_REWRITE_H
#define ROUTE_REWRITE_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct route_conf;

/* local as in an envelope, with quotes where it needs them. */
struct route_address {
	struct span local, domain;
	struct span whole; /* local@domain */
	bool null_domain; /* whole is "local@": it may stand for no mailbox */
};

/* Complete an envelope address: source routes go, site!user and user%site are
 * read (swap_bangpath, allow_percent_hack), myorigin and mydomain are appended
 * as the parameters say, the domain is in lower case without a dot at its end.
 * The empty address becomes empty_address_recipient; "user@" stays that, for
 * route_rcpt() to say what becomes of it. What comes out lives in a; its domain
 * is empty only then, and when append_at_myorigin is off. */
void route_rewrite(const struct route_conf *conf, struct arena *a,
    struct span address, struct route_address *out);
/* The same from a local part alone, as mail to our own domain may carry the
 * real address in it. */
void route_address_make(struct arena *a, struct span local, struct span domain,
    struct route_address *out);
/* Does the local part, its quotes taken off, hold an operator that another
 * host might follow: '@', '%' or '!'? */
bool route_has_operator(struct span local);

#endif
