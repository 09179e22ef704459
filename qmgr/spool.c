/*
 * spool.c - files of the spool, by id
 *
 * An id is the time of its making in microseconds, upper-case hexadecimal or in
 * the long form of enable_long_queue_ids, and
 * never used twice: qmgr alone makes them, each greater than the last, and a
 * file that stands there already moves it on. No name from outside is ever
 * used as one unless spool_id_ok() says that it has this form.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "base/must.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/syncpool.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "queue/qread.h"

enum { TRIES = 1000, INODES_LOW = 200, SPACE_EVERY_MS = 500 };

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

/* The id's time in the form of Postfix: without vowels, seconds (six digits and
 * more), microseconds (four), and behind a 'z' what makes a name of its own
 * there and is not needed here. */
static void
id_long(uint64_t us, char id[QUEUE_ID_MAX + 1])
{
	static const char digits[] =
	    "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	uint64_t parts[2] = { us % 1000000, us / 1000000 };
	char text[QUEUE_ID_MAX + 1] = "z0";
	size_t n = 0;

	/* from the end: microseconds, then seconds */
	for (int part = 0; part < 2; part++)
		for (size_t i = 0; parts[part] > 0 || i < (part == 0 ? 4U : 6U);
		     i++) {
			must(n + 2 < QUEUE_ID_MAX);
			id[n++] = digits[parts[part] % 52];
			parts[part] /= 52;
		}
	for (size_t i = 0; i < n / 2; i++) {
		char c = id[i];

		id[i] = id[n - 1 - i];
		id[n - 1 - i] = c;
	}
	memcpy(id + n, text, 3);
}

int
spool_create(struct qmgr *q, char id[QUEUE_ID_MAX + 1])
{
	for (int i = 0; i < TRIES; i++) {
		uint64_t now = (uint64_t)clock_wall_us();
		int fd;

		q->last_id = now > q->last_id ? now : q->last_id + 1;
		if (q->conf->enable_long_queue_ids)
			id_long(q->last_id, id);
		else
			snprintf(id, QUEUE_ID_MAX + 1, "%llX",
			    (unsigned long long)q->last_id);
		if (table_get(q->messages, span_str(id)) != NULL)
			continue;
		fd = file_open(q->folders[PLACE_INCOMING], id,
		    O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd != -1 || errno != EEXIST)
			return fd;
	}
	errno = EEXIST;
	return -1;
}

int
spool_open_read(struct qmgr *q, const struct message *m)
{
	return file_open(q->folders[m->place], m->id, O_RDONLY, 0);
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
