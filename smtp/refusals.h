/* refusals.h - logins that a server has refused (smtp_sasl_auth_cache_name)
 *
 * So that a wrong password is not tried again with each message, which some
 * servers answer by shutting their client out. Kept in memory, by digests: no
 * password can be read from it.
 */

#ifndef SMTP_REFUSALS_H
#define SMTP_REFUSALS_H

#include <stdint.h>

#include "base/span.h"

struct refusals;

enum { REFUSALS_MAX = 1000 };

struct refusals_key {
	struct span server, user, password;
};

struct refusals *refusals_new(int64_t keep_seconds);
void refusals_free(struct refusals **r);
/* The server's reply as it was logged; the oldest goes when there are too
 * many. */
void refusals_put(
    struct refusals *r, const struct refusals_key *key, const char *reply);
/* What the server said of just this login, or NULL. Good until the next call.
 */
const char *refusals_find(struct refusals *r, const struct refusals_key *key);

#endif
