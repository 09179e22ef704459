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

#include "base/arena.h"
#include "base/crc.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "os/file.h"
#include "os/loop.h"
#include "qmgr/accept_inside.h"
#include "qmgr/accept_log.h"
#include "qmgr/qmgr.h"
#include "queue/accept.h"
#include "queue/qread.h"

/* A message of the log that was not removed, as far as the log knows. */
struct found {
	uint64_t number; /* of its batch */
	unsigned segment;
	bool hold;
	bool owed; /* it could not be written for lack of room */
	uint64_t content_at, content; /* in the log: offset, octets */
	uint64_t tail; /* octets behind it */
};

/* One segment at a time is in memory. */
struct reader {
	struct accept_log *l;
	char *bytes;
	uint64_t last; /* number of the last batch of all, or 0 */
	uint64_t oldest; /* what that says */
};

static const enum place places[] = { PLACE_ACTIVE, PLACE_DEFERRED, PLACE_HOLD };
/* Room on the disk is looked for so often. */
enum { PLACES_LIVE = 3, PAY_MS = 5000 };

/* ---- reading the log */

static struct span
segment_read(struct reader *r, unsigned i)
{
	if (file_read_at(r->l->fd, r->bytes, ACCEPT_SEGMENT,
		(uint64_t)i * ACCEPT_SEGMENT) == -1)
		log_fatal("read the accept log: %s", strerror(errno));
	return span_of(r->bytes, ACCEPT_SEGMENT);
}

/* The batches of a segment follow each other; what is left of an older turn
 * has another number. */
static bool
batch_next(struct span *rest, uint64_t *number, struct accept_batch *out)
{
	if (!accept_batch_get(*rest, out) ||
	    (*number != 0 && out->number != *number + 1))
		return false;
	*number = out->number;
	*rest = span_skip(*rest, out->size);
	return true;
}

/* Where the segment begins, and whether the last batch of all is here. What
 * stands behind that may be of an older life: nothing is written there. */
static void
segment_look(struct reader *r, unsigned i)
{
	struct accept_log *l = r->l;
	struct span rest = segment_read(r, i);
	struct accept_batch b;
	uint64_t number = 0;

	while (batch_next(&rest, &number, &b)) {
		if (l->segments[i].first == 0)
			l->segments[i].first = b.number;
		if (b.number <= r->last)
			continue;
		r->last = b.number;
		r->oldest = b.oldest;
		l->at = i;
	}
}

static void
message_seen(struct accept_log *l, const struct accept_record *record,
    uint64_t number, unsigned segment, uint64_t at)
{
	struct found *f = mem_new(sizeof(*f));

	f->number = number;
	f->segment = segment;
	f->hold = record->hold;
	f->content_at = at;
	f->content = record->content.n;
	f->tail = record->tail.n;
	free(table_put(l->found, record->id, f));
}

static void
removal_seen(struct accept_log *l, struct span id)
{
	char name[QUEUE_ID_MAX + 1];

	free(table_remove(l->found, id));
	memcpy(name, id.p, id.n);
	name[id.n] = '\0';
	for (size_t i = 0; i < PLACES_LIVE; i++)
		if (file_unlink(l->q->folders[places[i]], name) == 0)
			log_info("%s: removed", name);
}

static void
segment_records(struct reader *r, unsigned i)
{
	struct accept_log *l = r->l;
	struct span rest = segment_read(r, i);
	struct accept_batch b;
	struct accept_record record;
	uint64_t number = 0;

	while (batch_next(&rest, &number, &b)) {
		if (number < r->oldest)
			continue;
		l->segments[i].used = true;
		while (accept_record_next(&b.records, &record)) {
			if (!spool_id_ok(record.id))
				continue;
			if (record.removed)
				removal_seen(l, record.id);
			else
				message_seen(l, &record, number, i,
				    (uint64_t)i * ACCEPT_SEGMENT +
					(uint64_t)(record.content.p -
					    r->bytes));
		}
	}
}

