/* level.h - how much TLS a letter gets from a host */

#ifndef SMTP_LEVEL_H
#define SMTP_LEVEL_H

#include <stdbool.h>

#include "smtp/conf.h"

struct letter;
struct target;

struct level_facts {
	enum tls_level policy; /* of the next hop */
	const struct target *target;
	const struct letter *letter;
	bool lmtp;
	bool off; /* TLS is not configured at all */
	bool sts_vouches; /* an MTA-STS policy in force names the host */
};

/* What the policy asks for, and REQUIRETLS or TLS-Required: No of the letter
 * (RFC 8689, 4.2). *required: REQUIRETLS holds for this host. What comes back
 * is NULL, or why the host will not do. Pure. */
const char *level_choose(
    const struct level_facts *f, enum tls_level *level, bool *required);

#endif
