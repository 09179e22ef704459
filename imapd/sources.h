/* sources.h - the mailboxes that NOTIFY and ESEARCH speak of (RFC 5465, 6) */

#ifndef IMAPD_SOURCES_H
#define IMAPD_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct imap_filter;
struct session;
struct why;

/* Folders and subscriptions as they are now, for several filters. */
struct sources {
	struct span *folders; /* sorted; in the command's memory */
	size_t folder_count;
	struct span *subscribed; /* sorted */
	size_t subscribed_count;
};

/* -1 and why. */
int sources_read(struct session *s, struct sources *out, struct why *why)
    __attribute__((warn_unused_result));
/* Make the names of a filter those by which folders are listed, ours and
 * others'. False: one is no name at all. */
bool sources_name(struct session *s, struct imap_filter *f);
bool sources_subscribed(const struct sources *src, struct span folder);
/* Does the filter mean this folder? A filter for the selected one means none.
 */
bool sources_match(const struct session *s, const struct sources *src,
    const struct imap_filter *f, struct span folder);

#endif
