/* side_file.c - small files beside a folder's messages, read and written whole
 */

#include "mailbox/side_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "base/buf.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "mailbox/uidlist.h"
#include "os/clock.h"
#include "os/file.h"

enum { LOCK_NAP_MS = 10 };

int
side_trouble(const struct maildir *m, const char *what, const char *file,
    struct why *why)
{
	int error = errno;

	why_set(why, error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
	    "cannot %s %s/%s: %s", what, maildir_path(m), file,
	    strerror(error));
	errno = error;
	return -1;
}

int
side_read(int dir, const char *file, size_t max, struct buf *out)
{
	int fd = file_open(dir, file, O_RDONLY, 0), got, error;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	got = file_read_all(fd, max, out);
	error = errno;
	file_close(&fd);
	errno = error;
	return got == -1 ? -1 : 1;
}

/* Whoever has the folder open can hold it for ever: -1 with ETIMEDOUT then. */
static int
lock_wait(int fd, int64_t wait_ms)
{
	static const struct timespec nap = { 0, LOCK_NAP_MS * 1000000 };
	int64_t until = clock_ms() + (wait_ms > 0 ? wait_ms : UIDLIST_LOCK_MS);

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (clock_ms() >= until) {
			errno = ETIMEDOUT;
			return -1;
		}
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}

int
side_lock(
    const struct maildir *m, const char *file, int64_t wait_ms, struct why *why)
{
	/* of an own description, so that it ends with it */
	int lock = file_open_dir(maildir_dir(m), ".", false), error;

	if (lock != -1 && lock_wait(lock, wait_ms) == 0)
		return lock;
	error = errno;
	file_close(&lock);
	errno = error;
	return side_trouble(m, "lock", file, why);
}
