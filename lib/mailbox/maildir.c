/*
 * maildir.c - one Maildir folder, held by descriptors
 *
 * Everything below is reached from descriptors that were checked once, so a
 * directory that is exchanged for a link later leads nobody astray.
 */

#include "mailbox/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "mailbox/index_place.h"
#include "os/clock.h"
#include "os/file.h"

enum { SWEEP_AFTER = 36 * 3600, HOST_MAX = 64 };

struct maildir {
	int dir;
	int part[MAILDIR_PARTS];
	struct stat dir_was, new_was; /* when they were opened */
	char *path;
	char *host; /* with '/' and ':' encoded */
	mode_t more; /* of maildir_allow() */
	bool shared; /* set-gid directory: the group works here */
	struct index_place *place; /* NULL: the index lies here */
	char *place_name;
	bool placed; /* index was asked for */
	int index; /* or -1 */
	int64_t last_us; /* of the newest name given */
	unsigned count;
};

static const char *const part_names[MAILDIR_PARTS] = {
	[MAILDIR_NEW] = "new",
	[MAILDIR_CUR] = "cur",
	[MAILDIR_TMP] = "tmp",
};

int
maildir_dir(const struct maildir *m)
{
	return m->dir;
}

int
maildir_fd(const struct maildir *m, enum maildir_part part)
{
	return m->part[part];
}

const char *
maildir_path(const struct maildir *m)
{
	return m->path;
}

mode_t
maildir_file_mode(const struct maildir *m)
{
	return (m->shared ? 0660 : 0600) | (m->more & 0066);
}

mode_t
maildir_dir_mode(const struct maildir *m)
{
	return (m->shared ? 02770 : 0700) | m->more;
}

/* '/' would be a path, ':' the end of the base name, ',' a field. */
static char *
host_encoded(void)
{
	char name[HOST_MAX + 1];
	struct buf out = BUF_EMPTY;

	if (gethostname(name, sizeof(name)) == -1 || name[0] == '\0')
		return mem_str("localhost");
	name[HOST_MAX] = '\0';
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '/' || *p == ':' || *p == ',' ||
		    ascii_control((unsigned char)*p))
			buf_printf(&out, "\\%03o", (unsigned char)*p);
		else
			buf_add_byte(&out, *p);
	}
	return buf_take(&out);
}

void
maildir_name_begin(struct maildir *m, struct buf *out)
{
	int64_t now = clock_wall_us();

	/* A clock that was set back by more than a minute is believed. */
	if (now <= m->last_us && m->last_us - now < 60 * 1000000)
		now = m->last_us + 1;
	m->last_us = now;
	/* All six digits: programs that sort names have them in order. */
	buf_printf(out, "%lld.M%06lldP%d", (long long)(now / 1000000),
	    (long long)(now % 1000000), (int)getpid());
}

void
maildir_name_end(struct maildir *m, struct buf *out)
{
	buf_printf(out, "_%u.%s", m->count++, m->host);
}

int
maildir_open_dir(int at, const char *name)
{
	int fd = file_open_dir(at, name, false);
	struct stat st;

	/* O_DIRECTORY | O_NOFOLLOW on a link: ENOTDIR or ELOOP */
	if (fd != -1 || (errno != ELOOP && errno != ENOTDIR))
		return fd;
	fd = file_open_dir(at, name, true);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && (st.st_uid == geteuid() || st.st_uid == 0))
		return fd;
	file_close(&fd);
	errno = EACCES;
	return -1;
}

/* Make one directory; *made is set when it was not there. */
static int
make_dir(int at, const char *name, mode_t mode, bool *made)
{
	if (mkdirat(at, name, mode) == 0) {
		*made = true;
		return 0;
	}
	return errno == EEXIST ? 0 : -1;
}

static int
open_part(struct maildir *m, enum maildir_part part, unsigned flags, bool *made)
{
	const char *name = part_names[part];

	m->part[part] = maildir_open_dir(m->dir, name);
	if (m->part[part] != -1 || errno != ENOENT ||
	    (flags & MAILDIR_WHOLE) != 0)
		return m->part[part] == -1 ? -1 : 0;
	if (make_dir(m->dir, name, maildir_dir_mode(m), made) == -1)
		return -1;
	m->part[part] = maildir_open_dir(m->dir, name);
	if (m->part[part] == -1)
		return -1;
	if (m->shared && fchmod(m->part[part], maildir_dir_mode(m)) == -1)
		return -1;
	return 0;
}

/* cur last, since a directory counts as a folder once it has one. */
static int
open_parts(struct maildir *m, unsigned flags)
{
	bool made = false;
	struct stat st;

	if (fstat(m->dir, &m->dir_was) == -1)
		return -1;
	m->shared = (m->dir_was.st_mode & S_ISGID) != 0 &&
	    (m->dir_was.st_mode & S_IWGRP) != 0;
	if ((flags & MAILDIR_WHOLE) == 0 &&
	    fstatat(m->dir, "cur", &st, 0) == -1 &&
	    (errno != ENOENT || (flags & MAILDIR_MAKE) == 0))
		return -1;
	if (open_part(m, MAILDIR_TMP, flags, &made) == -1 ||
	    open_part(m, MAILDIR_NEW, flags, &made) == -1 ||
	    fstat(m->part[MAILDIR_NEW], &m->new_was) == -1)
		return -1;
	if (made && (flags & MAILDIR_SUBFOLDER) != 0) {
		int fd = file_open(m->dir, "maildirfolder", O_WRONLY | O_CREAT,
		    maildir_file_mode(m));

		if (fd == -1)
			return -1;
		file_close(&fd);
	}
	if (open_part(m, MAILDIR_CUR, flags, &made) == -1)
		return -1;
	return made ? file_sync(m->dir) : 0;
}

