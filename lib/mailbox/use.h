/* use.h - what folders are for, by their names (RFC 6154) */

#ifndef MAILBOX_USE_H
#define MAILBOX_USE_H

#include <stddef.h>

#include "base/span.h"

enum { USES = 5 };

/* "\\Sent" and so on, for i below USES. */
const char *uses_attribute(size_t i);
/* The k-th name, without the prefix, of a folder for that use, the one to be
 * preferred first; NULL: there are no more. */
const char *uses_name(size_t i, size_t k);
/* The use that a folder of this name, without the prefix, would have; USES:
 * none. */
size_t uses_of(struct span name);
/* The use of that attribute, in any case; USES: there is none. */
size_t uses_find(struct span attribute);

#endif
