/* imap_notify.h - what NOTIFY and ESEARCH say of mailboxes (RFC 5465, 7377) */

#ifndef WIRE_IMAP_NOTIFY_H
#define WIRE_IMAP_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct buf;
struct imap_fetch;

enum { FILTER_NAMES_MAX = 1000, NOTIFY_GROUPS_MAX = 100, FILTERS_MAX = 100 };

enum imap_filter_kind {
	FILTER_SELECTED,
	FILTER_SELECTED_DELAYED,
	FILTER_INBOXES,
	FILTER_PERSONAL,
	FILTER_SUBSCRIBED,
	FILTER_SUBTREE, /* names and all below them */
	FILTER_SUBTREE_ONE, /* names and those just below (RFC 7377) */
	FILTER_MAILBOXES /* names */
};

struct imap_filter {
	enum imap_filter_kind kind;
	struct span *names; /* in the arena; as the wire has them */
	size_t count;
};

bool imap_filter(struct arena *a, struct span *rest, struct imap_filter *out);

/* ESEARCH's "IN (filter filter)" (RFC 7377, 2.2), without options of scope, of
 * which there are none. */
struct imap_sources {
	struct imap_filter *list; /* in the arena */
	size_t count;
};
bool imap_sources(struct arena *a, struct span *rest, struct imap_sources *out);

enum imap_event {
	EVENT_MESSAGE_NEW = 1,
	EVENT_MESSAGE_EXPUNGE = 2,
	EVENT_FLAG_CHANGE = 4,
	EVENT_MAILBOX_NAME = 8,
	EVENT_SUBSCRIPTION = 16,
	EVENT_MAILBOX_METADATA = 32,
	EVENT_SERVER_METADATA = 64,
	EVENT_OTHER = 128 /* one that is not known here */
};

struct imap_notify_group {
	struct imap_filter filter;
	unsigned events; /* none: NONE */
	struct imap_fetch *fetch; /* of new messages, or NULL */
};

/* Append the events as a group has them: "(MessageNew MessageExpunge)", or
 * "NONE". */
void imap_put_events(struct buf *out, unsigned events);

struct imap_notify {
	bool none; /* NOTIFY NONE */
	bool status; /* the state of now is wanted first */
	struct imap_notify_group *groups; /* in the arena */
	size_t count;
};

/* All behind NOTIFY, to the line's end. False when it is ill-formed, or asks
 * for events together that RFC 5465, 5 and 6 forbid; events that are not known
 * here are for the caller to refuse. */
bool
imap_notify_parse(struct arena *a, struct span rest, struct imap_notify *out);

#endif
