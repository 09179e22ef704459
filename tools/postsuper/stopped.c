/*
 * stopped.c - postsuper's work on the files themselves, without a qmgr
 *
 * Each operation is one system call on a file, and leaves the state that a
 * starting qmgr expects (docs/QUEUE.md). What is to be tried at once goes to
 * active/. The accept log must be empty, as an orderly stop leaves it: what is
 * in it would come back.
 */

#include "tools/postsuper/stopped.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/mem.h"
#include "os/file.h"
#include "queue/qread.h"
#include "service/tool.h"

/* In the order in which they are walked: what moves to active/ is not met a
 * second time, nor what moves to hold/, where nothing is done to it. */
enum folder { ACTIVE, DEFERRED, HOLD, FOLDERS };

struct stopped {
	const struct tool *tool;
	int folders[FOLDERS];
};

static const char *const names[FOLDERS] = { "active", "deferred", "hold" };

static void
log_must_be_empty(const struct tool *t, int spool)
{
	struct stat st;

	if (fstatat(spool, "accept/log", &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno != ENOENT)
			tool_fatal(t, EX_UNAVAILABLE, "accept/log: %s",
			    strerror(errno));
	} else if (st.st_size > 0) {
		tool_fatal(t, EX_UNAVAILABLE,
		    "the mail system is down, and did not end in order: its "
		    "accept log has mail; start it first");
	}
}

struct stopped *
stopped_open(const struct tool *t)
{
	struct stopped *s = mem_new(sizeof(*s));
	int spool =
	    file_open_dir(AT_FDCWD, tool_value(t, "queue_directory"), false);

	s->tool = t;
	for (int i = 0; i < FOLDERS; i++) {
		s->folders[i] = file_open_dir(spool, names[i], false);
		if (s->folders[i] == -1)
			tool_fatal(t, EX_UNAVAILABLE, "open %s/: %s", names[i],
			    strerror(errno));
	}
	if (flock(s->folders[ACTIVE], LOCK_EX | LOCK_NB) == -1)
		tool_fatal(t, EX_TEMPFAIL,
		    "the queue is in use, and qmgr does not answer: %s",
		    strerror(errno));
	log_must_be_empty(t, spool);
	file_close(&spool);
	return s;
}

static bool
move(struct stopped *s, const char *id, enum folder from, enum folder to)
{
	if (from == to ||
	    file_rename(s->folders[from], id, s->folders[to], id) == 0)
		return true;
	tool_warn(s->tool, "%s: %s", id, strerror(errno));
	return false;
}

/* Through a descriptor: what is no file, or another's, is not touched. */
static bool
expire(struct stopped *s, const char *id, enum folder at)
{
	int fd = file_open(s->folders[at], id, O_RDONLY | O_NONBLOCK, 0);
	struct stat st, folder;
	bool good = fd != -1 && fstat(fd, &st) == 0 &&
	    fstat(s->folders[at], &folder) == 0;

	if (good && (!S_ISREG(st.st_mode) || st.st_uid != folder.st_uid)) {
		errno = EPERM;
		good = false;
	}
	good = good && fchmod(fd, 0700) == 0;
	if (!good)
		tool_warn(s->tool, "%s: %s", id, strerror(errno));
	file_close(&fd);
	return good;
}

static bool
operate(struct stopped *s, enum showq_op op, const char *id, enum folder at)
{
	switch (op) {
	case SHOWQ_DELETE:
		if (file_unlink(s->folders[at], id) == 0)
			return true;
		tool_warn(s->tool, "%s: %s", id, strerror(errno));
		return false;
	case SHOWQ_HOLD:
		return at != HOLD && move(s, id, at, HOLD);
	case SHOWQ_RELEASE:
		return at == HOLD && move(s, id, at, ACTIVE);
	case SHOWQ_REQUEUE:
		return move(s, id, at, ACTIVE);
	case SHOWQ_EXPIRE:
		return expire(s, id, at) &&
		    (at == HOLD || move(s, id, at, ACTIVE));
	case SHOWQ_EXPIRE_RELEASE:
		return expire(s, id, at) && move(s, id, at, ACTIVE);
	case SHOWQ_OPS:
		break;
	}
	return false;
}

static uint64_t
folder_do(struct stopped *s, enum showq_op op, enum folder at)
{
	int fd = file_open_dir(s->folders[at], ".", false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t count = 0;

	if (dir == NULL)
		tool_fatal(s->tool, EX_UNAVAILABLE, "read %s/: %s", names[at],
		    strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (qread_id_ok(span_str(entry->d_name)) &&
		    operate(s, op, entry->d_name, at))
			count++;
	closedir(dir);
	return count;
}

uint64_t
stopped_do(
    struct stopped *s, enum showq_op op, const char *id, const char *queue)
{
	uint64_t count = 0;
	struct stat st;

	for (int i = 0; i < FOLDERS; i++) {
		if (*queue != '\0' && strcmp(queue, names[i]) != 0)
			continue;
		if (*id == '\0')
			count += folder_do(s, op, (enum folder)i);
		else if (fstatat(s->folders[i], id, &st, AT_SYMLINK_NOFOLLOW) ==
		    0)
			return operate(s, op, id, (enum folder)i) ? 1 : 0;
	}
	return count;
}

int
stopped_close(struct stopped **sp)
{
	struct stopped *s = *sp;
	int got = 0;

	/* where mail goes to before where it came from */
	for (int i = FOLDERS - 1; i >= 0; i--)
		if (file_sync(s->folders[i]) == -1)
			got = -1;
	for (int i = 0; i < FOLDERS; i++)
		file_close(&s->folders[i]);
	free(s);
	*sp = NULL;
	return got;
}
