/*
 * replay.c - what the accept log has and the queue may have not
 *
 * One segment at a time is in memory. Batches of a segment follow each other;
 * what is left of an older turn has another number. The newest batch says which
 * is the oldest that still counts.
 */

#include "queue/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/table.h"
#include "os/file.h"
#include "queue/accept.h"
#include "queue/qfile.h"
#include "queue/qread.h"
#include "queue/structure.h"

/* A log, and one of its segments. */
struct reader {
	struct replay *r;
	char *bytes;
	unsigned i;
};

static int
segment_read(struct reader *s, unsigned i, struct span *rest)
{
	s->i = i;
	*rest = span_of(s->bytes, ACCEPT_SEGMENT);
	return file_read_at(
	    s->r->fd, s->bytes, ACCEPT_SEGMENT, (uint64_t)i * ACCEPT_SEGMENT);
}

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
 * stands behind that may be of an older life. */
static int
segment_look(struct reader *s, unsigned i)
{
	struct replay *r = s->r;
	struct accept_batch b;
	uint64_t number = 0;
	struct span rest;

	if (segment_read(s, i, &rest) == -1)
		return -1;
	while (batch_next(&rest, &number, &b)) {
		if (r->segments[i].first == 0)
			r->segments[i].first = b.number;
		if (b.number <= r->last)
			continue;
		r->last = b.number;
		r->oldest = b.oldest;
		r->at = i;
	}
	return 0;
}

static void
message_seen(
    struct reader *s, const struct accept_record *record, uint64_t number)
{
	struct replay_message *m = mem_new(sizeof(*m));

	m->number = number;
	m->segment = s->i;
	m->hold = record->hold;
	m->content_at = (uint64_t)s->i * ACCEPT_SEGMENT +
	    (uint64_t)(record->content.p - s->bytes);
	m->content = record->content.n;
	m->tail = record->tail.n;
	free(table_put(s->r->messages, record->id, m));
}

static void
removal_seen(struct replay *r, struct span id)
{
	char *name = mem_span(id);

	free(table_remove(r->messages, id));
	r->removed(r->arg, name);
	free(name);
}

static int
segment_records(struct reader *s, unsigned i)
{
	struct replay *r = s->r;
	struct accept_record record;
	struct accept_batch b;
	uint64_t number = 0;
	struct span rest;

	if (segment_read(s, i, &rest) == -1)
		return -1;
	while (batch_next(&rest, &number, &b)) {
		if (number < r->oldest)
			continue;
		r->segments[i].used = true;
		while (accept_record_next(&b.records, &record)) {
			if (!qread_id_ok(record.id))
				continue;
			if (record.removed)
				removal_seen(r, record.id);
			else
				message_seen(s, &record, number);
		}
	}
	return 0;
}

/* In the order in which they were written. */
static int
records_read(struct reader *s)
{
	struct replay *r = s->r;
	uint64_t done = 0;

	for (;;) {
		unsigned best = r->made;

		for (unsigned i = 0; i < r->made; i++)
			if (r->segments[i].first > done &&
			    (best == r->made ||
				r->segments[i].first < r->segments[best].first))
				best = i;
		if (best == r->made)
			return 0;
		done = r->segments[best].first;
		if (segment_records(s, best) == -1)
			return -1;
	}
}

int
replay_read(struct replay *r)
{
	struct reader s = { .r = r };
	int got = 0;

	r->messages = table_new();
	r->segments = mem_array(r->made + 1, sizeof(*r->segments));
	memset(r->segments, 0, (r->made + 1) * sizeof(*r->segments));
	r->last = r->oldest = 0;
	s.bytes = mem_array(ACCEPT_SEGMENT, 1);
	for (unsigned i = 0; i < r->made && got == 0; i++)
		got = segment_look(&s, i);
	if (got == 0)
		got = records_read(&s);
	free(s.bytes);
	return got;
}

void
replay_done(struct replay *r)
{
	table_free(&r->messages, free);
	free(r->segments);
	r->segments = NULL;
}

static void
say_nothing(void *arg, bool trouble, const char *text)
{
	(void)arg;
	(void)trouble;
	(void)text;
}

/* A wrong mode is no reason to lose its marks. */
static int
open_there(int folder, const char *id)
{
	struct structure s = { .say = say_nothing };
	int fd = file_open(folder, id, O_RDWR, 0);

	if (fd == -1 && errno == EACCES && structure_mode(&s, folder, "", id))
		fd = file_open(folder, id, O_RDWR, 0);
	return fd;
}

enum replay_place
replay_stands(
    const int folders[REPLAY_PLACES], const char *id, struct replay_message *m)
{
	for (int i = 0; i < REPLAY_PLACES; i++) {
		int fd = open_there(folders[i], id);
		bool good;

		if (fd == -1 && errno == ENOENT)
			continue;
		good = fd != -1 && qread_is_whole(fd, m->content);
		file_close(&fd);
		if (good)
			return (enum replay_place)i;
		m->hold = m->hold || i == REPLAY_HOLD;
		(void)file_unlink(folders[i], id);
	}
	return REPLAY_PLACES;
}

static int
copy_back(int log, int fd, const struct replay_message *m)
{
	size_t n = (size_t)(m->content + m->tail);
	char *bytes = mem_array(n + 1, 1);
	int got = file_read_at(log, bytes, n, m->content_at);

	if (got == 0)
		got = file_write(fd, span_of(bytes, n));
	free(bytes);
	return got;
}

int
replay_restore(int log, int incoming, int to, const char *id,
    const struct replay_message *m)
{
	int fd, got, error;

	(void)file_unlink(incoming, id);
	fd = file_open(incoming, id, O_RDWR | O_CREAT | O_EXCL, 0600);
	got = fd == -1 ? -1 : copy_back(log, fd, m);
	if (got == 0)
		got = file_rename(incoming, id, to, id);
	error = errno;
	file_close(&fd);
	if (got == -1)
		(void)file_unlink(incoming, id);
	errno = error;
	return got;
}