/* In the order in which they were written. */
static void
records_read(struct reader *r)
{
	struct accept_log *l = r->l;
	uint64_t done = 0;

	for (;;) {
		unsigned best = l->made;

		for (unsigned i = 0; i < l->made; i++)
			if (l->segments[i].first > done &&
			    (best == l->made ||
				l->segments[i].first < l->segments[best].first))
				best = i;
		if (best == l->made)
			return;
		done = l->segments[best].first;
		segment_records(r, best);
	}
}

/* ---- the queue beside it */

static bool
content_is(int fd, uint64_t size, uint32_t crc)
{
	char *bytes = mem_array((size_t)size + 1, 1);
	bool same = file_read_at(fd, bytes, (size_t)size, 0) == 0 &&
	    crc_add(0, span_of(bytes, (size_t)size)) == crc;

	free(bytes);
	return same;
}

bool
accept_file_is_whole(int fd, uint64_t content)
{
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first;
	uint64_t whole;
	bool good = qread(fd, a, &e, &first, &whole) == 0 &&
	    first.content_size == content &&
	    content_is(fd, content, first.content_crc);

	arena_free(&a);
	return good;
}

/* The folder where the message stands whole, or PLACES. One that is damaged or
 * cannot be opened as message_load() will open it is removed: the log has it.
 */
static enum place
stands_in(struct accept_log *l, const char *id, struct found *f)
{
	for (size_t i = 0; i < PLACES_LIVE; i++) {
		int folder = l->q->folders[places[i]];
		int fd = file_open(folder, id, O_RDWR, 0);
		bool good;

		if (fd == -1 && errno == ENOENT)
			continue;
		good = fd != -1 && accept_file_is_whole(fd, f->content);
		file_close(&fd);
		if (good)
			return places[i];
		f->hold = f->hold || places[i] == PLACE_HOLD;
		(void)file_unlink(folder, id);
	}
	return PLACES;
}

static int
copy_back(struct accept_log *l, int fd, const struct found *f)
{
	size_t n = (size_t)(f->content + f->tail);
	char *bytes = mem_array(n + 1, 1);
	uint64_t head = f->content_at;
	int got = file_read_at(l->fd, bytes, n, head);

	if (got == 0)
		got = file_write(fd, span_of(bytes, n));
	free(bytes);
	return got;
}

static enum place
place_of(const struct found *f)
{
	return f->hold ? PLACE_HOLD : PLACE_ACTIVE;
}

/* False: the disk has no room. What is in the log and nowhere else may not be
 * passed over for any other reason. */
static bool
restore(struct accept_log *l, const char *id, const struct found *f)
{
	int incoming = l->q->folders[PLACE_INCOMING];
	int fd, got, error;

	(void)file_unlink(incoming, id);
	fd = file_open(incoming, id, O_RDWR | O_CREAT | O_EXCL, 0600);
	got = fd == -1 ? -1 : copy_back(l, fd, f);
	if (got == 0)
		got = spool_move(l->q, id, PLACE_INCOMING, place_of(f));
	error = got == 0 ? 0 : errno;
	file_close(&fd);
	if (error == 0) {
		log_warning("%s: written anew from the accept log", id);
		return true;
	}
	if (error != ENOSPC && error != EDQUOT)
		log_fatal("%s: write it anew from the accept log: %s", id,
		    strerror(error));
	(void)file_unlink(incoming, id);
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
		struct found *f = value;

		id_of(key, id);
		if (is_set_aside(l, id) || stands_in(l, id, f) != PLACES ||
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
		struct found *f = value;

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
taken_up(struct accept_log *l, const char *id, const struct found *f)
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
		struct found *f = value;

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
	struct reader r = { .l = l };

	l->found = table_new();
	r.bytes = mem_array(ACCEPT_SEGMENT, 1);
	for (unsigned i = 0; i < l->made; i++)
		segment_look(&r, i);
	l->number = number_begin(r.last);
	l->oldest = l->oldest_durable = r.oldest;
	records_read(&r);
	free(r.bytes);
	compare(l);
}

void
accept_log_found(struct message *m)
{
	struct accept_log *l = m->q->accept_log;
	struct found *f;

	if (l->found == NULL)
		return;
	f = table_remove(l->found, span_str(m->id));
	if (f == NULL)
		return;
	m->log_number = f->number;
	list_add_tail(&l->segments[f->segment].live, &m->in_log);
	free(f);
}
