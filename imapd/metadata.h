/* metadata.h - METADATA for more than the commands of that name */

#ifndef IMAPD_METADATA_H
#define IMAPD_METADATA_H

#include <stddef.h>

#include "base/span.h"

struct metadata;
struct session;

/* The METADATA line of a folder with these names, NIL for those that are not
 * set (RFC 9590). A folder that cannot be read has none. */
void metadata_put_listed(struct session *s, struct span folder,
    const struct span *names, size_t count);
/* "* METADATA folder name name": entries that were set, changed or taken away
 * between both (RFC 5464, 4.4.2). folder empty: the server's. */
void metadata_put_changes(struct session *s, struct span folder,
    const struct metadata *before, const struct metadata *after);

#endif
