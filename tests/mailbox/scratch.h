/* scratch.h - a folder of a test's own, and looks into it */

#ifndef TESTS_MAILBOX_SCRATCH_H
#define TESTS_MAILBOX_SCRATCH_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/fault.h"
#include "os/file.h"

/* A fresh folder; its path is to be freed. */
static inline char *
scratch_new(void)
{
	const char *base = getenv("TMPDIR");
	char *path =
	    mem_printf("%s/facteur-test.XXXXXX", base == NULL ? "/tmp" : base);

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

/* Remove path and all below: tests make few levels. */
static inline void
scratch_remove_at(int at, const char *name, int depth)
{
	int fd = file_open_dir(at, name, false);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, e->d_name, 0) == -1 && depth < 8)
			scratch_remove_at(fd, e->d_name, depth + 1);
	}
	if (d != NULL)
		closedir(d);
	(void)unlinkat(at, name, AT_REMOVEDIR);
}

static inline void
scratch_free(char **path)
{
	scratch_remove_at(AT_FDCWD, *path, 0);
	free(*path);
	*path = NULL;
}

/* Entries of base/below but "." and "..". */
static inline unsigned
scratch_count(const char *base, const char *below)
{
	char *path = mem_printf("%s/%s", base, below);
	DIR *d = opendir(path);
	struct dirent *e;
	unsigned n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			n++;
	if (d != NULL)
		closedir(d);
	free(path);
	return n;
}

static inline void
scratch_write(const char *base, const char *below, const char *text)
{
	char *path = mem_printf("%s/%s", base, below);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_msg(fd != -1, "%s", path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	free(path);
}

/* The content of base/below, to be freed; NULL when it is not there. */
static inline char *
scratch_read(const char *base, const char *below)
{
	char *path = mem_printf("%s/%s", base, below);
	struct buf all = BUF_EMPTY;
	int got = file_read_path(path, 64 << 20, &all);

	free(path);
	if (got == -1) {
		buf_free(&all);
		return NULL;
	}
	return buf_take(&all);
}

static inline bool
scratch_has(const char *base, const char *below)
{
	char *path = mem_printf("%s/%s", base, below);
	bool has = access(path, F_OK) == 0;

	free(path);
	return has;
}

static inline void
scratch_mkdir(const char *base, const char *below)
{
	char *path = mem_printf("%s/%s", base, below);

	ck_assert_msg(mkdir(path, 0700) == 0, "%s", path);
	free(path);
}

/* A fresh folder that is an empty Maildir; to be freed as that. */
static inline char *
scratch_maildir(void)
{
	char *path = scratch_new();

	scratch_mkdir(path, "new");
	scratch_mkdir(path, "cur");
	return path;
}

/* No call fails by order any more. */
static inline void
disarm(void)
{
	for (int k = 0; k < FAULT_KINDS; k++)
		fault_arm((enum fault)k, 0, 0, false);
}

#endif
