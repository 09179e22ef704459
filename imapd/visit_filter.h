/* visit_filter.h - which of the mailboxes that NOTIFY and ESEARCH speak of are
 * an owner's (RFC 5465, 6; RFC 7377, 2.2)
 */

#ifndef IMAPD_VISIT_FILTER_H
#define IMAPD_VISIT_FILTER_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct imap_filter;
struct session;
struct sources;

struct visit_filters {
	const struct sources *have; /* for subscriptions */
	struct span base; /* the name of the owner's INBOX */
	const char *before, *behind; /* what stands round each */
};

/* Append what of the filter is about base's owner, as his imapd is to be told:
 * none, or one or two. */
void visit_put_filter(const struct session *s, const struct visit_filters *how,
    const struct imap_filter *f, struct buf *out);
/* Does the filter mean folders of others at all? */
bool visit_filter_reaches(const struct session *s, const struct sources *have,
    const struct imap_filter *f);
/* The name is base or lies below it. */
bool
visit_is_below(const struct session *s, struct span name, struct span base);

#endif
