/* search.h - the messages that match search keys, for more than SEARCH */

#ifndef IMAPD_SEARCH_H
#define IMAPD_SEARCH_H

#include <stdbool.h>

#include "base/span.h"
#include "imapd/numbers.h"

struct session;

/* Take SP charset SP keys off args, as SORT and THREAD have them, to the line's
 * end, and find. False: answered. */
bool search_places(struct session *s, struct span args, struct numbers *out);

#endif
