/* watch.c - being told what happens in new/ and cur/, by inotify */

#include "mailbox/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/file.h"

enum {
	READ_BYTES = 65536,
	FORGET_READS = 128,
	EVENTS_MAX = 65536, /* of one drain; a scan costs less than more */
	APPEARED = IN_CREATE | IN_MOVED_TO,
	WENT = IN_DELETE | IN_MOVED_FROM,
	ENDED = IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF
};

struct watch {
	int fd;
	int wd[2];
	bool ended;
};

/* By the descriptor, so that it is the very folder we work in. */
static int
add(const struct watch *w, int dir)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/.", dir);
	return inotify_add_watch(w->fd, path,
	    APPEARED | WENT | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
}

static bool
add_both(struct watch *w, const struct maildir *m)
{
	w->wd[0] = add(w, maildir_fd(m, MAILDIR_NEW));
	w->wd[1] = w->wd[0] == -1 ? -1 : add(w, maildir_fd(m, MAILDIR_CUR));
	return w->wd[1] != -1;
}

/* Of another folder, or of a time that the caller is still to look at. */
static void
forget_all(int fd)
{
	char *room = mem_resize(NULL, READ_BYTES, 1);
	ssize_t n = 1;

	/* all that the kernel keeps; what comes meanwhile does no harm */
	for (int i = 0; i < FORGET_READS && n != 0; i++) {
		n = read(fd, room, READ_BYTES);
		if (n == -1 && errno != EINTR)
			break;
	}
	free(room);
}

/* The same folder may be watched by it already, which does no harm. */
static bool
use_spare(struct watch *w, const struct maildir *m, int *spare)
{
	if (spare == NULL || *spare == -1)
		return false;
	w->fd = *spare;
	*spare = -1;
	if (add_both(w, m)) {
		forget_all(w->fd);
		return true;
	}
	file_close(&w->fd);
	return false;
}

struct watch *
watch_new(const struct maildir *m, int *spare)
{
	struct watch *w;

	/* what other machines do there the kernel does not tell */
	if (!file_clock_is_ours(maildir_fd(m, MAILDIR_NEW)))
		return NULL;
	w = mem_new(sizeof(*w));
	if (use_spare(w, m, spare))
		return w;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd == -1 || !add_both(w, m))
		watch_free(&w, NULL);
	return w;
}

void
watch_free(struct watch **w, int *spare)
{
	if (*w == NULL)
		return;
	if (spare != NULL && *spare == -1) {
		for (int i = 0; i < 2; i++)
			(void)inotify_rm_watch((*w)->fd, (*w)->wd[i]);
		*spare = (*w)->fd;
	} else {
		file_close(&(*w)->fd);
	}
	mem_free(w);
}

int
watch_fd(const struct watch *w)
{
	return w->fd;
}

static void
take(struct watch *w, const struct inotify_event *e, const char *name,
    struct watch_events *out)
{
	struct watch_event *to;

	bool ours = e->wd == w->wd[0] || e->wd == w->wd[1];

	if (ours && (e->mask & ENDED) != 0)
		w->ended = true;
	if ((e->mask & IN_Q_OVERFLOW) != 0 || out->count >= EVENTS_MAX)
		out->lost = true;
	if (!ours)
		return;
	if ((e->mask & (APPEARED | WENT)) == 0 || e->len == 0 || out->lost)
		return;
	if (out->count == out->room) {
		out->room = out->room == 0 ? 64 : out->room * 2;
		out->list =
		    mem_resize(out->list, out->room, sizeof(*out->list));
	}
	to = &out->list[out->count++];
	to->part = e->wd == w->wd[0] ? MAILDIR_NEW : MAILDIR_CUR;
	to->there = (e->mask & APPEARED) != 0;
	to->name_at = out->names.n;
	to->name_n = strnlen(name, e->len);
	buf_add(&out->names, name, to->name_n);
}

static void
take_all(struct watch *w, const char *room, size_t n, struct watch_events *out)
{
	size_t at = 0;

	while (n - at >= sizeof(struct inotify_event)) {
		struct inotify_event e;

		memcpy(&e, room + at, sizeof(e));
		at += sizeof(e);
		if (e.len > n - at)
			break;
		take(w, &e, room + at, out);
		at += e.len;
	}
}

void
watch_drain(struct watch *w, struct watch_events *out)
{
	char *room = mem_resize(NULL, READ_BYTES, 1); /* not touched yet */

	for (;;) {
		ssize_t n = read(w->fd, room, READ_BYTES);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			w->ended = true;
		if (n <= 0)
			break;
		take_all(w, room, (size_t)n, out);
	}
	free(room);
	out->lost = out->lost || w->ended;
}

void
watch_events_free(struct watch_events *e)
{
	free(e->list);
	e->list = NULL;
	e->count = e->room = 0;
	buf_free(&e->names);
}
