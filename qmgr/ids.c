/*
 * ids.c - queue ids are not used twice, whatever the clock shows
 *
 * Each id is greater than the last. After a restart the clock may have been
 * set back: so none is made below those that lie in the spool, nor below the
 * mark in accept/last_id, which is always some time ahead of the last id that
 * was made. It is moved on at most once in STEP, and only while mail comes; an
 * orderly stop leaves the last id itself there.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"
#include "base/table.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/syncpool.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "queue/qid.h"

enum { TRIES = 1000, DIGITS = 20 };
#define STEP_US UINT64_C(30000000)

void
ids_seen(struct qmgr *q, struct span id)
{
	uint64_t us = qid_time(id);

	if (us > q->last_id)
		q->last_id = us;
}

static uint64_t
mark_read(int fd)
{
	char text[DIGITS];
	uint64_t us = 0;
	char id[QID_MAX + 1];

	if (file_read_at(fd, text, DIGITS, 0) == -1 ||
	    !number_parse(span_of(text, DIGITS), 0, UINT64_MAX, &us))
		return 0;
	qid_put(us, false, id); /* no mark beyond what an id can be */
	return qid_time(span_str(id));
}

void
ids_start(struct qmgr *q)
{
	int folder = file_open_dir(q->spool, "accept", false);
	uint64_t mark;

	q->id_fd = folder == -1
	    ? -1
	    : file_open(folder, "last_id", O_RDWR | O_CREAT, 0600);
	if (q->id_fd == -1)
		log_warning("open accept/last_id: %s", strerror(errno));
	file_close(&folder);
	if (q->id_fd == -1)
		return;
	mark = mark_read(q->id_fd);
	if (mark > q->last_id)
		q->last_id = mark;
}

/* In place: one sector, so it is the old mark or the new one. */
static bool
mark_write(struct qmgr *q, uint64_t us)
{
	char text[DIGITS + 2];

	snprintf(text, sizeof(text), "%020llu\n", (unsigned long long)us);
	if (file_write_at(q->id_fd, span_of(text, DIGITS + 1), 0) == 0)
		return true;
	log_warning("write accept/last_id: %s", strerror(errno));
	return false;
}

static void
flushed(void *arg, int error)
{
	(void)arg;
	if (error != 0)
		log_warning("flush accept/last_id: %s", strerror(error));
}

/* The flush is not waited for: it protects from a power cut and a clock that
 * is wrong after it, both within a moment. */
static void
mark_move(struct qmgr *q)
{
	if (q->last_id + STEP_US / 2 < q->id_mark)
		return;
	q->id_mark = q->last_id + STEP_US;
	if (q->id_fd != -1 && mark_write(q, q->id_mark))
		syncpool_sync(q->pool, q->id_fd, flushed, q);
}

void
ids_stop(struct qmgr *q)
{
	if (q->id_fd != -1 && q->id_mark > 0)
		(void)mark_write(q, q->last_id);
}

int
spool_create(struct qmgr *q, char id[QUEUE_ID_MAX + 1])
{
	for (int i = 0; i < TRIES; i++) {
		uint64_t now = (uint64_t)clock_wall_us();
		int fd;

		q->last_id = now > q->last_id ? now : q->last_id + 1;
		qid_put(q->last_id, q->conf->enable_long_queue_ids, id);
		if (table_get(q->messages, span_str(id)) != NULL)
			continue;
		mark_move(q);
		fd = file_open(q->folders[PLACE_INCOMING], id,
		    O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd != -1 || errno != EEXIST)
			return fd;
	}
	errno = EEXIST;
	return -1;
}
