/*
 * dotlock.c - lock files, as mail programs on a shared spool understand them
 *
 * The content is what liblockfile and procmail's successors write: the pid in
 * decimal. The second line, which they ignore, tells this machine and boot, so
 * that a pid is only ever asked about where it means something.
 */

#include "mailbox/dotlock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "os/clock.h"

enum { GONE_AFTER = 5, CONTENT_MAX = 200, PID_MAX = 1 << 22 };

/* Empty where it cannot be read (a chroot without /proc). */
static void
boot_id(struct buf *out)
{
	if (file_read_path("/proc/sys/kernel/random/boot_id", 100, out) == -1)
		buf_clear(out);
	buf_cut(out, span_trim_right(buf_span(out)).n);
}

static void
our_content(struct buf *out)
{
	struct buf boot = BUF_EMPTY;

	boot_id(&boot);
	buf_printf(out, "%d\n%s\n", (int)getpid(), buf_str(&boot));
	buf_free(&boot);
}

static int
read_lock(int dir, const char *name, struct stat *st, struct buf *out)
{
	int fd = file_open(dir, name, O_RDONLY | O_NONBLOCK, 0);
	int got = -1;

	if (fd == -1)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		got = file_read_all(fd, CONTENT_MAX, out);
	file_close(&fd);
	return got;
}

/* True when the lock tells its holder's boot, and he lives no more. */
static bool
holder_gone(struct span content)
{
	struct buf boot = BUF_EMPTY;
	struct span pid_line = { NULL, 0 }, boot_line = { NULL, 0 };
	bool gone = false;
	int pid;

	boot_id(&boot);
	if (!span_line(&content, &pid_line) ||
	    !span_line(&content, &boot_line) || boot_line.n == 0 || boot.n == 0)
		gone = false;
	else if (!span_eq(boot_line, buf_span(&boot)))
		gone = true;
	else if (number_parse_int(span_trim(pid_line), 1, PID_MAX, &pid))
		gone = kill(pid, 0) == -1 && errno == ESRCH;
	buf_free(&boot);
	return gone;
}

/* The name may be another's by the time we remove it: what is removed is first
 * taken aside, and looked at there. */
static void
break_lock(int dir, const char *name, const struct stat *seen)
{
	char *aside = mem_printf("%s.%d.stale", name, (int)getpid());
	struct stat st;

	if (file_rename(dir, name, dir, aside) == 0) {
		if (fstatat(dir, aside, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (st.st_ino != seen->st_ino || st.st_dev != seen->st_dev) &&
		    linkat(dir, aside, dir, name, 0) == -1)
			log_warning("lock file %s: broken though it was fresh: "
				    "%s",
			    name, strerror(errno));
		(void)file_unlink(dir, aside);
	}
	free(aside);
}

/* True when there was a stale lock and it is gone now. */
static bool
broke_stale(int dir, const char *name, int stale_s)
{
	struct buf content = BUF_EMPTY;
	struct stat st;
	bool stale = false;
	int64_t age;

	if (read_lock(dir, name, &st, &content) == 0) {
		age = clock_wall() - st.st_mtime;
		stale =
		    (age >= GONE_AFTER && holder_gone(buf_span(&content))) ||
		    (stale_s > 0 && age >= stale_s);
	}
	if (stale)
		break_lock(dir, name, &st);
	buf_free(&content);
	return stale;
}

/* link() may report failure on NFS although it was done: the count of names
 * tells. */
static enum dotlock_result
link_lock(int dir, const char *own, const char *name)
{
	struct stat st;
	int got = linkat(dir, own, dir, name, 0);
	int error = errno;

	if (fstatat(dir, own, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return DOTLOCK_TROUBLE;
	if (got == 0 || st.st_nlink == 2)
		return DOTLOCK_TAKEN;
	errno = error;
	return error == EEXIST ? DOTLOCK_HELD : DOTLOCK_TROUBLE;
}

static enum dotlock_result
try_linked(int dir, const char *own, const char *name, int stale_s)
{
	enum dotlock_result got = link_lock(dir, own, name);

	if (got == DOTLOCK_HELD && broke_stale(dir, name, stale_s))
		got = link_lock(dir, own, name);
	return got;
}

static enum dotlock_result
write_and_try(int dir, const char *own, const char *name, int stale_s)
{
	struct buf content = BUF_EMPTY;
	int fd = file_open(dir, own, O_WRONLY | O_CREAT | O_EXCL, 0444);
	int got;

	if (fd == -1)
		return DOTLOCK_TROUBLE;
	our_content(&content);
	got = file_write(fd, buf_span(&content));
	buf_free(&content);
	file_close(&fd);
	return got == -1 ? DOTLOCK_TROUBLE
			 : try_linked(dir, own, name, stale_s);
}

enum dotlock_result
dotlock_try(int dir, const char *name, int stale_s)
{
	char *own = mem_printf("%s.%d.%llx", name, (int)getpid(),
	    (unsigned long long)clock_wall_us());
	enum dotlock_result got = write_and_try(dir, own, name, stale_s);
	int error = errno;

	(void)file_unlink(dir, own);
	free(own);
	errno = error;
	return got;
}

static bool
is_ours(int dir, const char *name)
{
	struct buf there = BUF_EMPTY, ours = BUF_EMPTY;
	struct stat st;
	bool same;

	our_content(&ours);
	same = read_lock(dir, name, &st, &there) == 0 &&
	    span_eq(buf_span(&there), buf_span(&ours));
	buf_free(&there);
	buf_free(&ours);
	return same;
}

void
dotlock_drop(int dir, const char *name)
{
	if (is_ours(dir, name))
		(void)file_unlink(dir, name);
}

void
dotlock_touch(int dir, const char *name)
{
	(void)utimensat(dir, name, NULL, AT_SYMLINK_NOFOLLOW);
}
