/*
 * stopped.c - postsuper's work on the files themselves, without a qmgr
 *
 * Each operation is one system call on a file, and leaves the state that a
 * starting qmgr expects (docs/QUEUE.md). What is to be tried at once goes to
 * active/. The accept log is emptied first: what is in it would come back. All
 * of it is done as mail_owner, to whom the queue belongs: a link or a folder
 * that stands in the way harms nobody else.
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
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/users.h"
#include "queue/qread.h"
#include "queue/structure.h"
#include "service/tool.h"
#include "tools/postsuper/inside.h"

/* What postdrop left is complete, or dead, after a day. */
enum { TEMP_AGE = 86400, DROP_ID_MAX = 32 };

const char *
stopped_folder(enum folder f)
{
	static const char *const names[FOLDERS] = { "maildrop", "incoming",
		"active", "deferred", "hold", "corrupt" };

	return names[f];
}

void
stopped_become_owner(const struct tool *t)
{
	const char *name = tool_value(t, "mail_owner");
	struct arena *a = arena_new();
	struct account owner;

	if (users_find(a, span_str(name), &owner) != USERS_FOUND)
		tool_fatal(
		    t, EX_CONFIG, "mail_owner = %s: no such account", name);
	if (geteuid() != owner.uid &&
	    users_become(owner.name, owner.uid, owner.gid) == -1)
		tool_fatal(t, EX_OSERR, "become %s: %s", name, strerror(errno));
	arena_free(&a);
}

static int
spool_open(const struct tool *t)
{
	const char *path = tool_value(t, "queue_directory");
	int spool = file_open_dir(AT_FDCWD, path, true);

	if (spool == -1)
		tool_fatal(
		    t, EX_UNAVAILABLE, "open %s: %s", path, strerror(errno));
	return spool;
}

struct stopped *
stopped_open(const struct tool *t)
{
	struct stopped *s = mem_new(sizeof(*s));
	int spool;

	stopped_become_owner(t);
	spool = spool_open(t);
	s->tool = t;
	s->in_order = true;
	for (int i = 0; i < FOLDERS; i++) {
		const char *name = stopped_folder((enum folder)i);

		s->folders[i] = file_open_dir(spool, name, false);
		if (s->folders[i] == -1)
			tool_fatal(t, EX_UNAVAILABLE, "open %s/: %s", name,
			    strerror(errno));
	}
	if (flock(s->folders[ACTIVE], LOCK_EX | LOCK_NB) == -1)
		tool_fatal(t, EX_TEMPFAIL,
		    "the queue is in use, and qmgr does not answer: %s",
		    strerror(errno));
	bring_back(s, spool);
	file_close(&spool);
	return s;
}

