/*
 * watch.c - the files that resolver has read, should they change
 *
 * Their folders are watched, for editors and DHCP clients put a new file in
 * the old one's place. The descriptor goes on working inside the jail.
 */

#include "resolver/watch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/span.h"
#include "os/loop.h"

enum { NAMES_MAX = 4 };

struct watch {
	int fd;
	char *names[NAMES_MAX]; /* in whatever folder */
	unsigned name_count;
	struct loop_io *io;
	void (*changed)(void);
};

static void
name_add(struct watch *w, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (w->name_count < NAMES_MAX && slash != NULL)
		w->names[w->name_count++] = mem_str(slash + 1);
}

static void
file_add(struct watch *w, const char *path)
{
	char *real = realpath(path, NULL);
	size_t slash = span_rfind(span_str(real), '/');

	name_add(w, path);
	if (real == NULL)
		return;
	name_add(w, real);
	real[slash == 0 ? 1 : slash] = '\0';
	(void)inotify_add_watch(w->fd, real, IN_CLOSE_WRITE | IN_MOVED_TO);
	free(real);
}

struct watch *
watch_new(void)
{
	struct watch *w = mem_new(sizeof(*w));

	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd == -1)
		return w;
	(void)inotify_add_watch(w->fd, "/etc", IN_CLOSE_WRITE | IN_MOVED_TO);
	file_add(w, "/etc/hosts");
	file_add(w, "/etc/resolv.conf");
	return w;
}

void
watch_free(struct watch **w)
{
	if (*w == NULL)
		return;
	loop_io_free(&(*w)->io);
	if ((*w)->fd != -1)
		close((*w)->fd);
	for (unsigned i = 0; i < (*w)->name_count; i++)
		free((*w)->names[i]);
	free(*w);
	*w = NULL;
}

static bool
is_watched(const struct watch *w, const char *name)
{
	for (unsigned i = 0; i < w->name_count; i++)
		if (strcmp(w->names[i], name) == 0)
			return true;
	return false;
}

static void
came(void *arg, unsigned ready)
{
	struct watch *w = arg;
	_Alignas(struct inotify_event) char events[4096];
	ssize_t n = read(w->fd, events, sizeof(events));
	size_t at = 0;

	(void)ready;
	while (n > 0 && at < (size_t)n) {
		const struct inotify_event *e = (void *)(events + at);

		at += sizeof(*e) + e->len;
		if (e->len == 0 || !is_watched(w, e->name))
			continue;
		log_info("%s has changed: starting anew", e->name);
		loop_io_want(w->io, 0);
		w->changed();
		return;
	}
}

void
watch_start(struct watch *w, struct loop *loop, void (*changed)(void))
{
	w->changed = changed;
	if (w->fd != -1)
		w->io = loop_io_new(loop, w->fd, LOOP_READ, came, w);
}
