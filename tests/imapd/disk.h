/*
 * disk.h - calls that change files, with an end at the nth of them
 *
 * They are ours here instead of the C library's, by their names for the linker.
 * In the session that is watched each is counted, and what it would take to
 * undo it is noted until it is flushed. At the end the process is killed, or
 * the power is cut: then what was not flushed is gone as well. The order of
 * names is kept, as by a journal: of those not flushed a last part is lost. A
 * folder's flush keeps its names and all before them, a file's its bytes alone.
 */

#ifndef TESTS_IMAPD_DISK_H
#define TESTS_IMAPD_DISK_H

#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "tests/mailbox/scratch.h"

enum disk_end {
	DISK_KILL, /* the process ends, the machine does not */
	DISK_TORN, /* the same in the middle of a write */
	DISK_CUT, /* nothing stays that was not flushed */
	DISK_NAMES, /* names stay, bytes that were not flushed do not */
	DISK_MIXED, /* names up to some point stay, and some files' bytes */
	DISK_ENDS
};

struct disk_plan {
	pid_t parent; /* of the session; 0: nothing is watched */
	unsigned at; /* the call before which the end comes; 0: none */
	unsigned passed; /* calls since at was set */
	enum disk_end how;
	unsigned seed;
	bool ended;
	char stash[256]; /* a folder for what may come back */
};

/* Shared with the session. */
static struct disk_plan *disk_plan;

enum { DISK_OPS = 4096, DISK_KEPT = 256 };

enum disk_kind { DISK_MADE, DISK_MKDIR, DISK_RENAME, DISK_UNLINK, DISK_RMDIR };

struct disk_op {
	enum disk_kind kind;
	int from, to; /* folders, kept open */
	char from_name[NAME_MAX + 1], to_name[NAME_MAX + 1];
	unsigned stashed; /* what the name had before; 0: nothing */
};

struct disk_file {
	dev_t dev;
	ino_t ino;
	int fd;
	bool folder;
	size_t last; /* of a folder: ops before this one touched it */
	bool dirty; /* of a file: was is what is flushed of it */
	struct buf was;
};

/* Of the session alone. */
static struct disk_op disk_ops[DISK_OPS];
static size_t disk_count, disk_flushed;
static struct disk_file disk_files[DISK_KEPT];
static size_t disk_file_count;
static unsigned disk_stashed;
static bool disk_inside;

static inline bool
disk_watched(void)
{
	return disk_plan != NULL && disk_plan->parent != 0 && !disk_inside &&
	    getpid() != disk_plan->parent;
}

/* What is noted of the file or folder that is open there; NULL: of a socket. */
static inline struct disk_file *
disk_file(int fd)
{
	struct disk_file *f;
	struct stat st;
	char path[64];

	if (fstat(fd, &st) == -1 ||
	    !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return NULL;
	for (size_t i = 0; i < disk_file_count; i++)
		if (disk_files[i].ino == st.st_ino &&
		    disk_files[i].dev == st.st_dev)
			return &disk_files[i];
	if (disk_file_count == DISK_KEPT)
		abort();
	f = &disk_files[disk_file_count++];
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->folder = S_ISDIR(st.st_mode);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	f->fd =
	    open(path, f->folder ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CLOEXEC);
	if (f->fd == -1)
		abort();
	return f;
}

static inline const char *
disk_stash_name(unsigned n)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/%u", disk_plan->stash, n);
	return path;
}

/* What name holds is to come back; 0 when it holds nothing. */
static inline unsigned
disk_keep(int dir, const char *name)
{
	if (syscall(SYS_linkat, dir, name, AT_FDCWD,
		disk_stash_name(disk_stashed + 1), 0) == -1)
		return 0;
	return ++disk_stashed;
}

static inline struct disk_op *
disk_note(enum disk_kind kind, int from, const char *from_name)
{
	struct disk_op *op = &disk_ops[disk_count];
	struct disk_file *f = disk_file(from);

	if (disk_count == DISK_OPS || f == NULL ||
	    strchr(from_name, '/') != NULL)
		abort();
	op->kind = kind;
	op->from = op->to = f->fd;
	(void)snprintf(op->from_name, sizeof(op->from_name), "%s", from_name);
	f->last = ++disk_count;
	return op;
}

