/*
 * own_dir.c - folders of users, each below one of the administrator's
 *
 * Nothing is judged by its name: each folder is opened, then looked at.
 */

#include "os/own_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

enum { NAME_BYTES = 24, OTHERS_WRITE = S_IWGRP | S_IWOTH };

static void
name_of(uid_t uid, char name[NAME_BYTES])
{
	(void)snprintf(name, NAME_BYTES, "%lu", (unsigned long)uid);
}

static int
refuse(int *fd, int error)
{
	file_close(fd);
	errno = error;
	return -1;
}

/* It need not be ours to read. */
static int
open_root(const char *root)
{
	struct stat st;
	int fd;

	if (*root != '/') {
		errno = EINVAL;
		return -1;
	}
	fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return refuse(&fd, errno);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    ((st.st_mode & OTHERS_WRITE) != 0 && (st.st_mode & S_ISVTX) == 0))
		return refuse(&fd, EACCES);
	return fd;
}

int
own_dir_check(const char *root)
{
	int fd = open_root(root);

	if (fd == -1)
		return -1;
	file_close(&fd);
	return 0;
}

static int
open_owned(int at, const char *name, uid_t owner)
{
	int fd = file_open_dir(at, name, false);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return refuse(&fd, errno);
	if (st.st_uid != owner || (st.st_mode & OTHERS_WRITE) != 0)
		return refuse(&fd, EACCES);
	return fd;
}

/* A folder of root's that nobody has used is one that was not given away yet:
 * nobody else can have made it. */
static int
give(int at, const char *name, uid_t uid, gid_t gid)
{
	int fd = open_owned(at, name, 0);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || st.st_nlink > 2 ||
	    (st.st_mode & 07777) != S_IRWXU)
		return refuse(&fd, EACCES);
	if (fchown(fd, uid, gid) == -1)
		return refuse(&fd, errno);
	return file_close(&fd);
}

int
own_dir_make(const char *root, uid_t uid, gid_t gid)
{
	int fd = open_root(root), got = 0;
	char name[NAME_BYTES];
	struct stat st;

	if (fd == -1)
		return -1;
	name_of(uid, name);
	if (mkdirat(fd, name, S_IRWXU) == 0)
		got = give(fd, name, uid, gid);
	else if (errno != EEXIST ||
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		got = -1;
	else if (st.st_uid == 0 && uid != 0)
		got = give(fd, name, uid, gid);
	if (got == -1)
		return refuse(&fd, errno);
	file_close(&fd);
	return 0;
}

int
own_dir_below(int at, const char *name)
{
	int fd = open_owned(at, name, geteuid());

	if (fd != -1 || errno != ENOENT)
		return fd;
	if (mkdirat(at, name, S_IRWXU) == -1 && errno != EEXIST)
		return -1;
	return open_owned(at, name, geteuid());
}

int
own_dir_open(const char *root)
{
	int fd = open_root(root), got, error;
	char name[NAME_BYTES];

	if (fd == -1)
		return -1;
	name_of(geteuid(), name);
	got = own_dir_below(fd, name);
	error = errno;
	file_close(&fd);
	errno = error;
	return got;
}
