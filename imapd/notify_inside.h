/* notify_inside.h - what the parts of NOTIFY share */

#ifndef IMAPD_NOTIFY_INSIDE_H
#define IMAPD_NOTIFY_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mailbox/metadata.h"
#include "mailbox/view.h"
#include "wire/imap_notify.h"

struct arena;
struct imap_fetch;
struct notify_others;
struct notify_watch;
struct session;

enum {
	MESSAGE_EVENTS =
	    EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE | EVENT_FLAG_CHANGE
};

/* Notes as they were told last, and what they lie in; a NULL: not known. */
struct noted {
	struct arena *a;
	struct metadata md;
};

/* A name as it was told last. */
struct place {
	struct span name; /* in the notify's memory of names */
	bool exists, has_children, subscribed;
	bool hidden; /* it is there, but not for a guest */
	uint64_t inode;
	unsigned asked; /* events */
	unsigned events; /* of those that are told in this way: of what is
			  * selected none of messages */
	bool messages_changed, metadata_changed;
	bool has_status; /* status is of some time */
	struct view_status status;
	struct noted notes;
};

struct notify {
	struct arena *a; /* what is asked for */
	struct imap_notify asked;
	unsigned selected; /* events of the selected mailbox */
	bool at_once; /* its expunges too */
	const struct imap_fetch *fetch;
	unsigned all; /* events asked for of any other */
	struct notify_watch *watch;
	struct notify_others *others; /* other users' folders; NULL: none */
	struct arena *names;
	struct span here; /* selected when the list was made; in names */
	struct place *list;
	size_t count;
	bool folders_changed, subs_changed, server_changed;
	struct noted server;
};

/* Events that a guest may be told of. */
enum {
	GUEST_EVENTS = EVENT_MESSAGE_NEW | EVENT_MESSAGE_EXPUNGE |
	    EVENT_FLAG_CHANGE | EVENT_MAILBOX_NAME | EVENT_MAILBOX_METADATA
};

/* Folders as they were told and as they are. */
struct both {
	struct session *s;
	struct place *old, *now;
	size_t old_count, now_count;
};

/* The folders as they are, and what is asked of each; names in that arena. NULL
 * on trouble, which is logged. */
struct place *
notify_places_read(struct session *s, struct arena *names, size_t *count);
struct place *
notify_places_find(struct place *list, size_t count, struct span name);
/* Tell what was made, removed and renamed (RFC 5465, 5.4), and subscriptions
 * (5.5). */
void notify_places_tell(const struct both *b);
/* What is known of old ones goes over to those they are now. */
void notify_places_take_over(const struct both *b);
/* Both are the same, so that the same is to be watched. */
bool notify_places_same(const struct both *b);

#endif
