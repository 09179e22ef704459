/* watch.h - being told what happens in new/ and cur/, by inotify */

#ifndef MAILBOX_WATCH_H
#define MAILBOX_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "mailbox/maildir.h"

struct watch;

/* Watch both folders from now on. NULL when the system does not let us (limits,
 * file systems without it): then the folders are looked at by their stamps.
 * spare, if not NULL, is a descriptor of inotify that is not wanted any more:
 * it is taken, and the last one comes back there, -1 being none. To close one
 * the kernel needs some milliseconds. */
struct watch *watch_new(const struct maildir *m, int *spare);
void watch_free(struct watch **w, int *spare);
/* Becomes readable when something happened. */
int watch_fd(const struct watch *w);

struct watch_event {
	enum maildir_part part; /* MAILDIR_NEW or MAILDIR_CUR */
	bool there; /* the name appeared; else it went away */
	size_t name_at, name_n; /* in names */
};

struct watch_events {
	struct watch_event *list; /* in order */
	size_t count, room;
	struct buf names;
	bool lost; /* some were not told, or a folder itself went */
};

/* Take all that happened until now. Begin with zeros. */
void watch_drain(struct watch *w, struct watch_events *out);
void watch_events_free(struct watch_events *e);

#endif
