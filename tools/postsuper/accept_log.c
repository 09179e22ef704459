/*
 * accept_log.c - what only the accept log has, before postsuper works
 *
 * After a crash the log may have mail that is nowhere else, and what is deleted
 * would come back from it. So what it has is put into the queue, as a starting
 * qmgr does, but flushed, and the log is emptied. Each step leaves a state that
 * the next one, or qmgr, goes on from (docs/QUEUE.md): a message stands whole
 * and flushed before the log forgets it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "os/file.h"
#include "queue/accept.h"
#include "queue/replay.h"
#include "service/tool.h"
#include "tools/postsuper/inside.h"

static const enum folder places[REPLAY_PLACES] = { ACTIVE, DEFERRED, HOLD };

static void
removal_seen(void *arg, const char *id)
{
	struct stopped *s = arg;

	for (int i = 0; i < REPLAY_PLACES; i++)
		if (file_unlink(s->folders[places[i]], id) == 0)
			log_info("%s: removed", id);
}

static int
flush(struct stopped *s, const char *id, enum folder at)
{
	int fd = file_open(s->folders[at], id, O_RDWR, 0);
	int got = fd == -1 ? -1 : file_sync(fd);
	int error = errno;

	file_close(&fd);
	errno = error;
	return got;
}

/* Whole, in the queue and on the disk. */
static int
settle(struct stopped *s, const char *id, struct replay_message *m)
{
	int folders[REPLAY_PLACES];
	enum replay_place at;
	enum folder to;
	struct stat st;

	if (fstatat(s->folders[CORRUPT], id, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0; /* set aside */
	for (int i = 0; i < REPLAY_PLACES; i++)
		folders[i] = s->folders[places[i]];
	at = replay_stands(folders, id, m);
	to = at != REPLAY_PLACES ? places[at] : m->hold ? HOLD : ACTIVE;
	if (at == REPLAY_PLACES) {
		if (replay_restore(s->log, s->folders[INCOMING], s->folders[to],
			id, m) == -1)
			return -1;
		log_warning("%s: written anew from the accept log", id);
	}
	return flush(s, id, to);
}

/* How many could not be settled; errno is that of one of them. */
static size_t
settle_all(struct stopped *s)
{
	struct span key;
	void *value;
	size_t at = 0, left = 0;
	int error = 0;

	while (table_next(s->logged, &at, &key, &value)) {
		char *id = mem_span(key);

		if (settle(s, id, value) == -1) {
			error = errno;
			left++;
		}
		free(id);
	}
	for (int i = 0; i < REPLAY_PLACES && left == 0; i++)
		if (file_sync(s->folders[places[i]]) == -1) {
			error = errno;
			left = table_count(s->logged);
		}
	errno = error;
	return left;
}

/* Nothing is only in the log any more. */
static bool
empty(struct stopped *s)
{
	bool good = ftruncate(s->log, 0) == 0 && file_sync(s->log) == 0;

	if (!good)
		tool_warn(s->tool, "empty the accept log: %s", strerror(errno));
	else
		table_free(&s->logged, free);
	return good;
}

static bool
log_open(struct stopped *s, int spool)
{
	int folder = file_open_dir(spool, "accept", false);
	struct stat st = { .st_size = 0 };

	if (folder != -1)
		s->log = file_open(folder, "log", O_RDWR, 0);
	if (s->log == -1 && errno != ENOENT)
		tool_fatal(
		    s->tool, EX_UNAVAILABLE, "accept/log: %s", strerror(errno));
	file_close(&folder);
	if (s->log != -1 && fstat(s->log, &st) == -1)
		tool_fatal(
		    s->tool, EX_UNAVAILABLE, "accept/log: %s", strerror(errno));
	s->log_segments = (unsigned)((uint64_t)st.st_size / ACCEPT_SEGMENT);
	return st.st_size > 0;
}

void
bring_back(struct stopped *s, int spool)
{
	struct replay r = { .removed = removal_seen, .arg = s };
	size_t left;

	s->log = -1;
	if (!log_open(s, spool)) {
		file_close(&s->log);
		return;
	}
	r.fd = s->log;
	r.made = s->log_segments;
	if (replay_read(&r) == -1)
		tool_fatal(s->tool, EX_UNAVAILABLE, "read accept/log: %s",
		    strerror(errno));
	s->logged = r.messages;
	r.messages = table_new();
	replay_done(&r);
	left = settle_all(s);
	if (left == 0 && empty(s)) {
		file_close(&s->log);
		return;
	}
	if (left > 0 && errno != ENOSPC && errno != EDQUOT)
		tool_fatal(s->tool, EX_UNAVAILABLE,
		    "write what the accept log has: %s", strerror(errno));
	tool_warn(s->tool,
	    "%zu messages wait in the accept log for room on the disk", left);
}

void
bring_back_not(struct stopped *s, const char *id)
{
	if (s->logged != NULL)
		free(table_remove(s->logged, span_str(id)));
}

bool
bring_back_rest(struct stopped *s)
{
	bool good = s->logged == NULL || (settle_all(s) == 0 && empty(s));

	table_free(&s->logged, free);
	file_close(&s->log);
	return good;
}