static inline void
disk_undo(const struct disk_op *op)
{
	switch (op->kind) {
	case DISK_MADE:
		(void)syscall(SYS_unlinkat, op->from, op->from_name, 0);
		break;
	case DISK_MKDIR:
		(void)syscall(
		    SYS_unlinkat, op->from, op->from_name, AT_REMOVEDIR);
		break;
	case DISK_RENAME:
		(void)syscall(
		    SYS_renameat, op->to, op->to_name, op->from, op->from_name);
		if (op->stashed != 0)
			(void)syscall(SYS_linkat, AT_FDCWD,
			    disk_stash_name(op->stashed), op->to, op->to_name,
			    0);
		break;
	case DISK_UNLINK:
		(void)syscall(SYS_linkat, AT_FDCWD,
		    disk_stash_name(op->stashed), op->from, op->from_name, 0);
		break;
	case DISK_RMDIR:
		(void)syscall(SYS_mkdirat, op->from, op->from_name, 0700);
		break;
	}
}

static inline unsigned
disk_random(void)
{
	disk_plan->seed = disk_plan->seed * 1103515245U + 12345U;
	return disk_plan->seed >> 16;
}

/* Bytes that were not flushed: as before, or zeros where they should be. */
static inline void
disk_lose_bytes(struct disk_file *f, bool zeros)
{
	struct stat st;

	if (fstat(f->fd, &st) == -1 || syscall(SYS_ftruncate, f->fd, 0) == -1 ||
	    syscall(SYS_pwrite64, f->fd, f->was.p, f->was.n, 0) == -1)
		abort();
	if (zeros && (size_t)st.st_size > f->was.n)
		(void)syscall(SYS_ftruncate, f->fd, st.st_size);
}

static inline void
disk_lose(void)
{
	size_t to = disk_flushed;

	if (disk_plan->how == DISK_NAMES)
		to = disk_count;
	else if (disk_plan->how == DISK_MIXED)
		to += disk_random() % (disk_count - disk_flushed + 1);
	while (disk_count > to)
		disk_undo(&disk_ops[--disk_count]);
	for (size_t i = 0; i < disk_file_count; i++) {
		struct disk_file *f = &disk_files[i];
		unsigned way = disk_plan->how == DISK_MIXED ? disk_random() : 1;

		if (f->dirty && way % 3 != 0)
			disk_lose_bytes(f, way % 3 == 2);
	}
}

static inline void
disk_stop(void)
{
	disk_inside = true;
	disk_plan->ended = true;
	if (disk_plan->how >= DISK_CUT)
		disk_lose();
	(void)kill(getpid(), SIGKILL);
}

/* The session came to its own end: then only the power can be cut. */
static inline void
disk_at_exit(void)
{
	if (disk_watched() && disk_plan->at != 0 && disk_plan->how >= DISK_CUT)
		disk_stop();
}

/* Before each call; true when it is to be done half, then the end comes. */
static inline bool
disk_before(void)
{
	if (disk_plan->at == 0 || ++disk_plan->passed != disk_plan->at)
		return false;
	if (disk_plan->how == DISK_TORN)
		return true;
	disk_stop();
	return false;
}

/* The file's bytes are about to change. */
static inline void
disk_change(int fd)
{
	struct disk_file *f = disk_file(fd);
	struct stat st;
	ssize_t n;

	if (f == NULL || f->dirty || fstat(fd, &st) == -1)
		return;
	buf_clear(&f->was);
	n = pread(f->fd, buf_room(&f->was, (size_t)st.st_size + 1),
	    (size_t)st.st_size, 0);
	if (n != st.st_size)
		abort();
	f->was.n = (size_t)n;
	f->dirty = true;
}

/* --- the calls --- */

#define DISK_CALL(name) __asm__(#name)

ssize_t disk_write(int fd, const void *p, size_t n) DISK_CALL(write);
ssize_t
disk_pwrite(int fd, const void *p, size_t n, off_t at) DISK_CALL(pwrite);
int disk_ftruncate(int fd, off_t n) DISK_CALL(ftruncate);
int disk_fsync(int fd) DISK_CALL(fsync);
int disk_fdatasync(int fd) DISK_CALL(fdatasync);
int disk_openat(int dir, const char *name, int flags, ...) DISK_CALL(openat);
int disk_mkdirat(int dir, const char *name, mode_t mode) DISK_CALL(mkdirat);
int disk_renameat(int from, const char *from_name, int to, const char *to_name)
    DISK_CALL(renameat);
int disk_linkat(int from, const char *from_name, int to, const char *to_name,
    int flags) DISK_CALL(linkat);
int disk_unlinkat(int dir, const char *name, int flags) DISK_CALL(unlinkat);

