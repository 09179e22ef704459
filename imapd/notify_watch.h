/* notify_watch.h - being told what happens in many folders, by inotify */

#ifndef IMAPD_NOTIFY_WATCH_H
#define IMAPD_NOTIFY_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct maildir;
struct notify_watch;

/* NULL: the system does not let us. */
struct notify_watch *notify_watch_new(void);
void notify_watch_free(struct notify_watch **w);
int notify_watch_fd(const struct notify_watch *w);

/* Watch a folder from now on, which is told as number id; its messages too, or
 * only its notes. With top, folders and subscriptions as well; with rights its
 * list of those, which is HAPPENED_FOLDERS. -1 with errno. */
struct notify_watched {
	size_t id;
	bool messages, top, rights;
};
int notify_watch_add(struct notify_watch *w, const struct maildir *m,
    const struct notify_watched *what) __attribute__((warn_unused_result));
/* All are let go. */
void notify_watch_clear(struct notify_watch *w);

enum notify_happened {
	HAPPENED_MESSAGES, /* in the folder */
	HAPPENED_METADATA, /* likewise */
	HAPPENED_FOLDERS,
	HAPPENED_SUBSCRIPTIONS,
	HAPPENED_SERVER, /* notes on the account */
	HAPPENED_LOST /* anything, anywhere */
};
/* Tell all that happened until now; one thing may be told several times. */
typedef void
notify_happened_fn(void *arg, enum notify_happened what, size_t id);
void
notify_watch_drain(struct notify_watch *w, notify_happened_fn *fn, void *arg);

#endif
