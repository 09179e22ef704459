/* recall.h - answers that were given before, out of facteur.cache */

#ifndef IMAPD_RECALL_H
#define IMAPD_RECALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct imap_fetch_item;
struct session;
struct why;

enum recall_kind {
	RECALL_ENVELOPE,
	RECALL_STRUCTURE, /* BODYSTRUCTURE */
	RECALL_BODY,
	RECALL_FIELDS,
	RECALL_EMAILID, /* "(M...)" */
	RECALL_PREVIEW
};

/* Append the value of such an item, remembered or made from the message. -1 and
 * why: it cannot be read. */
int recall_value(struct session *s, size_t i, enum recall_kind kind,
    struct buf *out, struct why *why) __attribute__((warn_unused_result));
/* True when name is among the fields that are kept. */
bool recall_keeps_field(struct span name);
/* A header of those fields only that are kept, in their order; good until the
 * next call. -1 and why. */
int recall_fields(struct session *s, size_t i, struct span *out,
    struct why *why) __attribute__((warn_unused_result));

#endif