ssize_t
disk_write(int fd, const void *p, size_t n)
{
	struct stat st;
	bool half;

	if (!disk_watched() || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return syscall(SYS_write, fd, p, n);
	half = disk_before();
	disk_change(fd);
	if (!half)
		return syscall(SYS_write, fd, p, n);
	(void)syscall(SYS_write, fd, p, n / 2);
	disk_stop();
	return -1;
}

ssize_t
disk_pwrite(int fd, const void *p, size_t n, off_t at)
{
	bool half;

	if (!disk_watched())
		return syscall(SYS_pwrite64, fd, p, n, at);
	half = disk_before();
	disk_change(fd);
	if (!half)
		return syscall(SYS_pwrite64, fd, p, n, at);
	(void)syscall(SYS_pwrite64, fd, p, n / 2, at);
	disk_stop();
	return -1;
}

/* Those that cannot be done half are done, and then the end comes. */
static inline int
disk_after(bool half, long got)
{
	if (half)
		disk_stop();
	return (int)got;
}

int
disk_ftruncate(int fd, off_t n)
{
	bool half = false;

	if (disk_watched()) {
		half = disk_before();
		disk_change(fd);
	}
	return disk_after(half, syscall(SYS_ftruncate, fd, n));
}

static inline int
disk_flush(int fd)
{
	struct disk_file *f;
	bool half;

	if (!disk_watched())
		return 0;
	half = disk_before();
	f = disk_file(fd);
	if (f != NULL && f->folder && f->last > disk_flushed)
		disk_flushed = f->last;
	if (f != NULL)
		f->dirty = false;
	return disk_after(half, 0);
}

int
disk_fsync(int fd)
{
	return disk_flush(fd);
}

int
disk_fdatasync(int fd)
{
	return disk_flush(fd);
}

int
disk_openat(int dir, const char *name, int flags, ...)
{
	bool half = false, watched = disk_watched() && (flags & O_CREAT) != 0;
	unsigned mode = 0;
	struct stat st;
	va_list ap;
	int fd;

	va_start(ap, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(ap, unsigned);
	va_end(ap);
	watched = watched && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1;
	if (watched)
		half = disk_before();
	fd = (int)syscall(SYS_openat, dir, name, flags, mode);
	if (watched && fd != -1)
		(void)disk_note(DISK_MADE, dir, name);
	return disk_after(half, fd);
}

int
disk_mkdirat(int dir, const char *name, mode_t mode)
{
	bool half = false, watched = disk_watched();
	long got;

	if (watched)
		half = disk_before();
	got = syscall(SYS_mkdirat, dir, name, mode);
	if (watched && got == 0)
		(void)disk_note(DISK_MKDIR, dir, name);
	return disk_after(half, got);
}

int
disk_renameat(int from, const char *from_name, int to, const char *to_name)
{
	bool half = false, watched = disk_watched();
	unsigned stashed = 0;
	struct disk_op *op;
	long got;

	if (watched) {
		half = disk_before();
		stashed = disk_keep(to, to_name);
	}
	got = syscall(SYS_renameat, from, from_name, to, to_name);
	if (watched && got == 0) {
		op = disk_note(DISK_RENAME, from, from_name);
		op->to = disk_file(to)->fd;
		disk_file(to)->last = disk_count;
		(void)snprintf(op->to_name, sizeof(op->to_name), "%s", to_name);
		op->stashed = stashed;
	}
	return disk_after(half, got);
}

int
disk_linkat(
    int from, const char *from_name, int to, const char *to_name, int flags)
{
	bool half = false, watched = disk_watched();
	long got;

	if (watched)
		half = disk_before();
	got = syscall(SYS_linkat, from, from_name, to, to_name, flags);
	if (watched && got == 0)
		(void)disk_note(DISK_MADE, to, to_name);
	return disk_after(half, got);
}

int
disk_unlinkat(int dir, const char *name, int flags)
{
	bool half = false, watched = disk_watched();
	unsigned stashed = 0;
	long got;

	if (watched && (flags & AT_REMOVEDIR) == 0)
		stashed = disk_keep(dir, name);
	if (watched && ((flags & AT_REMOVEDIR) != 0 || stashed != 0))
		half = disk_before();
	got = syscall(SYS_unlinkat, dir, name, flags);
	if (watched && got == 0)
		disk_note(
		    (flags & AT_REMOVEDIR) != 0 ? DISK_RMDIR : DISK_UNLINK, dir,
		    name)
		    ->stashed = stashed;
	return disk_after(half, got);
}

#endif
