/*
 * admit.c - one session at a time, and not too often
 *
 * One empty file beside the mail: its lock belongs to the session, and goes
 * with it whatever happens; its time is that of the last login.
 */

#include "pop3d/admit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "os/clock.h"
#include "os/file.h"

#define NAME "facteur.pop3"

static bool
locked(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &l) == 0 ||
	    (errno != EAGAIN && errno != EACCES);
}

/* A time that lies ahead is no login of ours: the clock was set back. */
static bool
is_early(const struct stat *st, int64_t delay)
{
	int64_t ago = clock_wall() - (int64_t)st->st_mtime;

	return st->st_size > 0 && ago >= 0 && ago < delay;
}

/* One octet says that the file's time is that of a login. */
static bool
note_login(int fd)
{
	return pwrite(fd, "+", 1, 0) == 1 && futimens(fd, NULL) == 0;
}

enum admit
admit(int dir, bool lock, int64_t delay, int *fd)
{
	struct stat st;

	*fd = -1;
	if (!lock && delay <= 0)
		return ADMIT_YES;
	*fd = file_open(dir, NAME, O_RDWR | O_CREAT, 0600);
	if (*fd == -1 || fstat(*fd, &st) == -1) {
		log_warning(NAME ": %s", strerror(errno));
		file_close(fd);
		return ADMIT_YES;
	}
	if (lock && !locked(*fd))
		return ADMIT_IN_USE;
	if (delay > 0 && is_early(&st, delay))
		return ADMIT_EARLY;
	if (delay > 0 && !note_login(*fd))
		log_warning(NAME ": %s", strerror(errno));
	return ADMIT_YES;
}
