/*
 * spool.c - files of the spool, by id
 *
 * No name from outside is ever used as an id unless spool_id_ok() says that it
 * has the form of one; ids.c makes them.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/syncpool.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "queue/qread.h"

enum { INODES_LOW = 200, SPACE_EVERY_MS = 500 };

const char *
place_name(enum place p)
{
	static const char *const names[PLACES] = { "incoming", "active",
		"deferred", "hold", "corrupt" };

	return names[p];
}

/* For as long as we live: postsuper works on the files itself while it has the
 * lock instead. The folder is its owner's alone, and so is the lock. */
static void
lock(int folder)
{
	if (flock(folder, LOCK_EX | LOCK_NB) == 0)
		return;
	log_warning(
	    "the queue is in use by postsuper or another qmgr: waiting");
	while (flock(folder, LOCK_EX) == -1)
		if (errno != EINTR)
			log_fatal("lock the queue: %s", strerror(errno));
}

void
spool_open(struct qmgr *q)
{
	q->spool = file_open_dir(AT_FDCWD, "/", false);
	if (q->spool == -1)
		log_fatal("open the spool: %s", strerror(errno));
	for (int p = 0; p < PLACES; p++) {
		q->folders[p] =
		    file_open_dir(q->spool, place_name((enum place)p), false);
		if (q->folders[p] == -1)
			log_fatal("open %s/: %s", place_name((enum place)p),
			    strerror(errno));
		q->folder_sync[p] = syncpool_dir_new(q->pool, q->folders[p]);
	}
	lock(q->folders[PLACE_ACTIVE]);
}

int
spool_open_read(struct qmgr *q, const struct message *m)
{
	return file_open(q->folders[m->place], m->id, O_RDONLY, 0);
}

void
spool_read_end(struct qmgr *q, const struct message *m)
{
	if (m == NULL || q->reading != m)
		return;
	file_close(&q->reading_fd);
	q->reading = NULL;
}

int
spool_reading(struct qmgr *q, const struct message *m)
{
	if (q->reading == m)
		return q->reading_fd;
	spool_read_end(q, q->reading);
	q->reading_fd = spool_open_read(q, m);
	if (q->reading_fd != -1)
		q->reading = m;
	return q->reading_fd;
}

int
spool_move(struct qmgr *q, const char *id, enum place from, enum place to)
{
	return file_rename(q->folders[from], id, q->folders[to], id);
}

bool
spool_is_low(struct qmgr *q)
{
	struct statvfs s;
	uint64_t wanted = q->conf->queue_minfree;
	int64_t now = clock_ms();

	if (q->space_checked_ms != 0 &&
	    now - q->space_checked_ms < SPACE_EVERY_MS)
		return q->space_low;
	q->space_checked_ms = now;
	if (wanted == 0)
		wanted = q->conf->message_size_limit / 2 * 3;
	q->space_low = false;
	if (fstatvfs(q->spool, &s) == -1)
		return false;
	if ((uint64_t)s.f_bavail < wanted / s.f_frsize ||
	    (s.f_files > 0 && s.f_favail < INODES_LOW)) {
		q->space_low = true;
		log_warning("not enough free space in mail queue: %llu bytes "
			    "wanted, %llu inodes free",
		    (unsigned long long)wanted, (unsigned long long)s.f_favail);
	}
	return q->space_low;
}

bool
spool_id_ok(struct span id)
{
	return qread_id_ok(id);
}
