/*
 * absent.c - files of a user that were not there, and are not yet
 *
 * A folder that changed within the last moments may change again within the
 * same step of the file system's clock: it is believed only once it has rested,
 * and only where that clock is this machine's.
 */

#include "deliver/absent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "os/clock.h"
#include "os/file.h"

enum { NAMES = 16, FOLDERS = 4, RESTED_S = 2 };

struct name {
	struct stat folder; /* as it was when the name was not in it */
	char *name; /* NULL: none */
};

struct folder {
	char *path;
	struct stat st;
	int64_t second; /* when it was looked at */
	bool there;
};

struct absent {
	struct name names[NAMES];
	size_t next; /* of names, to be written over */
	struct folder folders[FOLDERS]; /* looked at for this message */
	size_t folder_count;
	/* Of the file system that was asked about last. */
	dev_t dev;
	bool dev_asked, dev_is_ours;
};

struct absent *
absent_new(void)
{
	return mem_new(sizeof(struct absent));
}

void
absent_next(struct absent *a)
{
	for (size_t i = 0; i < a->folder_count; i++)
		free(a->folders[i].path);
	a->folder_count = 0;
}

void
absent_free(struct absent **a)
{
	if (*a == NULL)
		return;
	absent_next(*a);
	for (size_t i = 0; i < NAMES; i++)
		free((*a)->names[i].name);
	mem_free(a);
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
same_folder(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    same_time(&a->st_ctim, &b->st_ctim) &&
	    same_time(&a->st_mtim, &b->st_mtim);
}

bool
absent_in(const struct absent *a, const struct stat *folder, const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (a->names[i].name != NULL &&
		    strcmp(a->names[i].name, name) == 0 &&
		    same_folder(&a->names[i].folder, folder))
			return true;
	return false;
}

/* Another machine's clock may stamp a change of this moment with a time that
 * looks past. */
static bool
clock_is_ours(struct absent *a, const struct absent_folder *f)
{
	if (a->dev_asked && a->dev == f->st->st_dev)
		return a->dev_is_ours;
	a->dev_asked = true;
	a->dev = f->st->st_dev;
	a->dev_is_ours = f->path != NULL ? file_clock_is_ours_at(f->path)
					 : file_clock_is_ours(f->fd);
	return a->dev_is_ours;
}

void
absent_note_in(
    struct absent *a, const struct absent_folder *folder, const char *name)
{
	struct name *n = &a->names[a->next];

	if (folder->st->st_ctim.tv_sec > folder->second - RESTED_S ||
	    absent_in(a, folder->st, name) || !clock_is_ours(a, folder))
		return;
	free(n->name);
	n->name = mem_str(name);
	n->folder = *folder->st;
	a->next = (a->next + 1) % NAMES;
}

/* ---- by path */

static struct span
folder_of(const char *path)
{
	size_t slash = span_rfind(span_str(path), '/');

	if (path[slash] == '\0')
		return span_of(NULL, 0);
	return slash == 0 ? SPAN("/") : span_of(path, slash);
}

static const struct folder *
folder_look(struct absent *a, const char *path)
{
	struct span name = folder_of(path);
	struct folder *f;

	if (name.n == 0)
		return NULL;
	for (size_t i = 0; i < a->folder_count; i++)
		if (span_is(name, a->folders[i].path))
			return &a->folders[i];
	if (a->folder_count == FOLDERS)
		return NULL;
	f = &a->folders[a->folder_count++];
	f->path = mem_span(name);
	f->second = clock_wall();
	f->there = stat(f->path, &f->st) == 0;
	return f;
}

static const char *
name_in(const char *path)
{
	return path + span_rfind(span_str(path), '/') + 1;
}

bool
absent_is(struct absent *a, const char *path)
{
	const struct folder *f = folder_look(a, path);

	return f != NULL && f->there && absent_in(a, &f->st, name_in(path));
}

void
absent_note(struct absent *a, const char *path)
{
	const struct folder *f = folder_look(a, path);
	struct stat st;
	int error = errno;

	if (f != NULL && f->there && lstat(path, &st) == -1 &&
	    errno == ENOENT) {
		const struct absent_folder in = {
			.st = &f->st, .second = f->second, .path = f->path
		};

		absent_note_in(a, &in, name_in(path));
	}
	errno = error;
}

const struct stat *
absent_folder(struct absent *a, const char *path)
{
	const struct folder *f = folder_look(a, path);

	return f != NULL && f->there ? &f->st : NULL;
}
