/* visit_search.h - ESEARCH over other users' folders (RFC 7377) */

#ifndef IMAPD_VISIT_SEARCH_H
#define IMAPD_VISIT_SEARCH_H

#include <stdbool.h>

#include "base/span.h"

struct imap_sources;
struct session;
struct sources;

struct visit_search {
	const struct imap_sources *asked;
	const struct sources *have; /* NULL: nothing but what is selected */
	bool selected; /* that is asked for, and another's */
	struct span keys; /* what stands behind the sources, up to the end */
};

/* Have the owners' imapd's search. False: one that shares something could not
 * be asked, or refuses. */
bool visit_search(struct session *s, const struct visit_search *q);

#endif
