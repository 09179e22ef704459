/*
 * file.c - files by descriptor of their folder
 *
 * The one place that writes, flushes and renames, so that tests can make any
 * of it fail (os/fault.h).
 */

#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/fault.h"

enum { READ_LEAST = 4096 };

int
file_open(int dir, const char *name, int flags, mode_t mode)
{
	if ((flags & O_CREAT) != 0 && fault_now(FAULT_OPEN))
		return -1;
	return openat(
	    dir, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
}

int
file_open_dir(int dir, const char *name, bool links)
{
	return openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | (links ? 0 : O_NOFOLLOW));
}

int
file_close(int *fd)
{
	int had = *fd;

	*fd = -1;
	return had == -1 ? 0 : close(had);
}

int
file_write(int fd, struct span s)
{
	while (s.n > 0) {
		ssize_t n;

		if (fault_now(FAULT_WRITE))
			return -1;
		n = write(fd, s.p, s.n);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		s = span_skip(s, (size_t)n);
	}
	return 0;
}

int
file_write_at(int fd, struct span s, uint64_t offset)
{
	while (s.n > 0) {
		ssize_t n;

		if (fault_now(FAULT_WRITE))
			return -1;
		n = pwrite(fd, s.p, s.n, (off_t)offset);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		s = span_skip(s, (size_t)n);
		offset += (uint64_t)n;
	}
	return 0;
}

int
file_read_at(int fd, void *p, size_t n, uint64_t offset)
{
	char *to = p;

	while (n > 0) {
		ssize_t got = pread(fd, to, n, (off_t)offset);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0) {
			errno = 0;
			return -1;
		}
		to += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

int
file_read_all(int fd, size_t max, struct buf *out)
{
	size_t begun = out->n;

	for (;;) {
		/* What is large will be larger; but mostly the end is all that
		 * is left to be seen, and for that any room will do. */
		size_t step = out->n - begun < 65536 ? 16384 : 262144;
		size_t left = out->cap - out->n;
		ssize_t n;

		if (out->n > begun && left >= READ_LEAST && left < step)
			step = left;
		n = read(fd, buf_room(out, step), step);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		out->n += (size_t)n;
		if (out->n - begun > max) {
			errno = EFBIG;
			return -1;
		}
	}
}

int
file_read_path(const char *path, size_t max, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int got, error;

	if (fd == -1)
		return -1;
	got = file_read_all(fd, max, out);
	error = errno;
	close(fd);
	errno = error;
	return got;
}

int
file_sync(int fd)
{
	return fault_now(FAULT_SYNC) ? -1 : fsync(fd);
}

int
file_sync_data(int fd)
{
	return fault_now(FAULT_SYNC) ? -1 : fdatasync(fd);
}

void
file_sync_begin(int fd)
{
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* Cutting off nothing would cost a file system a transaction all the same. */
int
file_cut(int fd, uint64_t n)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	return (uint64_t)st.st_size <= n ? 0 : ftruncate(fd, (off_t)n);
}

int
file_rename(int from_dir, const char *from, int to_dir, const char *to)
{
	return fault_now(FAULT_LINK) ? -1
				     : renameat(from_dir, from, to_dir, to);
}

int
file_link(int from_dir, const char *from, int to_dir, const char *to)
{
	return fault_now(FAULT_LINK) ? -1
				     : linkat(from_dir, from, to_dir, to, 0);
}

int
file_unlink(int dir, const char *name)
{
	return unlinkat(dir, name, 0);
}

static int
replace_opened(
    int dir, const char *name, const char *fresh, int fd, struct span content)
{
	int folder, got;

	if (file_write(fd, content) == -1 || file_sync(fd) == -1 ||
	    file_rename(dir, fresh, dir, name) == -1)
		return -1;
	folder = file_open_dir(dir, ".", false);
	if (folder == -1)
		return -1;
	got = file_sync(folder);
	file_close(&folder);
	return got;
}

int
file_replace(int dir, const char *name, struct span content, mode_t mode)
{
	char *fresh = mem_printf("%s.tmp.%d", name, (int)getpid());
	int fd, got, error;

	(void)file_unlink(dir, fresh); /* ours, of a process that has ended */
	fd = file_open(dir, fresh, O_WRONLY | O_CREAT | O_EXCL, mode);
	got = fd == -1 ? -1 : replace_opened(dir, name, fresh, fd, content);
	error = errno;
	if (file_close(&fd) == -1 && got == 0) {
		got = -1;
		error = errno;
	}
	if (got == -1)
		(void)file_unlink(dir, fresh);
	free(fresh);
	errno = error;
	return got;
}

/* Numbers of <linux/magic.h> and of the file systems' own headers. */
bool
file_type_has_our_clock(uint64_t type)
{
	static const uint32_t ours[] = {
		0xef53, /* ext2, ext3, ext4 */
		0x58465342, /* xfs */
		0x9123683e, /* btrfs */
		0xca451a4e, /* bcachefs */
		0xf2f52010, /* f2fs */
		0x2fc12fc1, /* zfs */
		0x3153464a, /* jfs */
		0x52654973, /* reiserfs */
		0x3434, /* nilfs2 */
		0xf15f, /* ecryptfs */
		0x01021994, /* tmpfs */
		0x858458f6, /* ramfs */
		0x794c7630 /* overlayfs */
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if ((uint32_t)type == ours[i])
			return true;
	return false;
}

bool
file_clock_is_ours(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 &&
	    file_type_has_our_clock((uint64_t)fs.f_type);
}

bool
file_clock_is_ours_at(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 &&
	    file_type_has_our_clock((uint64_t)fs.f_type);
}

int
file_make_dirs(int dir, const char *name, mode_t mode)
{
	struct span all = span_str(name);
	int got = 0;

	for (size_t i = 1; i <= all.n && got == 0; i++) {
		char *part;

		if (i < all.n && name[i] != '/')
			continue;
		part = mem_span(span_head(all, i));
		if (mkdirat(dir, part, mode) == -1 && errno != EEXIST)
			got = -1;
		free(part);
	}
	return got;
}
