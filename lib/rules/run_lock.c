/*
 * run_lock.c - lock files of recipes and of LOCKFILE
 *
 * A lock that is held is waited for; one that nobody touched for LOCKTIMEOUT is
 * broken. One that cannot be made at all is said, and the delivery goes on, as
 * rc files expect: a mailbox file has the kernel's lock in any case.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "mailbox/dotlock.h"
#include "os/clock.h"
#include "os/file.h"
#include "rules/run.h"

enum { FIRST_NAP_MS = 10, TROUBLE_TRIES = 3, WAIT_MAX_MS = 3600 * 1000 };

static void
nap(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static bool
is_old(const char *name, long timeout)
{
	struct stat st;

	return timeout > 0 && lstat(name, &st) == 0 &&
	    clock_wall() - st.st_mtime > timeout;
}

/* A lock nobody holds any more: its owner gets a while before we go on. */
static void
force(struct agent *a, const char *name)
{
	long suspend = a->numbers[NUMBER_SUSPEND];

	run_say_name(a, "Forcing lock on", span_str(name));
	if (suspend > 0 && suspend < 60)
		nap(suspend * 1000);
	run_verbose_name(a, "Locking", span_str(name));
}

static enum dotlock_result
take(struct agent *a, const char *name)
{
	long timeout = a->numbers[NUMBER_LOCKTIMEOUT];
	int64_t most = a->numbers[NUMBER_LOCKSLEEP] * 1000;
	int64_t ms = FIRST_NAP_MS, until = clock_ms() + WAIT_MAX_MS;
	enum dotlock_result got;
	bool forced = false;

	for (int troubles = 0;;) {
		if (is_old(name, timeout) && !forced) {
			force(a, name);
			forced = true;
		}
		got = dotlock_try(AT_FDCWD, name,
		    timeout > 0 && timeout < INT32_MAX ? (int)timeout : 0);
		if (got == DOTLOCK_TAKEN || clock_ms() > until)
			return got;
		if (got == DOTLOCK_TROUBLE &&
		    (errno == ENOENT || errno == ENOTDIR || errno == EROFS ||
			errno == EACCES || ++troubles >= TROUBLE_TRIES))
			return got;
		nap(ms < most ? ms : most);
		ms = ms < most ? ms * 2 : most;
	}
}

bool
run_lock(struct agent *a, struct lock_file *l, struct span name)
{
	char *path = mem_span(name);

	if (a->global.name != NULL && span_is(name, a->global.name)) {
		run_say_name(a, "Deadlock attempted on", name);
		free(path);
		return false;
	}
	run_verbose_name(a, "Locking", name);
	if (a->s.dry) {
		free(path);
		return true;
	}
	if (take(a, path) != DOTLOCK_TAKEN) {
		run_say_name(a, "Lock failure on", name);
		free(path);
		return false;
	}
	l->dir = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->dir == -1)
		l->dir = AT_FDCWD;
	l->name = path;
	return true;
}

void
run_unlock(struct agent *a, struct lock_file *l)
{
	if (l->name == NULL)
		return;
	run_verbose_name(a, "Unlocking", span_str(l->name));
	dotlock_drop(l->dir, l->name);
	if (l->dir >= 0)
		file_close(&l->dir);
	l->dir = -1;
	mem_free(&l->name);
}