/* The folder that holds path must remember it too. */
static int
sync_parent(int dir)
{
	int parent = file_open_dir(dir, "..", false);
	int got;

	if (parent == -1) /* not ours to read: then not ours to flush */
		return errno == EACCES ? 0 : -1;
	got = file_sync(parent);
	file_close(&parent);
	return got;
}

static int
open_all(struct maildir *m, int at, unsigned flags)
{
	bool made = false;

	m->dir = maildir_open_dir(at, m->path);
	if (m->dir == -1 && errno == ENOENT && (flags & MAILDIR_MAKE) != 0) {
		if (make_dir(at, m->path, 0700, &made) == -1)
			return -1;
		m->dir = maildir_open_dir(at, m->path);
	}
	if (m->dir == -1 || open_parts(m, flags) == -1)
		return -1;
	return made ? sync_parent(m->dir) : 0;
}

struct maildir *
maildir_open(int at, const char *path, unsigned flags, struct why *why)
{
	struct maildir *m = mem_new(sizeof(*m));
	int error;

	m->dir = m->index = -1;
	for (int i = 0; i < MAILDIR_PARTS; i++)
		m->part[i] = -1;
	m->path = mem_str(path);
	if (open_all(m, at, flags) == 0) {
		m->host = host_encoded();
		return m;
	}
	error = errno;
	why_set(why, error == ENOENT ? "4.2.0" : "4.3.0",
	    "cannot open the Maildir %s: %s", path, strerror(error));
	maildir_close(&m);
	errno = error;
	return NULL;
}

void
maildir_close(struct maildir **m)
{
	if (*m == NULL)
		return;
	for (int i = 0; i < MAILDIR_PARTS; i++)
		file_close(&(*m)->part[i]);
	file_close(&(*m)->dir);
	file_close(&(*m)->index);
	free((*m)->place_name);
	free((*m)->path);
	free((*m)->host);
	mem_free(m);
}

void
maildir_keep_index(struct maildir *m, struct index_place *p, const char *name)
{
	if (m->shared || m->dir_was.st_uid != geteuid())
		return;
	m->place = p;
	m->place_name = mem_str(name);
}

int
maildir_index(struct maildir *m)
{
	if (m->place == NULL)
		return m->dir;
	if (!m->placed)
		m->index = index_place_open(m->place, m->place_name);
	m->placed = true;
	return m->index;
}

void
maildir_allow(struct maildir *m, mode_t more)
{
	m->more = more & 0077;
}

int
maildir_set_modes(const struct maildir *m)
{
	mode_t mode = maildir_dir_mode(m) | (m->dir_was.st_mode & S_ISGID);
	int got = fchmod(m->dir, mode);

	for (int i = 0; i < MAILDIR_PARTS; i++)
		if (fchmod(m->part[i], mode) == -1)
			got = -1;
	return got;
}

struct maildir *
maildir_again(const struct maildir *m, struct why *why)
{
	struct maildir *again = maildir_open(m->dir, ".", 0, why);

	if (again != NULL && m->place != NULL)
		maildir_keep_index(again, m->place, m->place_name);
	if (again != NULL)
		again->more = m->more;
	return again;
}

static bool
is_same(int at, const char *name, struct stat *was)
{
	struct stat st;

	if (fstatat(at, name, &st, 0) == -1 || st.st_dev != was->st_dev ||
	    st.st_ino != was->st_ino)
		return false;
	*was = st;
	return true;
}

bool
maildir_is_still(struct maildir *m, int at)
{
	return is_same(at, m->path, &m->dir_was) &&
	    is_same(m->dir, part_names[MAILDIR_NEW], &m->new_was);
}

const struct stat *
maildir_seen(const struct maildir *m)
{
	return &m->dir_was;
}

static bool
is_past(const struct timespec *clock, const struct timespec *t)
{
	return clock->tv_sec != t->tv_sec ? clock->tv_sec > t->tv_sec
					  : clock->tv_nsec > t->tv_nsec;
}

bool
maildir_is_settled(const struct maildir *m, const struct timespec *clock)
{
	struct timespec now = *clock;

	if (m->dir_was.st_ctim.tv_nsec == 0)
		now.tv_sec -= 2; /* it may count in seconds */
	return is_past(&now, &m->dir_was.st_mtim) &&
	    is_past(&now, &m->dir_was.st_ctim) && file_clock_is_ours(m->dir);
}

void
maildir_sweep_tmp(struct maildir *m)
{
	int fd = file_open_dir(m->part[MAILDIR_TMP], ".", false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	int64_t now = clock_wall();
	struct dirent *e;

	if (d == NULL) {
		file_close(&fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		struct stat st;

		if (e->d_name[0] != '.' &&
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_ctime < now - SWEEP_AFTER &&
		    st.st_mtime < now - SWEEP_AFTER &&
		    st.st_atime < now - SWEEP_AFTER)
			(void)file_unlink(fd, e->d_name);
	}
	closedir(d);
}
