/*
 * index_place.c - where the indexes of a mailbox's folders lie
 */

#include "mailbox/index_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "mailbox/sweep.h"
#include "os/file.h"
#include "os/own_dir.h"

#define INBOX_PLACE "INBOX"

enum { FOLDER_DEPTH = 2 };

struct index_place {
	char *root;
	int top; /* of the mailbox */
	int dir; /* ROOT/UID/MAILBOX, or -1 */
	const char *path;
	bool told, swept;
};

struct index_place *
index_place_new(const char *root, int top, const char *path)
{
	struct index_place *p = mem_new(sizeof(*p));

	p->root = mem_str(root);
	p->top = top;
	p->path = path;
	p->dir = -1;
	return p;
}

void
index_place_free(struct index_place **p)
{
	if (*p == NULL)
		return;
	file_close(&(*p)->dir);
	free((*p)->root);
	mem_free(p);
}

/* Device numbers may be others after a reboot; the file system's own number
 * stays, where it has one. */
static char *
name_of_top(int top)
{
	struct statfs fs;
	struct stat st;
	uint64_t id = 0;

	if (fstatfs(top, &fs) == -1 || fstat(top, &st) == -1)
		return NULL;
	memcpy(&id, &fs.f_fsid,
	    sizeof(fs.f_fsid) < sizeof(id) ? sizeof(fs.f_fsid) : sizeof(id));
	return mem_printf("%016" PRIx64 "-%" PRIu64,
	    id != 0 ? id : (uint64_t)st.st_dev, (uint64_t)st.st_ino);
}

static int
open_mailbox(const struct index_place *p)
{
	char *name = name_of_top(p->top);
	int user = name == NULL ? -1 : own_dir_open(p->root), got = -1, error;

	if (user != -1)
		got = own_dir_below(user, name);
	error = errno;
	file_close(&user);
	free(name);
	errno = error;
	return got;
}

static const char *
place_name(const char *folder)
{
	return strcmp(folder, ".") == 0 ? INBOX_PLACE : folder;
}

/* All of it may have been removed since it was opened. */
static int
open_folder(struct index_place *p, const char *name)
{
	int fd = -1;

	if (p->dir != -1)
		fd = own_dir_below(p->dir, name);
	if (fd != -1 || (p->dir != -1 && errno != ENOENT))
		return fd;
	file_close(&p->dir);
	p->dir = open_mailbox(p);
	return p->dir == -1 ? -1 : own_dir_below(p->dir, name);
}

int
index_place_open(struct index_place *p, const char *folder)
{
	int fd = open_folder(p, place_name(folder));

	if (fd == -1 && !p->told) {
		log_warning("%s: no index can be kept below %s/%lu: %s",
		    p->path, p->root, (unsigned long)geteuid(),
		    strerror(errno));
		p->told = true;
	}
	return fd;
}

/* Without making it. */
static bool
has_mailbox(struct index_place *p)
{
	if (p->dir == -1)
		p->dir = open_mailbox(p);
	return p->dir != -1;
}

void
index_place_remove(struct index_place *p, const char *folder)
{
	if (has_mailbox(p))
		sweep_dir(p->dir, place_name(folder), FOLDER_DEPTH);
}

void
index_place_rename(struct index_place *p, const char *from, const char *to)
{
	if (has_mailbox(p) && renameat(p->dir, from, p->dir, to) == -1)
		sweep_dir(p->dir, from, FOLDER_DEPTH);
}

static bool
is_folder_gone(const struct index_place *p, const char *name)
{
	struct stat st;

	return name[0] == '.' && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0 &&
	    fstatat(p->top, name, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	    errno == ENOENT;
}

void
index_place_sweep(struct index_place *p)
{
	struct dirent *e;
	DIR *d;
	int fd;

	if (p->swept || !has_mailbox(p))
		return;
	p->swept = true;
	fd = file_open_dir(p->dir, ".", false);
	d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL) {
		file_close(&fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (is_folder_gone(p, e->d_name))
			sweep_dir(p->dir, e->d_name, FOLDER_DEPTH);
	closedir(d);
}