static bool
is_id(const char *name, enum folder at)
{
	struct span id = span_str(name);

	if (at != MAILDROP)
		return qread_id_ok(id);
	for (size_t i = 0; i < id.n; i++)
		if (!ascii_alnum(span_at(id, i)))
			return false;
	return id.n > 0 && id.n <= DROP_ID_MAX;
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

/* Those of corrupt/ go back into the queue, where qmgr looks at them again. */
static bool
operate_once(
    struct stopped *s, enum showq_op op, const char *id, enum folder at)
{
	switch (op) {
	case SHOWQ_DELETE:
		if (file_unlink(s->folders[at], id) == 0) {
			bring_back_not(s, id);
			return true;
		}
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

/* May this be done there? Mail of incoming/ and maildrop/ is not in the queue
 * yet: it can only be thrown away. */
static bool
makes_sense(enum showq_op op, enum folder at)
{
	return op == SHOWQ_DELETE || (op == SHOWQ_REQUEUE && at == CORRUPT) ||
	    (at >= ACTIVE && at <= HOLD);
}

static bool
operate(struct stopped *s, enum showq_op op, const char *id, enum folder at)
{
	static const char *const words[SHOWQ_OPS] = { "removed",
		"placed on hold", "released from hold", "requeued", "expired",
		"expired" };

	if (!makes_sense(op, at) || !operate_once(s, op, id, at))
		return false;
	log_info("%s: %s", id, words[op]);
	return true;
}

static DIR *
dir_open(const struct stopped *s, enum folder at)
{
	int fd = file_open_dir(s->folders[at], ".", false);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL)
		tool_fatal(s->tool, EX_UNAVAILABLE, "read %s/: %s",
		    stopped_folder(at), strerror(errno));
	return dir;
}

static uint64_t
folder_do(struct stopped *s, enum showq_op op, enum folder at)
{
	DIR *dir = dir_open(s, at);
	struct dirent *entry;
	uint64_t count = 0;

	while ((entry = readdir(dir)) != NULL)
		if (is_id(entry->d_name, at) &&
		    operate(s, op, entry->d_name, at))
			count++;
	closedir(dir);
	return count;
}

/* maildrop/ and corrupt/ only when they are named. */
static bool
is_meant(enum folder at, const char *queue)
{
	return *queue == '\0' ? at >= INCOMING && at <= HOLD
			      : strcmp(queue, stopped_folder(at)) == 0;
}

uint64_t
stopped_do(
    struct stopped *s, enum showq_op op, const char *id, const char *queue)
{
	uint64_t count = 0;
	struct stat st;

	for (int i = 0; i < FOLDERS; i++) {
		enum folder at = (enum folder)i;

		if (!is_meant(at, queue))
			continue;
		if (*id == '\0')
			count += folder_do(s, op, at);
		else if (fstatat(s->folders[i], id, &st, AT_SYMLINK_NOFOLLOW) ==
		    0)
			return operate(s, op, id, at) ? 1 : 0;
	}
	return count;
}

uint64_t
stopped_remove(const struct tool *t, const char *id, const char *queue)
{
	int spool = spool_open(t);
	struct stopped s = { .tool = t };
	uint64_t count = 0;

	for (int i = 0; i < FOLDERS; i++) {
		if (strcmp(queue, stopped_folder((enum folder)i)) != 0)
			continue;
		s.folders[i] = file_open_dir(spool, queue, false);
		if (s.folders[i] == -1)
			tool_fatal(t, EX_UNAVAILABLE, "open %s/: %s", queue,
			    strerror(errno));
		count = stopped_do(&s, SHOWQ_DELETE, id, queue);
		file_close(&s.folders[i]);
	}
	file_close(&spool);
	return count;
}

static void
found(void *arg, bool trouble, const char *text)
{
	struct stopped *s = arg;

	if (trouble)
		tool_warn(s->tool, "%s", text);
	else
		tool_say(s->tool, "%s", text);
}

static void
folder_structure(struct stopped *s, struct structure *t, enum folder at)
{
	const char *folder = stopped_folder(at);
	struct dirent *entry;
	DIR *dir;

	if (at != MAILDROP &&
	    structure_flatten(t, s->folders[at], folder) == -1)
		tool_warn(s->tool, "read %s/: %s", folder, strerror(errno));
	dir = dir_open(s, at);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (!is_id(entry->d_name, at))
			tool_warn(s->tool, "bogus file name: %s/%s", folder,
			    entry->d_name);
		else if (at != MAILDROP)
			(void)structure_mode(
			    t, s->folders[at], folder, entry->d_name);
	}
	closedir(dir);
}

void
stopped_structure(struct stopped *s, const char *queue)
{
	struct structure t = { .say = found, .arg = s };

	for (int i = 0; i < FOLDERS; i++)
		if (*queue == '\0' || is_meant((enum folder)i, queue))
			folder_structure(s, &t, (enum folder)i);
}

/* Nobody was told 250 for what is in incoming/; what postdrop has not completed
 * by now it never will. */
static bool
is_left_over(const struct stopped *s, const char *name, enum folder at)
{
	struct stat st;

	if (fstatat(s->folders[at], name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !is_id(name, at) || !S_ISREG(st.st_mode))
		return false;
	return at == INCOMING ||
	    (at == MAILDROP && (st.st_mode & S_IXUSR) == 0 &&
		st.st_mtime < clock_wall() - TEMP_AGE);
}

void
stopped_purge(struct stopped *s, const char *queue)
{
	for (int i = MAILDROP; i <= INCOMING; i++) {
		struct dirent *entry;
		DIR *dir;

		if (*queue != '\0' && !is_meant((enum folder)i, queue))
			continue;
		dir = dir_open(s, (enum folder)i);
		while ((entry = readdir(dir)) != NULL)
			if (is_left_over(s, entry->d_name, (enum folder)i) &&
			    file_unlink(s->folders[i], entry->d_name) == 0)
				log_info("%s: unfinished message removed",
				    entry->d_name);
		closedir(dir);
	}
}

bool
stopped_close(struct stopped **sp)
{
	struct stopped *s = *sp;
	bool good = s->in_order;

	/* where mail goes to before where it came from */
	for (int i = FOLDERS - 1; i >= 0; i--)
		if (file_sync(s->folders[i]) == -1) {
			tool_warn(s->tool, "flush %s/: %s",
			    stopped_folder((enum folder)i), strerror(errno));
			good = false;
		}
	if (!bring_back_rest(s)) {
		tool_warn(s->tool,
		    "the accept log has mail that the disk has no room for: "
		    "of it, what was deleted comes back");
		good = false;
	}
	for (int i = 0; i < FOLDERS; i++)
		file_close(&s->folders[i]);
	free(s);
	*sp = NULL;
	return good;
}
