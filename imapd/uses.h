/* uses.h - what folders are for, by their names (RFC 6154) */

#ifndef IMAPD_USES_H
#define IMAPD_USES_H

#include <stddef.h>

#include "base/span.h"

struct session;

enum { USES = 5 };

/* "\\Sent" and so on, for i below USES. */
const char *uses_attribute(size_t i);
/* The k-th name, without the prefix, of a folder for that use, the one to be
 * preferred first; NULL: there are no more. */
const char *uses_name(size_t i, size_t k);
/* The use that a folder of this name, without the prefix, would have; USES:
 * none. */
size_t uses_of(struct span name);

/* At the first login of a user, which is when there are no subscriptions yet:
 * make the folders that the configuration names, but those for whose use there
 * is one, and subscribe to all folders. Trouble is logged. */
void uses_first_login(struct session *s);

#endif
