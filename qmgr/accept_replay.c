/*
 * accept_replay.c - what the accept log has and the queue has not
 *
 * After a power cut a message that was accepted may have lost its file, or the
 * file its content: neither was flushed. The log has all of it, and is read
 * before the queue is. What was recorded as removed is not brought back; where
 * its file is still there it goes now. What stands in the queue whole is left
 * as it is, for it may have marks that the log does not know.
 *
 * Nothing is flushed here: what is written anew is in the log still, and stays
 * one of its messages (accept_ready.c flushes it in time).
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "os/file.h"
#include "os/loop.h"
#include "qmgr/accept_inside.h"
#include "qmgr/accept_log.h"
#include "qmgr/qmgr.h"
#include "queue/replay.h"

/* Room on the disk is looked for so often. */
enum { PAY_MS = 5000 };

static const enum place places[REPLAY_PLACES] = { PLACE_ACTIVE, PLACE_DEFERRED,
	PLACE_HOLD };

static void
removal_seen(void *log, const char *id)
{
	struct accept_log *l = log;

	for (size_t i = 0; i < REPLAY_PLACES; i++)
		if (file_unlink(l->q->folders[places[i]], id) == 0)
			log_info("%s: removed", id);
}

static bool
stands(struct accept_log *l, const char *id, struct replay_message *m)
{
	int folders[REPLAY_PLACES];

	for (size_t i = 0; i < REPLAY_PLACES; i++)
		folders[i] = l->q->folders[places[i]];
	return replay_stands(folders, id, m) != REPLAY_PLACES;
}

static enum place
place_of(const struct replay_message *m)
{
	return m->hold ? PLACE_HOLD : PLACE_ACTIVE;
}

/* False: the disk has no room. What is in the log and nowhere else may not be
 * passed over for any other reason. */
static bool
restore(struct accept_log *l, const char *id, const struct replay_message *m)
{
	if (replay_restore(l->fd, l->q->folders[PLACE_INCOMING],
		l->q->folders[place_of(m)], id, m) == 0) {
		log_warning("%s: written anew from the accept log", id);
		return true;
	}
	if (errno != ENOSPC && errno != EDQUOT)
		log_fatal("%s: write it anew from the accept log: %s", id,
		    strerror(errno));
	return false;
}

static bool
is_set_aside(struct accept_log *l, const char *id)
{
	struct stat st;

	return fstatat(l->q->folders[PLACE_CORRUPT], id, &st,
		   AT_SYMLINK_NOFOLLOW) == 0;
}

static void
id_of(struct span key, char id[QUEUE_ID_MAX + 1])
{
	must(key.n <= QUEUE_ID_MAX);
	memcpy(id, key.p, key.n);
	id[key.n] = '\0';
}

static void
compare(struct accept_log *l)
{
	char id[QUEUE_ID_MAX + 1];
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(l->found, &at, &key, &value)) {
		struct replay_message *f = value;

		id_of(key, id);
		ids_seen(l->q, key);
		if (is_set_aside(l, id) || stands(l, id, f) ||
		    restore(l, id, f))
			continue;
		f->owed = true;
		l->segments[f->segment].owed++;
	}
}

/* ---- a full disk */

/* They keep their segments from being written over, and are no part of the
 * queue until there is room: what is delivered meanwhile may make some. */
void
accept_found_all(struct accept_log *l)
{
	struct span key;
	void *value;
	size_t at = 0;

	l->owed = table_new();
	while (table_next(l->found, &at, &key, &value)) {
		struct replay_message *f = value;

		if (!f->owed)
			free(f);
		else
			(void)table_put(l->owed, key, f);
	}
	table_free(&l->found, NULL);
	if (table_count(l->owed) == 0)
		return;
	log_error("%zu messages wait in the accept log for room on the disk",
	    table_count(l->owed));
	loop_timer_set(l->owed_timer, PAY_MS);
}

static void
taken_up(struct accept_log *l, const char *id, const struct replay_message *f)
{
	struct message *m = message_load(l->q, id, place_of(f));

	if (m == NULL)
		return;
	m->log_number = f->number;
	list_add_tail(&l->segments[f->segment].live, &m->in_log);
	message_sleep(m);
	if (m->place == PLACE_ACTIVE)
		retry_now(m);
}

void
accept_pay(void *log)
{
	struct accept_log *l = log;
	char id[QUEUE_ID_MAX + 1];
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(l->owed, &at, &key, &value)) {
		struct replay_message *f = value;

		id_of(key, id);
		if (!restore(l, id, f))
			break;
		(void)table_remove(l->owed, span_str(id));
		l->segments[f->segment].owed--;
		taken_up(l, id, f);
		free(f);
	}
	if (table_count(l->owed) > 0)
		loop_timer_set(l->owed_timer, PAY_MS);
}

/* Numbers of this life. None that an older life may have left behind a torn
 * batch goes on from them, and nobody who sends mail can foresee them: its
 * content lies in the log too, at the begin of a page if he likes. */
static uint64_t
number_begin(uint64_t last)
{
	uint64_t random;

	must(getrandom(&random, sizeof(random), 0) == sizeof(random));
	return last == 0 ? random >> 2
			 : last + (UINT64_C(1) << 32 | random >> 32);
}

void
accept_replay(struct accept_log *l)
{
	struct replay r = {
		.fd = l->fd, .made = l->made, .removed = removal_seen, .arg = l
	};

	if (replay_read(&r) == -1)
		log_fatal("read the accept log: %s", strerror(errno));
	for (unsigned i = 0; i < l->made; i++) {
		l->segments[i].used = r.segments[i].used;
		l->segments[i].first = r.segments[i].first;
	}
	l->at = r.at;
	l->number = number_begin(r.last);
	l->oldest = l->oldest_durable = r.oldest;
	l->found = r.messages;
	r.messages = table_new();
	replay_done(&r);
	compare(l);
}

void
accept_log_found(struct message *m)
{
	struct accept_log *l = m->q->accept_log;
	struct replay_message *f;

	if (l->found == NULL)
		return;
	f = table_remove(l->found, span_str(m->id));
	if (f == NULL)
		return;
	m->log_number = f->number;
	list_add_tail(&l->segments[f->segment].live, &m->in_log);
	free(f);
}
