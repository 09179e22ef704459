/*
 * notify_watch.c - being told what happens in many folders, by inotify
 *
 * Of each folder three directories: new/ and cur/ for messages, itself for our
 * side files, of which facteur.log grows when keywords change.
 */

#include "imapd/notify_watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "mailbox/acl_file.h"
#include "mailbox/maildir.h"
#include "mailbox/metadata.h"
#include "os/file.h"

enum {
	READ_BYTES = 65536,
	CHANGED = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM
};

struct watched {
	int wd;
	bool part; /* new/ or cur/ */
	bool young; /* a directory that may become a folder */
	struct notify_watched what;
};

struct notify_watch {
	int fd;
	int top; /* the directory of all folders */
	struct watched *list; /* by rising wd */
	size_t count, room;
};

struct notify_watch *
notify_watch_new(void)
{
	struct notify_watch *w = mem_new(sizeof(*w));

	w->top = -1;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd == -1)
		mem_free(&w);
	return w;
}

void
notify_watch_free(struct notify_watch **w)
{
	if (*w == NULL)
		return;
	file_close(&(*w)->fd);
	file_close(&(*w)->top);
	free((*w)->list);
	mem_free(w);
}

int
notify_watch_fd(const struct notify_watch *w)
{
	return w->fd;
}

void
notify_watch_clear(struct notify_watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		(void)inotify_rm_watch(w->fd, w->list[i].wd);
	w->count = 0;
}

static struct watched *
find(const struct notify_watch *w, int wd)
{
	size_t low = 0, high = w->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->list[mid].wd < wd)
			low = mid + 1;
		else
			high = mid;
	}
	return low < w->count && w->list[low].wd == wd ? &w->list[low] : NULL;
}

/* Watch numbers rise, so the list stays in order. */
static int
add_path(struct notify_watch *w, const char *path, uint32_t mask,
    const struct watched *as)
{
	int wd = inotify_add_watch(w->fd, path, mask | IN_ONLYDIR);

	if (wd == -1)
		return -1;
	if (find(w, wd) != NULL ||
	    (w->count > 0 && w->list[w->count - 1].wd > wd))
		return 0; /* a directory that is two folders' */
	if (w->count == w->room) {
		w->room = w->room == 0 ? 64 : w->room * 2;
		w->list = mem_resize(w->list, w->room, sizeof(*w->list));
	}
	w->list[w->count] = *as;
	w->list[w->count++].wd = wd;
	return 0;
}

/* By the descriptor, so that it is the very folder we mean. */
static int
add(struct notify_watch *w, int dir, uint32_t mask, const struct watched *as)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/.", dir);
	return add_path(w, path, mask, as);
}

/* It is no folder before it has its parts, of which nobody else would tell. */
static void
add_young(struct notify_watch *w, struct span name)
{
	const struct watched as = { .young = true };
	char *path;

	if (w->top == -1)
		return;
	path = mem_printf("/proc/self/fd/%d/%.*s", w->top, (int)name.n, name.p);
	(void)add_path(w, path, IN_CREATE | IN_MOVED_TO | IN_DONT_FOLLOW, &as);
	free(path);
}

int
notify_watch_add(struct notify_watch *w, const struct maildir *m,
    const struct notify_watched *what)
{
	const struct watched folder = { .what = *what };
	const struct watched part = { .part = true, .what = *what };

	if (what->top && w->top == -1)
		w->top = fcntl(maildir_dir(m), F_DUPFD_CLOEXEC, 0);
	if (add(w, maildir_dir(m), CHANGED | IN_MODIFY, &folder) == -1)
		return -1;
	if (!what->messages)
		return 0;
	if (add(w, maildir_fd(m, MAILDIR_NEW), CHANGED, &part) == -1)
		return -1;
	return add(w, maildir_fd(m, MAILDIR_CUR), CHANGED, &part);
}

static void
tell_name(const struct watched *at, struct span name, notify_happened_fn *fn,
    void *arg)
{
	if (span_is(name, "facteur.log") || span_is(name, "facteur.uids"))
		fn(arg, HAPPENED_MESSAGES, at->what.id);
	else if (at->what.rights &&
	    (span_is(name, ACL_FILE) || span_is(name, ACL_COURIER_FILE) ||
		span_is(name, ACL_DOVECOT_FILE)))
		fn(arg, HAPPENED_FOLDERS, at->what.id);
	else if (span_is(name, METADATA_FILE))
		fn(arg, HAPPENED_METADATA, at->what.id);
	else if (at->what.top && span_is(name, METADATA_SERVER))
		fn(arg, HAPPENED_SERVER, at->what.id);
	else if (at->what.top &&
	    (span_is(name, "courierimapsubscribed") ||
		span_is(name, "subscriptions")))
		fn(arg, HAPPENED_SUBSCRIPTIONS, at->what.id);
	else if (at->what.top && span_starts(name, "."))
		fn(arg, HAPPENED_FOLDERS, at->what.id);
}

static void
tell(struct notify_watch *w, const struct inotify_event *e, struct span name,
    notify_happened_fn *fn, void *arg)
{
	const struct watched *at = find(w, e->wd);

	if ((e->mask & IN_Q_OVERFLOW) != 0)
		fn(arg, HAPPENED_LOST, 0);
	else if (at == NULL || (e->mask & IN_IGNORED) != 0)
		return;
	else if (at->young)
		fn(arg, HAPPENED_FOLDERS, 0);
	else if (at->part)
		fn(arg, HAPPENED_MESSAGES, at->what.id);
	else {
		tell_name(at, name, fn, arg);
		if (at->what.top && span_starts(name, ".") &&
		    (e->mask & IN_ISDIR) != 0 &&
		    (e->mask & (IN_CREATE | IN_MOVED_TO)) != 0)
			add_young(w, name);
	}
}

void
notify_watch_drain(struct notify_watch *w, notify_happened_fn *fn, void *arg)
{
	char *room = mem_resize(NULL, READ_BYTES, 1); /* not touched yet */
	ssize_t n;

	while ((n = read(w->fd, room, READ_BYTES)) > 0) {
		size_t at = 0;

		while ((size_t)n - at >= sizeof(struct inotify_event)) {
			struct inotify_event e;

			memcpy(&e, room + at, sizeof(e));
			at += sizeof(e);
			if (e.len > (size_t)n - at)
				break;
			tell(w, &e,
			    span_of(room + at, strnlen(room + at, e.len)), fn,
			    arg);
			at += e.len;
		}
	}
	free(room);
}
